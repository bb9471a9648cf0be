import type { Claim, Progress, RunRecord, Signal } from "../../journal/store.ts";
import type { JournalEntry, RunEvent } from "../../model/event.ts";
import type { Plan } from "../../model/plan.ts";
import { isUndo } from "../../model/step.ts";
import { RunTracker, type RunView } from "../../usecases/run-view.ts";

/** 2026-11-20 02:30:00 UTC. */
export const begin = Date.UTC(2026, 10, 20, 2, 30, 0);

export interface SampleRun {
  readonly record: RunRecord;
  readonly entries: readonly JournalEntry[];
  readonly lastAt: number;
}

/** A run in which the first `done` steps of the plan are done, each in a second, and what `more` says has followed. */
export function sampleRun(plan: Plan, done: number, more: readonly RunEvent[] = []): SampleRun {
  const events: { readonly at: number; readonly event: RunEvent }[] = [
    { at: begin, event: { is: "claimed", holder: "ana on jump1", verb: "apply", pid: 4211 } },
  ];
  let at = begin;
  let left = done;
  for (const item of plan.turns.flatMap((turn) => turn.items)) {
    if (isUndo(item)) {
      if (left > 0) events.push({ at, event: { is: "undone", step: item.undo } });
      continue;
    }
    if (left === 0) break;
    events.push({ at: at + 1, event: { is: "acting", step: item.id, at: at + 1, settled: at + 1, before: null } });
    at += 1000;
    events.push({ at, event: { is: "done", step: item.id, proof: null } });
    left--;
  }
  for (const event of more) {
    at += 1000;
    events.push({ at, event });
  }
  const entries = events.map((each, index) => ({ n: index + 1, epoch: 1, ...each }));
  return { record: { id: 12, cluster: plan.cluster, plan, createdAt: begin }, entries, lastAt: at };
}

export const heldBy = (pid: number, now: number): Claim => ({
  cluster: "orders",
  epoch: 3,
  holder: { operator: "ana", host: "jump1", pid, startTicks: 1, bootId: "b n", verb: "apply" },
  since: begin,
  until: now + 10_000,
});

export function sampleView(
  run: SampleRun,
  circumstances: { readonly holderIs: "alive" | "dead" | null; readonly progress?: Progress; readonly signal?: Signal; readonly later?: number },
): RunView {
  const now = run.lastAt + (circumstances.later ?? 0);
  const tracker = new RunTracker(run.record);
  tracker.add(run.entries);
  return tracker.view({
    progress: circumstances.progress ?? null,
    signal: circumstances.signal ?? { desired: "run", by: "", reason: "" },
    claim: circumstances.holderIs === null ? null : heldBy(4211, now),
    holderIs: circumstances.holderIs ?? "unknown",
    now,
  });
}
