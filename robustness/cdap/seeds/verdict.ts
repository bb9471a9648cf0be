// What a seed is, from its number alone; whether it counts; and which bars its end breaks.
import { brokenBars, type Judgement } from "../../harness/judgement.ts";
import { columns, type Column } from "./columns.ts";
import { faultKinds, type FaultKind } from "./faults.ts";
import type { TrialOptions, TrialResult } from "./trial.ts";

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const cells = faultKinds.length * columns.length;
export const replayOf = (seed: number): string => `again: npm run robustness -- cdap --seeds 1 --first ${String(seed)}`;

/** Less than a micro-batch: what a pipeline holds cannot be worked off in it. */
export const CUT_BUDGET_SECONDS = 3;
const ONLY_OF_THE_PLATFORM: ReadonlySet<Column> = new Set<Column>(["replace", "ready", "artefacts"]);

/** Kinds and steps in turn, so that every pair comes up; what is upgraded, and with which budget, follows from the rest. */
export function trialOf(seed: number): SeedTrial {
  const index = seed - 1;
  const kind: FaultKind = faultKinds[index % faultKinds.length] ?? "reply lost";
  const at: Column =
    kind === "bulk answer cut" ? "upgrade" : (columns[(Math.floor(index / faultKinds.length) + index) % columns.length] ?? "replace");
  const of = ONLY_OF_THE_PLATFORM.has(at) || seed % 2 === 0 ? "platform" : "applications";
  return {
    seed,
    fault: { kind, at },
    of,
    ...(seed % 3 === 0 ? { budgetSeconds: CUT_BUDGET_SECONDS } : {}),
    ...(seed % 4 === 1 ? { releases: { from: "6.10.1", to: "6.11.1" } } : {}),
    ...(seed % 5 === 0 ? { tracksState: true } : {}),
    ...(seed % 7 < 4 && kind !== "token over" ? { busy: true } : {}),
    // A restart fails every program that still runs (CDAP-18680): of a platform whose programs are drained it fails none.
    ...(of === "platform" && kind !== "appfabric restarted" ? { cdap: { onRestart: "fail" } } : {}),
  };
}

/** Null: it counts. */
export function whyUncounted({ fired, bit, ended, delivered }: TrialResult): string | null {
  if (fired === null) return "the fault never fired";
  if (!bit || (fired.kind.startsWith("killed") && ended.deaths === 0)) return "the fault had nothing to harm";
  return delivered > 0 ? null : "no record reached a sink";
}

export function judge(result: TrialResult): Judgement {
  const { ended, work } = result;
  return {
    broken: brokenBars(result, [
      ["started twice", work.doubleStarts],
      ["not started again", work.notStarted],
      ["other arguments", work.otherArguments],
      ["schedules left behind", work.schedules],
      ["not upgraded", work.notUpgraded],
      ["upgraded twice", work.upgradedTwice],
      ["a verdict was wrong", work.contradicted],
    ]),
    // Of pipelines whose verdict was `no loss`: pipelines, not records.
    lost: work.contradicted.length,
    leftovers: work.schedules.length + work.notStarted.length + work.notUpgraded.length,
    extraRestarts: 0,
    doubleActions: work.doubleStarts.length + work.upgradedTwice.length,
    questions: ended.questions.length,
  };
}
