// What a seed is, from its number alone; whether it counts; and which bars its end breaks.
import { brokenBars, type Judgement } from "../../harness/judgement.ts";
import { drainSteps, type DrainStep } from "../moves.ts";
import { type FenceChoice, type TrialOptions, type TrialResult } from "./trial.ts";
import { faultKinds } from "./faults.ts";

/** Rows that every moved partition must have acknowledged in its window for a seed to count. */
export const LEAST_ACKS = 20;

/** A whole-tablet fence, or none, has no fence of a partition to hit. */
export const stepsOf = (fence: FenceChoice): readonly DrainStep[] =>
  fence === "partition" ? drainSteps : drainSteps.filter((step) => step !== "fence" && step !== "fenced");

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const replayOf = (seed: number, fence: FenceChoice): string =>
  `again: npm run robustness -- openmldb --seeds 1 --first ${String(seed)} --fence ${fence}`;

/** Kinds and steps in turn, so that every pair comes up; where in the run, and on how much of the cluster, follows from the rest. */
export function trialOf(seed: number, fence: FenceChoice): SeedTrial {
  const steps = stepsOf(fence);
  const index = seed - 1;
  const kind = faultKinds[index % faultKinds.length] ?? "reply lost";
  const step = steps[Math.floor(index / faultKinds.length) % steps.length] ?? "change";
  const round = Math.floor(index / (faultKinds.length * steps.length));
  // Moves away, then moves back: a later occurrence is in a later move.
  const occurrence = isWait(step) ? 1 + ((seed * 7 + round * 11) % 14) : 1 + ((seed + round) % 4);
  const whole = seed % 20 === 0;
  // Held back, the application leaves only the margins of a window to write in.
  const perPartition = fence === "hook" ? 20 : 10;
  return { seed, fence, perPartition, fault: { kind, step, occurrence }, only: whole ? null : [`tablet${1 + (seed % 3)}`] };
}
const isWait = (step: DrainStep): boolean => step === "fenced" || step === "changing" || step === "recovering";

/** Null: it counts. */
export function whyUncounted({ fired, fewestAcks }: TrialResult): string | null {
  if (fired === null) return "the fault never fired with a leader move under way";
  return fewestAcks >= LEAST_ACKS ? null : `a moved partition acknowledged fewer than ${String(LEAST_ACKS)} rows in its window`;
}

export function judge(result: TrialResult, fence: FenceChoice): Judgement {
  const { ended, end, doubleActions } = result;
  return {
    broken: brokenBars(result, [
      ["acknowledged rows lost", fence === "none" ? [] : end.lost],
      ["left behind", end.leftovers],
      ["not upgraded", end.notUpgraded],
      ["restarts", end.extraRestarts],
      ["twice", doubleActions],
    ]),
    lost: end.lost.length,
    leftovers: end.leftovers.length + end.notUpgraded.length,
    extraRestarts: end.extraRestarts.length,
    doubleActions: doubleActions.length,
    questions: ended.questions.length,
  };
}
