import { StillwaterError } from "../model/errors.ts";
import { findRun, readRun } from "./runs.ts";
import { askToPause } from "./signals.ts";
import { isUnderWay } from "./watch.ts";
import type { Workspace } from "./workspace.ts";

export interface Paused {
  readonly run: number;
  readonly cluster: string;
  /** The step that will still be finished; null: none is under way. */
  readonly after: string | null;
}

/** Asks the process that works on the cluster to stand still after its current step. Errors SW1004 (no run), SW2008 (nobody works on it), SW2009 (an abort comes first). */
export async function pauseRun(workspace: Workspace, request: { readonly cluster?: string; readonly reason?: string } = {}): Promise<Paused> {
  const record = await findRun(workspace, { cluster: request.cluster ?? null });
  if (record === null) throw new StillwaterError("SW1004", "There is no run to pause.", {});
  const { view } = await readRun(workspace, record);
  if (!isUnderWay(view))
    throw new StillwaterError("SW2008", `Nobody works on run ${record.id} of ${record.cluster}: it is ${view.state}.`, {
      object: `run ${record.id}`,
    });
  const store = await workspace.store();
  if (!(await askToPause(store, record, { by: workspace.who, reason: request.reason ?? "asked to pause" })))
    throw new StillwaterError("SW2009", `Run ${record.id} of ${record.cluster} is to be aborted: a pause would overtake that.`, {
      object: `run ${record.id}`,
    });
  return { run: record.id, cluster: record.cluster, after: view.step?.title ?? null };
}
