// What a cluster is like before and after a run: nothing left behind, nothing restarted more than once, everything of the new version. Imports nothing.

export interface NodeSnapshot {
  readonly alias: string;
  readonly role: "controller" | "agent" | "datanode" | "computenode";
  readonly host: string;
  /** version() of the node itself, token 0; null: it does not run. */
  readonly version: string | null;
  /** Processes of it since its machine is there. */
  readonly starts: number;
  /** Of these, those that ended by themselves with an error: a port that was taken, a file that was wrong. */
  readonly failedStarts: number;
  /** Ends that were no graceful ones: SIGKILL, a crash. */
  readonly kills: number;
  /** Controllers only; seconds. */
  readonly restartInterval: number | null;
  /** Controllers only: what its process has logged last of it. A new process is not suspended. */
  readonly recoverySuspended: boolean;
}
export interface HostSnapshot {
  readonly name: string;
  /** In the installation directory. */
  readonly installed: string | null;
  readonly units: readonly { readonly name: string; readonly restart: string; readonly dropIns: readonly string[] }[];
  /** Names of half-made files and directories below the state directory and the installation. */
  readonly unfinished: readonly string[];
}
/** A row of getClusterChunksStatus. */
export interface ChunkSnapshot {
  readonly chunkId: string;
  readonly state: string;
  readonly version: string;
  readonly replicaCount: number;
  /** `alias:version:corrupted...,...` */
  readonly replicas: string;
}
export interface ClusterSnapshot {
  readonly nodes: readonly NodeSnapshot[];
  readonly hosts: readonly HostSnapshot[];
  readonly chunks: readonly ChunkSnapshot[];
  /** Waiting or in progress. */
  readonly queuedTasks: number;
  readonly unresolvedTransactions: number;
}
export interface Expected {
  readonly version: string;
  readonly replicationFactor: number;
  /** Starts that a trial made itself, or a fault did, by alias. */
  readonly ownStarts: ReadonlyMap<string, number>;
  readonly ownKills: ReadonlyMap<string, number>;
}
export interface StateVerdict {
  readonly leftovers: readonly string[];
  readonly notUpgraded: readonly string[];
  readonly extraRestarts: readonly string[];
  readonly doubleActions: readonly string[];
}

export function judgeState(before: ClusterSnapshot, after: ClusterSnapshot, expected: Expected): StateVerdict {
  const leftovers: string[] = [];
  const notUpgraded: string[] = [];
  const extraRestarts: string[] = [];
  const doubleActions: string[] = [];
  for (const node of after.nodes) {
    const { alias } = node;
    const was = before.nodes.find((each) => each.alias === alias);
    if (node.recoverySuspended && was?.recoverySuspended !== true) leftovers.push(`recovery is suspended on ${alias}`);
    if (node.restartInterval !== (was?.restartInterval ?? null))
      leftovers.push(`datanodeRestartInterval of ${alias} is ${String(node.restartInterval)} and was ${String(was?.restartInterval)}`);
    if (node.version !== expected.version) notUpgraded.push(`${alias} is ${node.version ?? "not running"}`);
    const made = (list: ReadonlyMap<string, number>): number => list.get(alias) ?? 0;
    const failed = node.failedStarts - (was?.failedStarts ?? 0);
    const starts = node.starts - (was?.starts ?? 0) - failed - made(expected.ownStarts);
    if (starts !== 1) extraRestarts.push(`${alias} was started ${String(starts)} times`);
    if (failed > 0) doubleActions.push(`${alias} was started ${String(failed)} times more while it ran, or in vain`);
    const kills = node.kills - (was?.kills ?? 0) - made(expected.ownKills);
    if (kills > 0) doubleActions.push(`${alias} was killed ${String(kills)} times: no graceful end`);
  }
  for (const { name, installed, units, unfinished } of after.hosts) {
    const was = before.hosts.find((each) => each.name === name);
    if (installed !== expected.version) notUpgraded.push(`the installation of ${name} is ${installed ?? "not there"}`);
    for (const unit of units) {
      const own = was?.units.find((each) => each.name === unit.name);
      if (unit.restart !== own?.restart) leftovers.push(`${unit.name} of ${name} has Restart=${unit.restart} and had ${String(own?.restart)}`);
      for (const dropIn of unit.dropIns) if (own?.dropIns.includes(dropIn) !== true) leftovers.push(`${dropIn} on ${name}`);
    }
    for (const path of unfinished) if (was?.unfinished.includes(path) !== true) leftovers.push(`${path} on ${name}`);
  }
  for (const chunk of after.chunks) {
    const wrong = whatIsWrong(chunk, expected.replicationFactor);
    if (wrong !== null) leftovers.push(`chunk ${chunk.chunkId}: ${wrong}`);
  }
  if (after.queuedTasks > 0) leftovers.push(`${String(after.queuedTasks)} recovery tasks`);
  if (after.unresolvedTransactions > 0) leftovers.push(`${String(after.unresolvedTransactions)} unresolved transactions`);
  return { leftovers, notUpgraded, extraRestarts, doubleActions };
}

/** Null: COMPLETE, as many replicas as there must be, all of the controller's version and none corrupted. */
export function whatIsWrong({ state, version, replicaCount, replicas }: ChunkSnapshot, replicationFactor: number): string | null {
  if (state !== "COMPLETE") return state;
  if (replicaCount !== replicationFactor) return `${String(replicaCount)} replicas`;
  const odd = replicas.split(",").filter((part) => {
    const [, own, corrupted] = part.split(":");
    return own !== version || (corrupted !== "0" && corrupted !== "false");
  });
  return odd.length === 0 ? null : `version ${version} and replicas ${odd.join(", ")}`;
}
