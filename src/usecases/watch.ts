import { setTimeout as wait } from "node:timers/promises";
import { newestRun } from "../journal/run-records.ts";
import { StillwaterError } from "../model/errors.ts";
import type { JournalEntry } from "../model/event.ts";
import { readProbeStatus, type ProbeStatus } from "./probe-status.ts";
import type { RunRecord } from "../journal/store.ts";
import type { Plan } from "../model/plan.ts";
import { existingStore, findRun, readRun } from "./runs.ts";
import { RunTracker, type RunView } from "./run-view.ts";
import type { Workspace } from "./workspace.ts";

export interface WatchSnapshot {
  readonly view: RunView;
  readonly probe: ProbeStatus | null;
  /** What the journal gained since the last snapshot. */
  readonly entries: readonly JournalEntry[];
  readonly record: RunRecord;
}

export interface WatchRequest {
  readonly cluster?: string;
  readonly run?: number;
  /** Ends the watching. */
  readonly signal?: AbortSignal;
  /** Between two looks at the journal; default 250. */
  readonly everyMs?: number;
}

/** Snapshots of a run while somebody works on it: the first at once, the last when it has ended or stands still. Errors SW1004 (no run). */
export async function* watchRun(workspace: Workspace, request: WatchRequest = {}): AsyncGenerator<WatchSnapshot, void, void> {
  const record = await findRun(workspace, { cluster: request.cluster ?? null, ...(request.run === undefined ? {} : { run: request.run }) });
  if (record === null) throw new StillwaterError("SW1004", "There is no run to watch.", { remedy: "Start one with `stillwater apply PLAN`." });
  const tracker = new RunTracker(record);
  while (request.signal?.aborted !== true) {
    const { view, entries } = await readRun(workspace, record, tracker);
    yield { view, probe: await readProbeStatus(workspace, record.id), entries, record };
    if (!isUnderWay(view)) return;
    await wait(request.everyMs ?? 250, undefined, request.signal === undefined ? {} : { signal: request.signal }).catch(() => undefined);
  }
}

/** Somebody works on it now. */
export const isUnderWay = (view: RunView): boolean => view.state === "running" || view.state === "pausing" || view.state === "aborting";

/** The run of this very plan that somebody works on now, or null. */
export async function runUnderWay(workspace: Workspace, plan: Plan): Promise<number | null> {
  const record = await newestRun(await existingStore(workspace), plan.cluster);
  if (record?.plan.hash !== plan.hash) return null;
  const { view } = await readRun(workspace, record);
  return isUnderWay(view) ? record.id : null;
}
