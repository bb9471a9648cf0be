// A slice of what `npm run robustness` tries in full, on virtual time: a few seeds, a few kills, and a judge that is not always content.
import { describe, expect, test } from "vitest";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { runCrashesOfAllModes } from "./crashes/run-crashes.ts";
import { seedSystem } from "./seeds/seed-system.ts";
import { playTrial } from "./seeds/trial.ts";
import { judge } from "./seeds/verdict.ts";

const WITHIN_MS = 300_000;
const log = (): void => undefined;
const clean = { broken: [], lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0 };

describe("an upgrade while instances run, with a fault at one step", () => {
  test(
    "[DP-9] every killed instance is run again once, nothing else is, nothing is left behind (10 seeds)",
    async () => {
      const figures = await runSeedsOf(seedSystem, { seeds: 10, first: 1, workers: 2, log });
      expect(figures).toMatchObject(clean);
      expect(figures.seeds?.counted).toBeGreaterThan(8);
    },
    WITHIN_MS,
  );
  test(
    "[DP-9] a re-run that is given up and comes late is waited for, and not sent a second time",
    async () => {
      const trial = { seed: 1, fault: { kind: "request late", at: { mode: "downtime", step: "run again" } }, mode: "downtime" } as const;
      const result = await playTrial(trial);
      expect([result.bit, result.work.killed > 0, judge(result).broken]).toEqual([true, true, []]);
    },
    WITHIN_MS,
  );
  test(
    "what somebody else runs again is seen by the judge",
    async () => {
      const { work } = await playTrial({ seed: 1, fault: null, mode: "downtime", sabotage: true });
      expect(work.rerunTwice.length).toBeGreaterThan(2);
    },
    WITHIN_MS,
  );
});

test(
  "[DP-9] killed at an instant of a whole upgrade and resumed: the same end, nothing killed or run again twice",
  async () => {
    const figures = await runCrashesOfAllModes({ every: 24, seed: 3, only: null, workers: 2, log });
    expect(figures).toMatchObject({ ...clean, unclear: 0 });
    expect(figures.instants + figures.boundaries).toBeGreaterThan(4);
  },
  WITHIN_MS,
);
