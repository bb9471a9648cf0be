// One observation of the whole cluster: hosts, servers, metadata and the tablets' own word, asked at the same time.
import { Unreachable } from "../../model/errors.ts";
import {
  partitionKey,
  type OmFacts,
  type OmNodeNow,
  type OmNodeStructure,
  type OmNow,
  type OmPartition,
  type OmReplica,
  type OmStructure,
  type OmTableStructure,
} from "./facts.ts";
import { observeNode, type KnownBinaries, type NodeObservation } from "./observe-node.ts";
import { isSecretKey } from "./settings/known.ts";
import { observeMetadata, observeTablets, observeWarnings, type Metadata } from "./observe-tables.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import type { OpStatus, TableInfo, TableStatus } from "./rpc.ts";
import { ensembleHealth, type Ensemble } from "./wire/zookeeper.ts";

/** ZooKeeper is asked anew after so many milliseconds: its health is shown, nothing is decided by it from one act to the next. */
const ensembleAgeMs = 5_000;
/** No pid (facts 2.5). */
const noPid = 4_294_967_295;

type TabletWords = ReadonlyMap<string, readonly TableStatus[] | null>;

export class Inspector {
  readonly #cluster: OpenedCluster;
  readonly #binaries: KnownBinaries = new Map();
  #ensemble: { readonly at: number; readonly ensemble: Ensemble } | null = null;

  constructor(cluster: OpenedCluster) {
    this.#cluster = cluster;
  }

  /**
   * Throws Unreachable when a host does not answer, and when no nameserver leads although one runs (an election). Without any running nameserver the
   * tables are not known to anybody, and the facts have none: `now.nameserver` is null then.
   */
  async inspect(): Promise<OmFacts> {
    const cluster = this.#cluster;
    const [nodes, told, ensemble, warnings] = await Promise.all([
      Promise.all(cluster.nodes.map((node) => observeNode(cluster, node, this.#binaries))),
      this.#tables(),
      this.#zookeeper(),
      observeWarnings(cluster),
    ]);
    const { metadata, tablets } = told;
    if (metadata === null) {
      const running = nodes.filter(({ node, process }) => node.role === "nameserver" && process.process !== "down");
      if (running.length > 0 || !nodes.some(({ node }) => node.role === "nameserver"))
        throw new Unreachable("no nameserver leads the cluster now, so its tables cannot be read", {
          object: cluster.cluster,
          why: running.map(({ node }) => `${node.name} runs and is a standby`),
          remedy: "An election takes as long as zk_session_timeout; if it stays so, look at ZooKeeper and at the nameservers' logs.",
        });
    }
    return {
      structure: structureOf(nodes, metadata, (node) => cluster.machineOf(node)),
      now: nowOf(nodes, metadata, tablets, warnings, cluster.zookeeper === null ? null : ensemble),
    };
  }

  async #tables(): Promise<{ readonly metadata: Metadata | null; readonly tablets: TabletWords }> {
    const metadata = await observeMetadata(this.#cluster);
    if (metadata === null) return { metadata, tablets: new Map() };
    const holders = metadata.tables.flatMap((table) => table.table_partition.flatMap((each) => each.partition_meta.map(({ endpoint }) => endpoint)));
    const known = this.#cluster.nodes.flatMap((node) => (node.role === "tablet" ? [node.endpoint] : []));
    const endpoints = [...new Set([...metadata.tablets.map(({ endpoint }) => endpoint), ...holders, ...known])];
    return { metadata, tablets: await observeTablets(this.#cluster, endpoints) };
  }

  async #zookeeper(): Promise<Ensemble | null> {
    const { zookeeper, zookeeperPort } = this.#cluster;
    if (zookeeper === null || zookeeperPort === null) return null;
    const at = this.#cluster.now();
    if (this.#ensemble === null || at - this.#ensemble.at > ensembleAgeMs)
      this.#ensemble = { at, ensemble: await ensembleHealth(zookeeperPort, zookeeper.servers, zookeeper.rootPath) };
    return this.#ensemble.ensemble;
  }
}

// ------------------------------------------------------------------------------------------------ structure

function structureOf(nodes: readonly NodeObservation[], metadata: Metadata | null, machineOf: (node: string) => string): OmStructure {
  return {
    nodes: Object.fromEntries(nodes.map((each): [string, OmNodeStructure] => [each.node.name, nodeStructure(each, nodes, machineOf)])),
    tables: Object.fromEntries((metadata?.tables ?? []).map((table) => [`${table.db}.${table.name}`, tableStructure(table)])),
  };
}
function nodeStructure(
  { node, installed, config }: NodeObservation,
  nodes: readonly NodeObservation[],
  machineOf: (node: string) => string,
): OmNodeStructure {
  const shares = nodes.flatMap(({ node: other }) =>
    other.name !== node.name && machineOf(other.name) === machineOf(node.name) && other.directory === node.directory ? [other.name] : [],
  );
  const settings = Object.fromEntries([...config].filter(([key]) => !isSecretKey(key)));
  return { role: node.role, endpoint: node.endpoint, directory: node.directory, component: node.component, installed, shares, settings };
}
function tableStructure(table: TableInfo): OmTableStructure {
  return {
    db: table.db,
    name: table.name,
    tid: table.tid,
    replicas: table.replica_num,
    storage: table.storage_mode === "kUnknown" ? "kMemory" : table.storage_mode,
    placement: Object.fromEntries(
      table.table_partition.map((each) => [String(each.pid), each.partition_meta.map(({ endpoint }) => endpoint).toSorted()]),
    ),
  };
}

// ------------------------------------------------------------------------------------------------ now

function nowOf(
  nodes: readonly NodeObservation[],
  metadata: Metadata | null,
  tablets: TabletWords,
  warnings: readonly string[] | null,
  zookeeper: OmNow["zookeeper"],
): OmNow {
  const operations = metadata?.operations ?? [];
  const open = operations.filter(({ status }) => status === "kInited" || status === "kDoing" || status === "kFailed");
  return {
    nodes: Object.fromEntries(nodes.map((each): [string, OmNodeNow] => [each.node.name, nodeNow(each, metadata, tablets)])),
    nameserver: metadata?.leader ?? null,
    autoFailover: metadata?.autoFailover ?? false,
    partitions: Object.fromEntries((metadata?.tables ?? []).flatMap((table) => partitionsOf(table, tablets))),
    operations: open.map((each) => operationOf(each)),
    lastOperation: operations.reduce((highest, { op_id: id }) => Math.max(highest, id), 0),
    warnings,
    zookeeper,
    settings: settingsOf(nodes, metadata?.leader ?? null),
  };
}

const operationOf = (each: OpStatus): OmNow["operations"][number] => ({
  id: each.op_id,
  type: each.op_type,
  db: each.db,
  name: each.name,
  pid: each.pid === noPid ? null : each.pid,
  status: each.status,
  task: each.task_type,
});

function nodeNow(seen: NodeObservation, metadata: Metadata | null, tablets: TabletWords): OmNodeNow {
  const { node, process, config, availableBytes } = seen;
  const row = metadata?.tablets.find(({ endpoint }) => endpoint === node.endpoint);
  const memoryBytes = node.role === "tablet" ? bytesIn(tablets.get(node.endpoint) ?? null) : null;
  const limit = Number(config.get("max_memory_mb") ?? 0) * 1024 * 1024;
  const possible = memoryBytes === null || availableBytes === null ? null : memoryBytes + availableBytes;
  return {
    process: process.process,
    pid: process.pid,
    monPid: process.monPid,
    running: seen.running ?? (seen.runsInstalled ? seen.installed : null),
    state: stateOf(seen, row?.state ?? null),
    ageMs: row?.age ?? null,
    memoryBytes,
    maxMemoryBytes: limit > 0 ? Math.min(limit, possible ?? limit) : possible,
  };
}
function stateOf({ node, process, running }: NodeObservation, registered: "kHealthy" | "kOffline" | null): OmNodeNow["state"] {
  switch (node.role) {
    case "tablet":
      if (registered === null) return "unregistered";
      return registered === "kHealthy" ? "healthy" : "offline";
    case "taskmanager":
      // The one that leads alone opens its port (facts 2.9).
      if (running !== null) return "leader";
      return process.process === "down" ? "silent" : "standby";
    case "nameserver":
    case "apiserver":
      return running === null ? "silent" : "answers";
  }
}
const bytesIn = (statuses: readonly TableStatus[] | null): number | null =>
  statuses?.reduce((sum, each) => sum + (each.storage_mode === "kMemory" ? (each.record_byte_size ?? 0) + (each.record_idx_byte_size ?? 0) : 0), 0) ??
  null;

function partitionsOf(table: TableInfo, tablets: TabletWords): readonly (readonly [string, OmPartition])[] {
  return table.table_partition.map(({ pid, partition_meta: metas, term_offset: terms }) => {
    const replicas = metas.map((meta): OmReplica => {
      const own = tablets.get(meta.endpoint)?.find((each) => each.tid === table.tid && each.pid === pid);
      return {
        endpoint: meta.endpoint,
        leads: meta.is_leader,
        alive: meta.is_alive,
        own: own ? { offset: own.offset, mode: own.mode === "kTableLeader" ? "leader" : "follower", state: own.state } : null,
      };
    });
    const leader = metas.find(({ is_leader: leads, is_alive: alive }) => leads && alive);
    const own = leader && tablets.get(leader.endpoint)?.find((each) => each.tid === table.tid && each.pid === pid);
    const partition: OmPartition = {
      table: `${table.db}.${table.name}`,
      tid: table.tid,
      pid,
      replicas,
      term: terms.at(-1) ?? null,
      rows: own?.record_cnt ?? leader?.record_cnt ?? 0,
      // Rows and their indexes: as much as another replica of it would take.
      bytes: Math.max(leader?.record_byte_size ?? 0, (own?.record_byte_size ?? 0) + (own?.record_idx_byte_size ?? 0)),
    };
    return [partitionKey(table.tid, pid), partition] as const;
  });
}

/** What the code takes when a flag is not set (src/flags.cc, facts 3.1). */
const flagDefaults = {
  name_server_task_concurrency: 2,
  system_table_replica_num: 1,
  zk_session_timeout: 2_000,
  tablet_heartbeat_timeout: 300_000,
} as const;

function settingsOf(nodes: readonly NodeObservation[], leader: string | null): OmNow["settings"] {
  const nameservers = nodes.filter(({ node }) => node.role === "nameserver");
  const leading = nameservers.find(({ node }) => node.endpoint === leader) ?? nameservers[0];
  const flag = (config: ReadonlyMap<string, string> | undefined, name: keyof typeof flagDefaults): number => {
    const value = Number(config?.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : flagDefaults[name];
  };
  const registering = nodes.filter(({ node }) => node.role === "nameserver" || node.role === "tablet");
  return {
    taskConcurrency: flag(leading?.config, "name_server_task_concurrency"),
    systemTableReplicas: flag(leading?.config, "system_table_replica_num"),
    sessionTimeoutMs: registering.reduce((longest, { config }) => Math.max(longest, flag(config, "zk_session_timeout")), 0),
    heartbeatTimeoutMs: flag(leading?.config, "tablet_heartbeat_timeout"),
  };
}
