// Instances as the operations read them, for all projects of the cluster file.
import type { DpCluster } from "../cluster.ts";
import type { Ledger, LedgerEntry } from "../step-names.ts";
import {
  getInstance,
  listInstances,
  listTaskRuns,
  listUpstream,
  pendingStatuses,
  type Instance,
  type RunStatus,
} from "../wire/operations/instances.ts";
import { eachOf } from "./batches.ts";
import { statusOf, type Seen } from "./judge.ts";

/** Of the scheduler and started by hand: a shutdown ends both. */
async function instancesIn(
  cluster: DpCluster,
  projects: readonly string[],
  statuses: readonly RunStatus[],
  paused?: boolean,
): Promise<readonly Instance[]> {
  const lists = await eachOf(
    projects.flatMap((project) => (["NORMAL", "MANUAL"] as const).map((scheduleType) => ({ project, scheduleType }))),
    ({ project, scheduleType }) =>
      listInstances(cluster.api, cluster.zone, {
        project,
        environment: cluster.environment,
        statuses,
        scheduleType,
        ...(paused === undefined ? {} : { paused }),
      }),
  );
  // A list may change between two of its pages.
  return [...new Map(lists.flat().map((instance) => [instance.id, instance])).values()];
}
export const runningIn = (cluster: DpCluster, projects: readonly string[]): Promise<readonly Instance[]> =>
  instancesIn(cluster, projects, ["RUNNING"]);

/** Still to run, of nodes that are paused or of those that are not: of a day's thousands of instances only these are read. */
export const pendingIn = (cluster: DpCluster, projects: readonly string[], paused: boolean): Promise<readonly Instance[]> =>
  instancesIn(cluster, projects, pendingStatuses, paused);

/** The instances of one list, followed without asking for each of them every time: one that goes on running, or has succeeded, is not asked for again. */
export class Followed {
  readonly #cluster: DpCluster;
  readonly #seen = new Map<string, Seen>();
  constructor(cluster: DpCluster) {
    this.#cluster = cluster;
  }
  /** As `readAll`, but from the list of what runs where that is enough. */
  async read(ledger: Ledger): Promise<ReadonlyMap<string, Seen>> {
    const projects = [...new Set(ledger.map(({ project }) => project))];
    const running = new Set((await runningIn(this.#cluster, projects)).map(({ id }) => id));
    const due = ledger.filter(({ id }) => {
      const instance = this.#seen.get(id)?.instance;
      if (instance === undefined || instance === null) return true;
      return statusOf(instance) !== (running.has(id) ? "RUNNING" : "SUCCESS");
    });
    for (const [id, each] of await readAll(this.#cluster, due)) this.#seen.set(id, each);
    return this.#seen;
  }
}
export const readAll = async (cluster: DpCluster, ledger: Ledger): Promise<ReadonlyMap<string, Seen>> =>
  new Map(await eachOf(ledger, async (entry) => [entry.id, await seen(cluster, entry)] as const));

async function seen(cluster: DpCluster, { id, project }: Pick<LedgerEntry, "id" | "project">): Promise<Seen> {
  const at = { id, project, environment: cluster.environment };
  const instance = await getInstance(cluster.api, cluster.zone, at);
  return { instance, taskruns: instance === null ? [] : await listTaskRuns(cluster.api, cluster.zone, at) };
}

/** Everything that a later re-run needs to know, read before anything is terminated. */
export async function ledgerOf(cluster: DpCluster, running: readonly Instance[]): Promise<readonly LedgerEntry[]> {
  const ids = new Set(running.map(({ id }) => id));
  const { autoRerun, notIdempotent = [] } = cluster.declared;
  const careful = new Set(notIdempotent.map(({ node }) => node));
  return eachOf(running, async ({ id, project, nodeId, node, dueAt }) => {
    const at = { id, project, environment: cluster.environment };
    const [taskruns, upstream] = await Promise.all([
      listTaskRuns(cluster.api, cluster.zone, at),
      ids.size > 1 ? listUpstream(cluster.api, at) : Promise.resolve([]),
    ]);
    return {
      id,
      project,
      node: nodeId,
      name: node,
      due: dueAt === null ? "" : cluster.zone.format(dueAt),
      taskruns: taskruns.map((run) => run.id),
      autoRerun: autoRerun?.on ?? null,
      idempotent: !careful.has(node) && !careful.has(nodeId),
      after: upstream.filter((each) => ids.has(each) && each !== id),
    };
  });
}
