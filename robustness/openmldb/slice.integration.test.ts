// A slice of what `npm run robustness` tries in full, on virtual time: two hundred seeds, kills, and the vendor's procedure.
import { describe, expect, test } from "vitest";
import { runCrashes } from "../harness/crash-trial.ts";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { runLosses } from "./losses/run-losses.ts";
import { seedsWith } from "./seeds/seed-system.ts";

const WITHIN_MS = 900_000;
const log = (): void => undefined;
const clean = { broken: [], lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0 };

describe("an upgrade with a fault in the middle of a leader move", () => {
  test.each([
    ["partition", 168],
    ["tablet", 28],
    ["hook", 4],
  ] as const)(
    "[OM-3] [OM-4] fence %s: nothing is lost, nothing is left over, nothing happens twice (%i seeds)",
    async (fence, seeds) => {
      const figures = await runSeedsOf(seedsWith(fence), { seeds, first: 1, workers: 2, log });
      expect(figures).toMatchObject(clean);
      expect(figures.seeds?.counted).toBe(seeds);
    },
    WITHIN_MS,
  );
});

test(
  "[OM-10] killed at an instant of a whole upgrade and resumed: the same end, nothing twice",
  async () => {
    const figures = await runCrashes(crashTrial, { every: 40, seed: 3, only: null, workers: 2, log });
    expect(figures).toMatchObject({ ...clean, unclear: 0 });
    expect(figures.instants + figures.boundaries).toBeGreaterThan(15);
  },
  WITHIN_MS,
);

test(
  "[OM-4] without a fence the vendor's procedure loses rows by every cause, and what metadata tells is what clients miss",
  async () => {
    const figures = await runLosses({ seeds: 18, first: 1, workers: 2, log });
    expect(figures.broken).toEqual([]);
    expect(figures.lost).toBeGreaterThan(0);
    for (const cause of ["A", "B", "C", "D", "E", "F"]) expect(figures.faults[`cause ${cause}`]).toBeGreaterThan(0);
  },
  WITHIN_MS,
);
