import type { RunRecord } from "../journal/store.ts";
import type { NodeView } from "../model/facts.ts";
import { readProbeStatus, type ProbeStatus } from "./probe-status.ts";
import type { RunView } from "./run-view.ts";
import { clusterName, findRun, notItsCluster, readRun } from "./runs.ts";
import type { Workspace } from "./workspace.ts";

export interface Status {
  readonly cluster: string;
  /** Null: no run yet. */
  readonly run: RunView | null;
  readonly probe: ProbeStatus | null;
  /** What the cluster itself says now; asked only when a run stands still. */
  readonly nodes: readonly NodeView[] | null;
  /** Why `nodes` is null although it was asked. */
  readonly notSeen: string | null;
  /** Stands still and can be continued. */
  readonly open: boolean;
}

/** How long the cluster may take to answer before status is shown without it, in ms. */
const patienceMs = 3_000;

/** Where the newest run (or the one of that number) is. Reads the journal; asks the cluster only when a run stands still. */
export async function statusOf(workspace: Workspace, request: { readonly cluster?: string; readonly run?: number } = {}): Promise<Status> {
  const record = await findRun(workspace, {
    cluster: request.cluster ?? null,
    ...(request.run === undefined ? {} : { run: request.run }),
  });
  if (record === null)
    return { cluster: await clusterName(workspace, request.cluster ?? null), run: null, probe: null, nodes: null, notSeen: null, open: false };
  const { view } = await readRun(workspace, record);
  const open = view.state === "stopped" || view.state === "paused" || view.state === "asks";
  const seen = open ? await look(workspace, record) : { nodes: null, notSeen: null };
  return { cluster: record.cluster, run: view, probe: await readProbeStatus(workspace, record.id), ...seen, open };
}

async function look(workspace: Workspace, record: RunRecord): Promise<Pick<Status, "nodes" | "notSeen">> {
  const inspecting = (async () => {
    const foreign = await notItsCluster(workspace, record);
    if (foreign !== null) return { nodes: null, notSeen: foreign };
    const driver = await workspace.driver();
    return { nodes: driver.nodes(await driver.inspect({ now: workspace.now() })), notSeen: null };
  })();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs);
  });
  try {
    return (await Promise.race([inspecting, late])) ?? { nodes: null, notSeen: `the cluster did not answer within ${patienceMs / 1000} s` };
  } catch (error) {
    return { nodes: null, notSeen: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    // Whoever answers too late is not listened to any more, and must not end the process.
    inspecting.catch(() => undefined);
  }
}
