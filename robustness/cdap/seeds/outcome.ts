// What is kept of one seed: small, and it crosses threads.
import type { Column } from "./columns.ts";
import type { FaultKind } from "./faults.ts";
import { playTrial } from "./trial.ts";
import { brokenBars, replayOf, trialOf, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
}
export interface SeedOutcome {
  readonly seed: number;
  readonly kind: FaultKind;
  readonly at: Column;
  /** Null: it counts. */
  readonly uncounted: string | null;
  readonly broken: readonly string[];
  /** Records of pipelines whose verdict was `no loss`: pipelines, not records. */
  readonly contradicted: number;
  /** Pipelines that were said to lose records, with the budget cut or not: what they lost. */
  readonly lossPossible: readonly { readonly app: string; readonly lost: number; readonly cut: boolean }[];
  readonly leftovers: number;
  readonly doubleStarts: number;
  readonly upgradedTwice: number;
  /** Questions that a person had to answer. */
  readonly questions: number;
  readonly pauses: number;
  readonly delivered: number;
  readonly virtualMs: number;
}

export async function seedOutcome({ seed }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed);
  const { kind, at } = options.fault;
  const result = await playTrial(options);
  const { work, ended, virtualMs, delivered } = result;
  return {
    seed,
    kind,
    at,
    uncounted: whyUncounted(result),
    broken: brokenBars(result).map((bar) => `${bar}; ${replayOf(seed)}`),
    contradicted: work.contradicted.length,
    lossPossible: work.lossPossible.map(({ app, lost }) => ({ app, lost, cut: options.budgetSeconds !== undefined })),
    leftovers: work.schedules.length + work.notStarted.length + work.notUpgraded.length,
    doubleStarts: work.doubleStarts.length,
    upgradedTwice: work.upgradedTwice.length,
    questions: ended.questions.length,
    pauses: ended.pauses.length,
    delivered,
    virtualMs,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { kind, at } = trialOf(seed).fault;
  const none = { contradicted: 0, leftovers: 0, doubleStarts: 0, upgradedTwice: 0, questions: 0, pauses: 0, delivered: 0, virtualMs: 0 };
  return { seed, kind, at, uncounted: "it did not end", broken: [`${why}; ${replayOf(seed)}`], lossPossible: [], ...none };
}
