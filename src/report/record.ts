// The vendor's record of an upgrade, from the journal of a run. Pure.
import type { ForcedEnd, JournalEntry, RunEnd, RunEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { RunRecordView } from "../model/report.ts";
import { isUndo, type Step } from "../model/step.ts";

export function recordOf(plan: Plan, entries: readonly JournalEntry[]): RunRecordView {
  const steps = new Map<string, Step>();
  const learn = (items: readonly (Step | { readonly undo: string })[]): void => {
    for (const item of items) if (!isUndo(item)) steps.set(item.id, item);
  };
  for (const turn of plan.turns) learn(turn.items);
  const startedAt = entries.find(({ event }) => event.is === "claimed")?.at ?? null;
  const finishedAt = entries.findLast(({ event }) => event.is === "finished")?.at ?? null;
  const instants: { instant: string; at: number }[] = [];
  const inMaintenance = maintenanceClock();
  for (const { at, event } of entries) {
    if (event.is === "expanded") learn(event.into);
    const step = "step" in event && event.step !== null ? steps.get(event.step) : undefined;
    if (step === undefined) continue;
    inMaintenance.entry(step, event, at);
    if (isDone(event) && step.instant !== undefined) instants.push({ instant: step.instant, at });
  }
  return {
    initialVersion: versionsOf(plan),
    targetVersion: plan.goal.version,
    startedAt,
    durationMs: startedAt === null || finishedAt === null ? null : between(startedAt, finishedAt),
    maintenance: inMaintenance.time(),
    instants,
  };
}

/** A clock that was set back in between does not make it negative. */
const between = (from: number, to: number): number => Math.max(0, to - from);

/** From the first step that begins maintenance to the last that ends it. */
function maintenanceClock() {
  let from: number | null = null;
  let to: number | null = null;
  let asked: number | null = null;
  const begins = (at: number): void => {
    from ??= at;
    to = null;
  };
  return {
    entry({ maintenance }: Step, event: RunEvent, at: number): void {
      const itself = maintenance === "begins-with";
      // Whether a person has done what he was asked for, its end tells.
      if (itself && event.is === "asked") asked = at;
      else if (itself && event.is === "acting") begins(at);
      else if (itself && event.is === "absent") from = null;
      else if (isDone(event) && maintenance === "ends") to = from === null ? null : at;
      else if (isDone(event) && maintenance !== undefined) begins(itself ? (asked ?? at) : at);
      // What was put back no longer holds: maintenance that a step began ends with its undo.
      else if (maintenance === "begins" && (event.is === "undone" || event.is === "released") && from !== null) to = at;
    },
    time: (): RunRecordView["maintenance"] => (from === null ? null : { startedAt: from, durationMs: to === null ? null : between(from, to) }),
  };
}
const isDone = (event: RunEvent): boolean => event.is === "done" || (event.is === "answered" && event.answer === "done");

/** As a vendor's console names them (DP, facts 1.7); a saved plan that was never applied is `Configuring`. */
export type RecordStatus =
  | "Configuring"
  | "Upgrading"
  | "Verifying"
  | "Succeeded"
  | "Failed"
  | "Stopped"
  | "Force-Stopped and Marked as Succeeded"
  | "Force-Stopped and Marked as Failed";

/** `verifying`: every step but those of the phase verify is done; `harm`: the report's verdict is fail. */
export function recordStatus(of: {
  readonly finished: RunEnd | null;
  readonly forced: ForcedEnd | null;
  readonly verifying: boolean;
  readonly harm: boolean;
}): RecordStatus {
  switch (of.finished) {
    case null:
      return of.verifying ? "Verifying" : "Upgrading";
    case "succeeded":
      return of.harm ? "Failed" : "Succeeded";
    case "aborted":
      return "Stopped";
    case "force-stopped":
      return of.forced?.mark === "succeeded" ? "Force-Stopped and Marked as Succeeded" : "Force-Stopped and Marked as Failed";
  }
}

function versionsOf({ nodes = [] }: Plan): string | null {
  const versions = [...new Set(nodes.flatMap(({ version, installed }) => version ?? installed ?? []))];
  return versions.length === 0 ? null : versions.join(", ");
}

/** `002:07:09`, as the vendor's console shows it (DP, facts 1.7). */
export function hhhmmss(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const part = (value: number, digits: number): string => String(value).padStart(digits, "0");
  return `${part(Math.floor(seconds / 3600), 3)}:${part(Math.floor(seconds / 60) % 60, 2)}:${part(seconds % 60, 2)}`;
}
