// What a seed is, from its number alone; whether it counts; and which bars its end breaks.
import { columns, modeOf, type Column } from "./columns.ts";
import { faultKinds, type FaultKind } from "./faults.ts";
import type { TrialOptions, TrialResult } from "./trial.ts";

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const replayOf = (seed: number): string => `again: npm run robustness -- dataphin --seeds 1 --first ${String(seed)}`;

/** Other modes ask the OpenAPI only in their application upgrade. */
const onOpenApi: ReadonlySet<FaultKind> = new Set<FaultKind>(["request lost", "answer lost", "OpenAPI cut off"]);

/** Kinds and steps in turn, so that every pair comes up. */
export function trialOf(seed: number): SeedTrial {
  const index = seed - 1;
  const kind: FaultKind = faultKinds[index % faultKinds.length] ?? "killed";
  const at: Column = columns[(Math.floor(index / faultKinds.length) + (index % faultKinds.length)) % columns.length] ?? "kill list";
  return { seed, fault: { kind, at }, mode: onOpenApi.has(kind) ? "downtime" : modeOf(seed, at) };
}

/** Null: it counts. */
export function whyUncounted({ fired, bit, ended, work, mode }: TrialResult, kind: FaultKind): string | null {
  if (!fired) return "the fault never fired";
  if (!bit || (kind.startsWith("killed") && ended.deaths === 0)) return "the fault had nothing to harm";
  return mode === "downtime" && work.killed === 0 ? "nothing ran that could be killed" : null;
}

/** Questions beyond the verification, which only a person answers in every run. */
export const unexpected = ({ questions }: TrialResult["ended"]): number =>
  questions.filter((question) => !question.startsWith("SW2007 verify result")).length;

/** Bars that are broken, in words; empty: the seed ended as it must. A Manager that was killed in the middle of a step is told to do it once more. */
export function brokenBars({ ended, work, said }: TrialResult): readonly string[] {
  const { outcome } = ended;
  const broken: string[] = [];
  if (outcome?.is !== "succeeded") {
    const how =
      outcome === null
        ? "no end"
        : "why" in outcome
          ? `paused at ${String(outcome.step)}: ${outcome.why}`
          : "question" in outcome
            ? `asks: ${outcome.question}`
            : outcome.is;
    broken.push(`ended with: ${how} (last: ${said})`);
  }
  for (const [what, list] of [
    ["not run again", work.notRerun],
    ["run again more than once", work.rerunTwice],
    ["run again though nobody ended it", work.rerunForNothing],
    ["left behind", work.leftovers],
    ["not upgraded", work.notUpgraded],
    ["done twice in the Manager", work.twice],
    ["real-time jobs restarted", work.realtimeRestarts === 0 ? [] : [String(work.realtimeRestarts)]],
    ["defect", ended.defects],
  ] as const)
    if (list.length > 0) broken.push(`${what}: ${list.slice(0, 4).join("; ")}${list.length > 4 ? ` and ${String(list.length - 4)} more` : ""}`);
  return broken;
}
