// What is kept of one seed: small, and it crosses threads.
import type { Column } from "./columns.ts";
import type { FaultKind } from "./faults.ts";
import { playTrial } from "./trial.ts";
import { brokenBars, ownActions, replayOf, trialOf, whyUncounted } from "./verdict.ts";

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
  readonly lost: number;
  readonly leftovers: number;
  readonly extraRestarts: number;
  readonly doubleActions: number;
  /** Questions that a person had to answer. */
  readonly questions: number;
  readonly pauses: number;
  readonly acknowledged: number;
  readonly resent: number;
  readonly longestStallMs: number;
  readonly virtualMs: number;
}

export async function seedOutcome({ seed }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed);
  const { kind, at } = options.fault;
  const result = await playTrial(options);
  const { rows, state, ended, virtualMs } = result;
  const { restarts, twice } = ownActions(result.fired, state);
  return {
    seed,
    kind,
    at,
    uncounted: whyUncounted(result),
    broken: brokenBars(result).map((bar) => `${bar}; ${replayOf(seed)}`),
    lost: rows.lost.length,
    leftovers: state.leftovers.length + state.notUpgraded.length,
    extraRestarts: restarts.length,
    doubleActions: twice.length,
    questions: ended.questions.length,
    pauses: ended.pauses.length,
    acknowledged: rows.acknowledged,
    resent: rows.duplicatedByClient.length,
    longestStallMs: rows.longestStallMs,
    virtualMs,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed }: SeedTask, why: string): SeedOutcome {
  const { kind, at } = trialOf(seed).fault;
  return {
    seed,
    kind,
    at,
    uncounted: "it did not end",
    broken: [`${why}; ${replayOf(seed)}`],
    lost: 0,
    leftovers: 0,
    extraRestarts: 0,
    doubleActions: 0,
    questions: 0,
    pauses: 0,
    acknowledged: 0,
    resent: 0,
    longestStallMs: 0,
    virtualMs: 0,
  };
}
