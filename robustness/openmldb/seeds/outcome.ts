// What is kept of one seed: small, and it crosses threads.
import { unended, withReplay } from "../../harness/judgement.ts";
import type { SeedOutcome as Outcome } from "../../harness/run-seeds.ts";
import { playTrial, type FenceChoice } from "./trial.ts";
import { judge, replayOf, trialOf, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
  readonly fence: FenceChoice;
}
export interface SeedOutcome extends Outcome {
  readonly pauses: number;
  readonly moves: number;
  readonly acknowledged: number;
}

export async function seedOutcome({ seed, fence }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed, fence);
  const { kind, step } = options.fault;
  const result = await playTrial(options);
  const { ended, moves, acknowledged } = result;
  return {
    ...withReplay(judge(result, fence), replayOf(seed, fence)),
    seed,
    kind,
    at: step,
    uncounted: whyUncounted(result),
    pauses: ended.pauses.length,
    moves: moves.length,
    acknowledged,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed, fence }: SeedTask, why: string): SeedOutcome {
  const { kind, step } = trialOf(seed, fence).fault;
  const none = { pauses: 0, moves: 0, acknowledged: 0 };
  return { ...withReplay(unended(why), replayOf(seed, fence)), ...none, seed, kind, at: step, uncounted: "it did not end" };
}
