// What must hold when a run has ended: asked of the lab itself, never of Stillwater.
import type { MemoryCluster } from "../../../lab/openmldb/memory/cluster.ts";
import { versionInBinary } from "../../../lab/openmldb/memory/releases.ts";
import { presentKeys } from "../losses/play.ts";
import type { Writers } from "../writers.ts";

/** Before the run. */
export interface Baseline {
  readonly autoFailover: boolean;
  readonly lastOperation: number;
  /** By `TID/PID`: endpoints, sorted, and the leader. */
  readonly placement: ReadonlyMap<string, { readonly on: string; readonly leader: string | null }>;
  readonly starts: ReadonlyMap<string, number>;
}
export interface EndState {
  readonly lost: readonly string[];
  readonly leftovers: readonly string[];
  readonly notUpgraded: readonly string[];
  /** More starts than the one that an upgrade takes, and those that the harness made itself. */
  readonly extraRestarts: readonly string[];
  /** Operations that ended as kFailed since the baseline. */
  readonly failedOperations: readonly string[];
}
interface OpRow {
  readonly op_id: number;
  readonly op_type: string;
  readonly status: string;
  readonly name: string;
  readonly pid: number;
}

export async function baselineOf(cluster: MemoryCluster): Promise<Baseline> {
  const operations = await operationsOf(cluster);
  return {
    autoFailover: await autoFailover(cluster),
    lastOperation: operations.at(-1)?.op_id ?? 0,
    placement: await placementOf(cluster),
    starts: startsOf(cluster),
  };
}

export async function judgeEnd(
  cluster: MemoryCluster,
  before: Baseline,
  writers: Writers,
  expected: {
    readonly upgraded: readonly string[];
    readonly release: string;
    readonly ownStarts: ReadonlyMap<string, number>;
    readonly leadersReturn: boolean;
  },
): Promise<EndState> {
  const leftovers: string[] = [];
  const present = await presentKeys(cluster, "test", "t1").catch((error: unknown) => {
    leftovers.push(String(error));
    return new Set<string>();
  });
  if ((await autoFailover(cluster)) !== before.autoFailover) leftovers.push(`auto_failover is ${String(!before.autoFailover)}`);
  leftovers.push(...(await fencesLeft(cluster)), ...placementLeft(before, await placementOf(cluster), expected.leadersReturn));
  const notUpgraded = cluster.nodes.flatMap(({ name, directory, machine, running }) => {
    const installed = versionInBinary(machine.disk.read(`${directory}/bin/openmldb`) ?? "");
    if (running === null) return [`${name} does not run`];
    return expected.upgraded.includes(name) && installed !== expected.release ? [`${name} is ${String(installed)}`] : [];
  });
  const starts = startsOf(cluster);
  const extraRestarts = cluster.nodes.flatMap(({ name }) => {
    const own = expected.ownStarts.get(name) ?? 0;
    const more = (starts.get(name) ?? 0) - (before.starts.get(name) ?? 0) - own - (expected.upgraded.includes(name) ? 1 : 0);
    return more > 0 ? [`${name} was started ${more} times too often`] : [];
  });
  const failed = (await operationsOf(cluster)).filter((each) => each.status === "kFailed" && each.op_id > before.lastOperation);
  return {
    lost: writers.rows.filter((row) => row.outcome === "acknowledged" && !present.has(row.key)).map((row) => `${row.pid}: ${row.key}`),
    leftovers,
    notUpgraded,
    extraRestarts,
    failedOperations: failed.map(({ op_id, op_type, pid }) => `${op_type} ${op_id} of ${pid}`),
  };
}

async function autoFailover(cluster: MemoryCluster): Promise<boolean> {
  const { conf } = await cluster.ask<{ readonly code: number; readonly conf?: Readonly<Record<string, string>> }>("ConfGet");
  return conf?.["auto_failover"] === "true";
}
async function operationsOf(cluster: MemoryCluster): Promise<readonly OpRow[]> {
  const { op_status = [] } = await cluster.ask<{ readonly code: number; readonly op_status?: readonly OpRow[] }>("ShowOPStatus");
  return op_status;
}
type Placement = Baseline["placement"];
async function placementOf(cluster: MemoryCluster): Promise<Placement> {
  const { table_info = [] } = await cluster.ask<{ readonly code: number; readonly table_info?: readonly TableRow[] }>("ShowTable", {
    show_all: true,
  });
  return new Map(
    table_info.flatMap(({ tid, table_partition }) =>
      table_partition.map(({ pid, partition_meta }) => {
        const leaders = partition_meta.filter((meta) => meta.is_leader && meta.is_alive !== false);
        const on = partition_meta
          .map(({ endpoint, is_alive }) => `${endpoint}${is_alive === false ? " (not alive)" : ""}`)
          .sort()
          .join(", ");
        return [`${tid}/${pid}`, { on, leader: leaders.length === 1 ? (leaders[0]?.endpoint ?? null) : null }];
      }),
    ),
  );
}
interface TableRow {
  readonly tid: number;
  readonly table_partition: readonly {
    readonly pid: number;
    readonly partition_meta: readonly { readonly endpoint: string; readonly is_leader: boolean; readonly is_alive?: boolean }[];
  }[];
}

/** An operation as the nameservers' logs tell of its beginning, whoever has asked for it. */
export interface Begun {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly pid: number;
}
export function operationsBegun(cluster: MemoryCluster): readonly Begun[] {
  return cluster.of("nameserver").flatMap(({ log }) =>
    log.flatMap((line) => {
      const found = /^([\d.]+) INFO add op ok\. op_id (\d+) op_type (\w+) name (\S+) pid (\d+)$/.exec(line);
      if (found === null) return [];
      const [, at, id, type = "", name = "", pid] = found;
      return [{ at: Number(at), id: Number(id), type, name, pid: Number(pid) }];
    }),
  );
}
/** Ids of operations that ended as kFailed or kCanceled: what they were for may be asked for again. */
export async function fruitlessOperations(cluster: MemoryCluster): Promise<ReadonlySet<number>> {
  const rows = await operationsOf(cluster);
  return new Set(rows.filter(({ status }) => status === "kFailed" || status === "kCanceled").map(({ op_id }) => op_id));
}

/** Whole-tablet fences refuse a write before they look at the table; a leader that does not lead by its own word is fenced as a partition. */
async function fencesLeft(cluster: MemoryCluster): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { endpoint, running } of cluster.of("tablet")) {
    if (running === null) continue;
    const answer = await cluster.call<{ readonly code: number }>(endpoint, "TabletServer/Put", { tid: 999_999, pid: 0, key: "x", value: "x", ts: 1 });
    if (answer?.code === 453) left.push(`${endpoint} refuses all writes`);
  }
  for (const [key, { leader }] of await placementOf(cluster)) {
    const [tid = "", pid = ""] = key.split("/");
    const own = leader === null ? null : await cluster.replica(leader, Number(tid), Number(pid));
    if (own?.mode !== "kTableLeader")
      left.push(`${key}: ${leader === null ? "no single leader" : `${leader} is named as leader, and takes no rows`}`);
  }
  return left;
}
function placementLeft(before: Baseline, now: Placement, leadersReturn: boolean): readonly string[] {
  return [...before.placement].flatMap(([key, was]) => {
    const is = now.get(key);
    if (is === undefined) return [`${key} is gone`];
    if (is.on !== was.on) return [`${key} is on ${is.on}, and was on ${was.on}`];
    return leadersReturn && is.leader !== was.leader ? [`${key} is led by ${String(is.leader)}, and was by ${String(was.leader)}`] : [];
  });
}
const startsOf = (cluster: MemoryCluster): ReadonlyMap<string, number> =>
  new Map(cluster.nodes.map(({ name, machine, directory, component }) => [name, machine.starts.get(`${directory} ${component}`) ?? 0]));
