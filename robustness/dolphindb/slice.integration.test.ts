// A slice of what `npm run robustness` tries in full, on virtual time: a few seeds, and a few kills.
import { describe, expect, test } from "vitest";
import { runCrashes } from "../harness/crash-trial.ts";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { seedSystem } from "./seeds/seed-system.ts";

const WITHIN_MS = 900_000;
const log = (): void => undefined;
const clean = { broken: [], lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0 };

describe("a grayscale upgrade with a fault at one step of a host's turn", () => {
  test(
    "[DD-2] [DD-15] [DD-20] [DD-22] nothing is lost, nothing is left over, every node is restarted once (8 seeds)",
    async () => {
      const figures = await runSeedsOf(seedSystem, { seeds: 8, first: 1, workers: 2, log });
      expect(figures).toMatchObject(clean);
      expect(figures.seeds?.counted).toBe(8);
    },
    WITHIN_MS,
  );
});

test(
  "[DD-17] [DD-20] killed at an instant of a whole upgrade and resumed: the same end, recovery resumed and restart interval restored on every controller",
  async () => {
    const figures = await runCrashes(crashTrial, { every: 70, seed: 3, only: null, workers: 2, log });
    expect(figures).toMatchObject({ ...clean, unclear: 0 });
    expect(figures.instants + figures.boundaries).toBeGreaterThan(5);
  },
  WITHIN_MS,
);
