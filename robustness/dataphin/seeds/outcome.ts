// What is kept of one seed: small, and it crosses threads.
import type { SeedOutcome as Outcome } from "../../harness/run-seeds.ts";
import { playTrial } from "./trial.ts";
import { brokenBars, replayOf, trialOf, unexpected, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
}
export interface SeedOutcome extends Outcome {
  readonly mode: string;
  readonly killed: number;
}

export async function seedOutcome({ seed }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed);
  const { kind, at } = options.fault;
  const result = await playTrial(options);
  const { work, ended } = result;
  return {
    seed,
    kind,
    at,
    mode: options.mode,
    uncounted: whyUncounted(result, kind),
    broken: brokenBars(result).map((bar) => `${bar}; ${replayOf(seed)}`),
    // Work that was ended and never came back.
    lost: work.notRerun.length,
    leftovers: work.leftovers.length + work.notUpgraded.length,
    extraRestarts: work.realtimeRestarts,
    doubleActions: work.rerunTwice.length + work.rerunForNothing.length + work.twice.length,
    questions: unexpected(ended),
    killed: work.killed,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { fault, mode } = trialOf(seed);
  const none = { lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0, questions: 0, killed: 0 };
  return { seed, ...fault, mode, uncounted: "it did not end", broken: [`${why}; ${replayOf(seed)}`], ...none };
}
