// Finding a run and reading where it is. Reads only.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { isDead } from "../journal/process-identity.ts";
import { hostname } from "node:os";
import { newestRun } from "../journal/run-records.ts";
import type { Claim, RunRecord, Store } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { JournalEntry } from "../model/event.ts";
import { RunTracker, type RunView } from "./run-view.ts";
import type { Workspace } from "./workspace.ts";

/** The journal if there is one: a verb that only looks must not leave a new directory behind. */
export async function existingStore(workspace: Workspace): Promise<Store | null> {
  try {
    await access(join(workspace.stateDirectory, "journal.db"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new StillwaterError("SW4001", `The journal cannot be opened: ${error instanceof Error ? error.message : String(error)}.`, {
      object: workspace.stateDirectory,
      cause: error,
    });
  }
  return workspace.store();
}

/** The cluster that a verb means: of the cluster file, or else the only one in the journal. Errors SW1001 when a name contradicts, SW1101. */
export async function clusterName(workspace: Workspace, named: string | null): Promise<string> {
  let fromFile: string;
  try {
    fromFile = (await workspace.definition()).cluster;
  } catch (error) {
    if (!(error instanceof StillwaterError) || error.code !== "SW1101") throw error;
    const store = await existingStore(workspace);
    const names = store ? [...new Set((await store.runs(null)).map((run) => run.cluster))] : [];
    if (named !== null && names.includes(named)) return named;
    const [only, second] = names;
    if (named === null && only !== undefined && second === undefined) return only;
    throw error;
  }
  if (named !== null && named !== fromFile)
    throw new StillwaterError("SW1001", `The cluster file is of ${fromFile}, not of ${named}.`, {
      object: workspace.clusterFile,
      remedy: "Name the cluster's file with --cluster FILE.",
    });
  return fromFile;
}

/** The newest run of the cluster, or the one of that number. Null: no run yet. Error SW1004. */
export async function findRun(workspace: Workspace, request: { readonly cluster: string | null; readonly run?: number }): Promise<RunRecord | null> {
  const store = await existingStore(workspace);
  if (request.run !== undefined) {
    const record = store ? await store.run(request.run) : null;
    if (record === null) throw new StillwaterError("SW1004", `There is no run ${request.run}.`, { object: String(request.run) });
    return record;
  }
  const cluster = await clusterName(workspace, request.cluster);
  return newestRun(store, cluster);
}

/** One journal serves several clusters, and what runs in one says nothing of a run of another. */
const ofAnother = (record: RunRecord, cluster: string): string => `run ${record.id} is of ${record.cluster}, and the cluster file is of ${cluster}`;

/** Why this workspace's cluster is not asked about that run; null: it is the run's own. Errors SW1101, SW1102. */
export async function notItsCluster(workspace: Workspace, record: RunRecord): Promise<string | null> {
  const { cluster } = await workspace.definition();
  return record.cluster === cluster ? null : ofAnother(record, cluster);
}

export function runOfAnother(record: RunRecord, cluster: string): StillwaterError {
  const why = ofAnother(record, cluster);
  return new StillwaterError("SW1004", `${why.charAt(0).toUpperCase()}${why.slice(1)}.`, {
    object: `run ${record.id}`,
    remedy: `Name the file of ${record.cluster} with --cluster FILE.`,
  });
}

/** Where the run is now; a tracker that has read some of the journal reads only the rest. */
export async function readRun(
  workspace: Workspace,
  record: RunRecord,
  tracker: RunTracker = new RunTracker(record),
): Promise<{ readonly view: RunView; readonly entries: readonly JournalEntry[] }> {
  const store = await workspace.store();
  const entries = await store.read(record.id, tracker.last);
  tracker.add(entries);
  const claim = await store.holder(record.cluster);
  const view = tracker.view({
    progress: await store.progress(record.id),
    signal: await store.readSignal(record.id),
    claim,
    holderIs: claim === null ? "unknown" : holderIs(claim),
    now: workspace.now(),
  });
  return { view, entries };
}

const holderIs = (claim: Claim): "alive" | "dead" | "unknown" => {
  if (isDead(claim.holder)) return "dead";
  return claim.holder.host === hostname() ? "alive" : "unknown";
};
