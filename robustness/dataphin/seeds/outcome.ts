// What is kept of one seed: small, and it crosses threads.
import { unended, withReplay } from "../../harness/judgement.ts";
import type { SeedOutcome as Outcome } from "../../harness/run-seeds.ts";
import { nameOf } from "./places.ts";
import { playTrial } from "./trial.ts";
import { judge, replayOf, trialOf, whyUncounted } from "./verdict.ts";

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
  return {
    ...withReplay(judge(result), replayOf(seed)),
    seed,
    kind,
    at: nameOf(at),
    mode: options.mode,
    uncounted: whyUncounted(result, kind),
    killed: result.work.killed,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { fault, mode } = trialOf(seed);
  const { kind, at } = fault;
  return { ...withReplay(unended(why), replayOf(seed)), seed, kind, at: nameOf(at), mode, uncounted: "it did not end", killed: 0 };
}
