// What is kept of one seed: small, and it crosses threads.
import type { DrainStep } from "../moves.ts";
import type { FaultKind } from "./faults.ts";
import { playTrial, type FenceChoice } from "./trial.ts";
import { brokenBars, replayOf, trialOf, whyUncounted } from "./verdict.ts";

export interface SeedTask {
  readonly seed: number;
  readonly fence: FenceChoice;
}
export interface SeedOutcome {
  readonly seed: number;
  readonly kind: FaultKind;
  readonly at: DrainStep;
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
  readonly moves: number;
  readonly acknowledged: number;
  readonly virtualMs: number;
}

export async function seedOutcome({ seed, fence }: SeedTask): Promise<SeedOutcome> {
  const options = trialOf(seed, fence);
  const { kind, step } = options.fault;
  const result = await playTrial(options);
  const { end, ended, doubleActions, moves, acknowledged, virtualMs } = result;
  return {
    seed,
    kind,
    at: step,
    uncounted: whyUncounted(result),
    broken: brokenBars(result, fence).map((bar) => `${bar}; ${replayOf(seed, fence)}`),
    lost: end.lost.length,
    leftovers: end.leftovers.length + end.notUpgraded.length,
    extraRestarts: end.extraRestarts.length,
    doubleActions: doubleActions.length,
    questions: ended.questions.length,
    pauses: ended.pauses.length,
    moves: moves.length,
    acknowledged,
    virtualMs,
  };
}

/** Of a seed that did not end at all. */
export function endless({ seed, fence }: SeedTask, why: string): SeedOutcome {
  const { fault } = trialOf(seed, fence);
  return {
    seed,
    kind: fault.kind,
    at: fault.step,
    uncounted: "it did not end",
    broken: [`${why}; ${replayOf(seed, fence)}`],
    lost: 0,
    leftovers: 0,
    extraRestarts: 0,
    doubleActions: 0,
    questions: 0,
    pauses: 0,
    moves: 0,
    acknowledged: 0,
    virtualMs: 0,
  };
}
