// What is kept of one seed: small, and it crosses threads.
import { unended, withReplay } from "../../harness/judgement.ts";
import type { SeedOutcome as Outcome } from "../../harness/run-seeds.ts";
import { playTrial } from "./trial.ts";
import { judge, replayOf, trialOf, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
}
export interface SeedOutcome extends Outcome {
  /** Pipelines that were said to lose records, with the budget cut or not: what they lost. */
  readonly lossPossible: readonly { readonly app: string; readonly lost: number; readonly cut: boolean }[];
  readonly pauses: number;
  readonly delivered: number;
}

export async function seedOutcome({ seed }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed);
  const { kind, at } = options.fault;
  const result = await playTrial(options);
  const { work, ended, delivered } = result;
  return {
    ...withReplay(judge(result), replayOf(seed)),
    seed,
    kind,
    at,
    uncounted: whyUncounted(result),
    lossPossible: work.lossPossible.map(({ app, lost }) => ({ app, lost, cut: options.budgetSeconds !== undefined })),
    pauses: ended.pauses.length,
    delivered,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { kind, at } = trialOf(seed).fault;
  const none = { lossPossible: [], pauses: 0, delivered: 0 };
  return { ...withReplay(unended(why), replayOf(seed)), ...none, seed, kind, at, uncounted: "it did not end" };
}
