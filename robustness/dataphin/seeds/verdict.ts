// What a seed is, from its number alone; whether it counts; and what its end is charged with.
import { brokenBars, type Judgement } from "../../harness/judgement.ts";
import { faultKinds, type FaultKind } from "./faults.ts";
import { places, type Place } from "./places.ts";
import type { TrialOptions, TrialResult } from "./trial.ts";

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const replayOf = (seed: number): string => `again: npm run robustness -- dataphin --seeds 1 --first ${String(seed)}`;

/** Each kind at each place, once in so many seeds that follow one another. */
export const cells = faultKinds.length * places.length;
const somewhere: Place = { mode: "downtime", step: "kill list" };

/** Kinds and places in turn, so that every pair comes up. */
export function trialOf(seed: number): SeedTrial {
  const index = seed - 1;
  const kind: FaultKind = faultKinds[index % faultKinds.length] ?? "killed";
  const at = places[(Math.floor(index / faultKinds.length) + index) % places.length] ?? somewhere;
  // With every third one the platform runs failed instances again by itself, too.
  return { seed, fault: { kind, at }, mode: at.mode, ...(seed % 3 === 0 ? { autoRerun: true } : {}) };
}

/** Null: it counts. */
export function whyUncounted({ fired, bit, ended, work, mode }: TrialResult, kind: FaultKind): string | null {
  if (!fired) return "the fault never fired";
  if (!bit || (kind.startsWith("killed") && ended.deaths === 0)) return "the fault had nothing to harm";
  return mode === "downtime" && work.killed === 0 && kind !== "operator aborts" ? "nothing ran that could be killed" : null;
}

/** A Manager that was killed in the middle of a step is told to do it once more. */
export function judge(result: TrialResult): Judgement {
  const { ended, work, mode, aborts } = result;
  const killed = mode === "downtime" || work.killed === 0 ? [] : [`${String(work.killed)} instances`];
  return {
    broken: brokenBars(
      result,
      [
        ["killed in a mode that kills nothing", killed],
        ["did not run to a good end", work.disturbed],
        ["not run again", work.notRerun],
        ["run again more than once", work.rerunTwice],
        ["run again though nobody ended it", work.rerunForNothing],
        ["left behind", work.leftovers],
        ["not upgraded", work.notUpgraded],
        ["done twice in the Manager", work.twice],
        ["real-time jobs restarted", work.realtimeRestarts === 0 ? [] : [String(work.realtimeRestarts)]],
      ],
      ended.outcome?.is === "succeeded" || (aborts && ended.outcome?.is === "aborted"),
    ),
    // Work that was ended, or disturbed, and never came back.
    lost: work.notRerun.length + work.disturbed.length,
    leftovers: work.leftovers.length + work.notUpgraded.length,
    extraRestarts: work.realtimeRestarts,
    doubleActions: work.rerunTwice.length + work.rerunForNothing.length + work.twice.length,
    // Beyond the verification, which only a person answers in every run.
    questions: ended.questions.filter((question) => !question.startsWith("SW2007 verify result")).length,
  };
}
