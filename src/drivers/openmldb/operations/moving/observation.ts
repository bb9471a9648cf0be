// What a move of leaders looks at: the nameserver's metadata and operations beside what the tablets themselves say.
import { StillwaterError } from "../../../../model/errors.ts";
import { partitionKey } from "../../facts.ts";
import type { OpStatus, Rpc, TableInfo, TableStatus } from "../../rpc.ts";
import type { Partition } from "../../steps.ts";

/** What the tablet itself says of a partition. `absent`: it has not loaded it. `unknown`: it does not answer. */
export type Own =
  | {
      readonly offset: number;
      readonly mode: "leader" | "follower";
      readonly normal: boolean;
      /** kSnapshotPaused: an operation on it is sending its snapshot, or failed while it did. */
      readonly paused?: true;
    }
  | "absent"
  | "unknown";
export interface ReplicaView {
  readonly endpoint: string;
  readonly leads: boolean;
  readonly alive: boolean;
  /** The nameserver sees the tablet. */
  readonly healthy: boolean;
  readonly own: Own;
  /** Its offset as the nameserver last polled it: up to two seconds old, and all there is while it is not loaded. */
  readonly known: number;
}
export interface PartitionView {
  readonly partition: Partition;
  readonly storage: TableInfo["storage_mode"];
  readonly replicas: readonly ReplicaView[];
  /** The last of term_offset: where the present leader began. */
  readonly term: { readonly term: number; readonly offset: number } | null;
  /** The offsets of term_offset, oldest first: where each leader began. */
  readonly starts: readonly number[];
}
export type OperationView = Pick<OpStatus, "op_id" | "op_type" | "status" | "db" | "name" | "pid"> & Partial<Pick<OpStatus, "task_type">>;
export interface Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By `TID/PID`: every partition of the cluster, hidden databases included. */
  readonly partitions: ReadonlyMap<string, PartitionView>;
  readonly operations: readonly OperationView[];
  /** Endpoints of tablets that refuse all writes (SetMode), of those that were asked. */
  readonly writeFenced: ReadonlySet<string>;
}

export const keyOf = ({ tid, pid }: Pick<Partition, "tid" | "pid">): string => partitionKey(tid, pid);
export const isActive = ({ status }: Pick<OpStatus, "status">): boolean => status === "kInited" || status === "kDoing";
export const concerns = ({ db, name, pid }: Partition, operation: Pick<OpStatus, "db" | "name" | "pid">): boolean =>
  operation.db === db && operation.name === name && operation.pid === pid;
export const leaderIn = ({ replicas }: PartitionView): ReplicaView | null => replicas.find(({ leads, alive }) => leads && alive) ?? null;
export const replicaOn = ({ replicas }: PartitionView, endpoint: string): ReplicaView | null =>
  replicas.find((replica) => replica.endpoint === endpoint) ?? null;
export const ownOf = (replica: ReplicaView | null): Exclude<Own, string> | null =>
  replica === null || typeof replica.own === "string" ? null : replica.own;

/** Throws when the nameserver does not answer; a tablet that does not answer makes its replicas `unknown`. */
export async function observe(rpc: Rpc, now: number, fenced: readonly string[] = []): Promise<Observation> {
  // In this order: what is not under way any more when the operations are read has left its mark in the metadata that is read after them, and the offsets
  // are at least as new as both. The other way round a change that has just ended would look like one that never began.
  const operations = await rpc.nameserver.showOpStatus();
  const [tables, tablets] = await Promise.all([rpc.nameserver.showTables(), rpc.nameserver.showTablet()]);
  const healthy = new Set(tablets.filter(({ state }) => state === "kHealthy").map(({ endpoint }) => endpoint));
  const holding = new Set(tables.flatMap((table) => table.table_partition.flatMap((each) => each.partition_meta.map(({ endpoint }) => endpoint))));
  const [statuses, refusing] = await Promise.all([
    Promise.all([...holding].map(async (endpoint) => [endpoint, await statusOf(rpc, endpoint)] as const)),
    Promise.all(fenced.map(async (endpoint) => ((await rpc.tablet(endpoint).writeFenced()) ? [endpoint] : []))),
  ]);
  return {
    now,
    partitions: new Map(tables.flatMap((table) => viewsOf(table, healthy, new Map(statuses)))),
    operations,
    writeFenced: new Set(refusing.flat()),
  };
}

async function statusOf(rpc: Rpc, endpoint: string): Promise<ReadonlyMap<string, TableStatus> | null> {
  try {
    const rows = await rpc.tablet(endpoint).tableStatus();
    return new Map(rows.map((row) => [partitionKey(row.tid, row.pid), row]));
  } catch (error) {
    if (error instanceof StillwaterError) return null;
    throw error;
  }
}

function viewsOf(
  { db, name, tid, storage_mode, table_partition }: TableInfo,
  healthy: ReadonlySet<string>,
  statuses: ReadonlyMap<string, ReadonlyMap<string, TableStatus> | null>,
): readonly (readonly [string, PartitionView])[] {
  return table_partition.map(({ pid, partition_meta, term_offset }) => {
    const key = partitionKey(tid, pid);
    const replicas = partition_meta.map((meta): ReplicaView => {
      const rows = statuses.get(meta.endpoint) ?? null;
      const row = rows?.get(key);
      return {
        endpoint: meta.endpoint,
        leads: meta.is_leader,
        alive: meta.is_alive,
        healthy: healthy.has(meta.endpoint),
        known: meta.offset,
        own:
          rows === null
            ? "unknown"
            : row === undefined
              ? "absent"
              : {
                  offset: row.offset,
                  mode: row.mode === "kTableLeader" ? "leader" : "follower",
                  // A snapshot is being made: it takes part as ever.
                  normal: row.state === "kTableNormal" || row.state === "kMakingSnapshot",
                  ...(row.state === "kSnapshotPaused" ? { paused: true as const } : {}),
                },
      };
    });
    return [
      key,
      {
        partition: { db, name, tid, pid },
        storage: storage_mode,
        replicas,
        term: term_offset.at(-1) ?? null,
        starts: term_offset.map(({ offset }) => offset),
      },
    ];
  });
}
