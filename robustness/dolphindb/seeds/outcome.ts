// What is kept of one seed: small, and it crosses threads.
import { unended, withReplay } from "../../harness/judgement.ts";
import type { SeedOutcome as Outcome } from "../../harness/run-seeds.ts";
import { playTrial } from "./trial.ts";
import { judge, replayOf, trialOf, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
}
export interface SeedOutcome extends Outcome {
  readonly pauses: number;
  readonly acknowledged: number;
  readonly resent: number;
  readonly longestStallMs: number;
}

export async function seedOutcome({ seed }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed);
  const { kind, at } = options.fault;
  const result = await playTrial(options);
  const { rows, ended } = result;
  return {
    ...withReplay(judge(result), replayOf(seed)),
    seed,
    kind,
    at,
    uncounted: whyUncounted(result),
    pauses: ended.pauses.length,
    acknowledged: rows.acknowledged,
    resent: rows.duplicatedByClient.length,
    longestStallMs: rows.longestStallMs,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { kind, at } = trialOf(seed).fault;
  const none = { pauses: 0, acknowledged: 0, resent: 0, longestStallMs: 0 };
  return { ...withReplay(unended(why), replayOf(seed)), ...none, seed, kind, at, uncounted: "it did not end" };
}
