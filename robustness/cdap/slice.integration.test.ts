// A slice of what `npm run robustness` tries in full, on virtual time: a few seeds, a few kills, and a judge that is not always content.
import { describe, expect, test } from "vitest";
import { runCrashes } from "../harness/crash-trial.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { runSeeds } from "./seeds/run-seeds.ts";
import { playTrial } from "./seeds/trial.ts";

const WITHIN_MS = 300_000;
const log = (): void => undefined;
const clean = { broken: [], lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0 };

describe("an upgrade while programs run, with a fault at one step", () => {
  test(
    "[CD-2] [CD-7] [CD-13] [CD-17] no loss where none was said to be possible, every run started again once, nothing upgraded twice (10 seeds)",
    async () => {
      const figures = await runSeeds({ seeds: 10, first: 1, workers: 2, log });
      expect(figures).toMatchObject(clean);
      expect(figures.seeds?.counted).toBeGreaterThan(8);
    },
    WITHIN_MS,
  );
  test(
    "a budget that somebody cuts after the plan was made costs records that no verdict spoke of, and the judge says so",
    async () => {
      const { ended, work } = await playTrial({ seed: 1, fault: null, of: "applications", sabotage: true });
      expect(ended.outcome?.is).toBe("succeeded");
      expect(work.contradicted.join()).toContain("default.clicks");
    },
    WITHIN_MS,
  );
});

test(
  "killed at an instant of a whole upgrade and resumed: the same end, nothing started twice",
  async () => {
    const figures = await runCrashes(crashTrial, { every: 24, seed: 3, only: null, workers: 2, log });
    expect(figures).toMatchObject({ ...clean, unclear: 0 });
    expect(figures.instants + figures.boundaries).toBeGreaterThan(5);
  },
  WITHIN_MS,
);
