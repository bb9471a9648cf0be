import { healthyTablets, type Context } from "./context.ts";
import { isAlive, type StorageMode, type TableInfo, type TablePartition } from "./metadata.ts";

export interface TableRequest {
  readonly name: string;
  readonly db: string;
  readonly partition_num?: number;
  readonly replica_num?: number;
  readonly storage_mode?: StorageMode;
  readonly key_column?: string;
  readonly column_desc?: readonly unknown[];
  readonly column_key?: readonly unknown[];
  /** Where the replicas are to be; absent: the nameserver spreads them. */
  readonly table_partition?: readonly Pick<TablePartition, "pid" | "partition_meta">[];
}
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}
export const OK: Refusal = { code: 0, msg: "ok" };

const SEGMENTS = 8;

export async function createDatabase(context: Context, db: string): Promise<Refusal> {
  return await context.lock.run(async () => {
    if (context.catalog.databases.has(db)) return { code: 801, msg: "database already exists" };
    if (!(await context.store.addDatabase(db))) return { code: 304, msg: "set zk failed" };
    context.catalog.databases.add(db);
    return OK;
  });
}

export async function dropDatabase(context: Context, db: string): Promise<Refusal> {
  return await context.lock.run(async () => {
    if (!context.catalog.databases.has(db)) return { code: 802, msg: "database not found" };
    if (context.catalog.of(db).length > 0) return { code: 803, msg: "database not empty" };
    if (!(await context.store.removeDatabase(db))) return { code: 304, msg: "set zk failed" };
    context.catalog.databases.delete(db);
    return OK;
  });
}

export async function createTable(context: Context, request: TableRequest): Promise<Refusal> {
  const { catalog, store, lock } = context;
  if (!catalog.databases.has(request.db)) return { code: 802, msg: "database not found" };
  if (catalog.find(request.db, request.name) !== null) return { code: 101, msg: "table already exists" };
  const placed = await lock.run(() => placement(context, request));
  if (typeof placed === "string") return { code: 314, msg: `set partition info failed: ${placed}` };
  const table = await lock.run(async (): Promise<TableInfo | null> => {
    if (!(await store.write("table/table_index", String(context.tableIndex + 1)))) return null;
    context.tableIndex += 1;
    const { name, db, storage_mode = "kMemory", key_column, column_desc, column_key } = request;
    return {
      name,
      db,
      tid: context.tableIndex,
      partition_num: placed.length,
      replica_num: placed[0]?.partition_meta.length ?? 0,
      seg_cnt: SEGMENTS,
      storage_mode,
      compress_type: "kNoCompress",
      ...(key_column === undefined ? {} : { key_column }),
      ...(column_desc === undefined ? {} : { column_desc }),
      ...(column_key === undefined ? {} : { column_key }),
      table_partition: placed.map((partition) => ({ ...partition, term_offset: [{ term: context.term, offset: 0 }] })),
    };
  });
  if (table === null) return { code: 304, msg: "set zk failed" };
  // Followers first, so that a leader finds whom it replicates to.
  const failure = (await createOnTablets(context, table, false)) ?? (await createOnTablets(context, table, true));
  if (failure !== null) {
    await dropOnTablets(context, table);
    return { code: 316, msg: `create table failed: ${failure}` };
  }
  return await lock.run(async () => {
    if (!(await store.addTable(table))) return { code: 304, msg: "set zk failed" };
    catalog.set(table);
    await store.tellTablesChanged();
    return OK;
  });
}

export async function dropTable(context: Context, db: string, name: string): Promise<Refusal> {
  const table = context.catalog.find(db, name);
  if (table === null) return { code: 100, msg: "table does not exist" };
  const removed = await context.lock.run(async () => {
    if (!(await context.store.removeTable(table.tid))) return false;
    context.catalog.remove(db, name);
    await context.store.tellTablesChanged();
    return true;
  });
  if (!removed) return { code: 313, msg: "drop table error" };
  await dropOnTablets(context, table);
  return OK;
}

/** Replicas go round the healthy tablets, beginning with the one that has the fewest of that database; the leader of each partition is the replica whose tablet leads the fewest. */
function placement(context: Context, request: TableRequest): readonly Pick<TablePartition, "pid" | "partition_meta">[] | string {
  if (request.table_partition !== undefined && request.table_partition.length > 0) return request.table_partition;
  const healthy = healthyTablets(context);
  const partitions = request.partition_num ?? context.flags.partitionNum;
  const replicas = request.replica_num ?? Math.min(context.flags.replicaNum, healthy.length);
  if (replicas < 1) return "replica_num less than 1";
  if (healthy.length < replicas) return `healthy endpoint num ${String(healthy.length)} is less than replica_num ${String(replicas)}`;
  const holds = new Map(healthy.map((endpoint) => [endpoint, 0]));
  const leads = new Map(healthy.map((endpoint) => [endpoint, 0]));
  for (const { table_partition } of context.catalog.of(request.db))
    for (const { partition_meta } of table_partition)
      for (const meta of partition_meta) {
        const { endpoint } = meta;
        if (!holds.has(endpoint) || !isAlive(meta)) continue;
        holds.set(endpoint, (holds.get(endpoint) ?? 0) + 1);
        if (meta.is_leader) leads.set(endpoint, (leads.get(endpoint) ?? 0) + 1);
      }
  const round = shuffled(healthy, () => context.surroundings.random());
  const fewest = round.reduce((best, endpoint) => ((holds.get(endpoint) ?? 0) < (holds.get(best) ?? 0) ? endpoint : best), round[0] ?? "");
  let position = round.indexOf(fewest);
  return Array.from({ length: partitions }, (_, pid) => {
    const endpoints = Array.from({ length: replicas }, (__, index) => round[(position + index) % round.length] ?? "");
    position += replicas;
    const leader = endpoints.reduce((best, endpoint) => ((leads.get(endpoint) ?? 0) < (leads.get(best) ?? 0) ? endpoint : best), endpoints[0] ?? "");
    leads.set(leader, (leads.get(leader) ?? 0) + 1);
    return { pid, partition_meta: endpoints.map((endpoint) => ({ endpoint, is_leader: endpoint === leader })) };
  });
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** Null: every one of them is made. */
async function createOnTablets(context: Context, table: TableInfo, leaders: boolean): Promise<string | null> {
  const { name, db, tid, seg_cnt, storage_mode, key_column } = table;
  const made = await Promise.all(
    table.table_partition.flatMap(({ pid, partition_meta }) =>
      partition_meta
        .filter(({ is_leader }) => is_leader === leaders)
        .map(async ({ endpoint }) => {
          const table_meta = {
            name,
            db,
            tid,
            pid,
            seg_cnt,
            storage_mode,
            ...(key_column === undefined ? {} : { key_column }),
            mode: leaders ? "kTableLeader" : "kTableFollower",
            ...(leaders ? { term: context.term, replicas: partition_meta.filter((meta) => !meta.is_leader).map((meta) => meta.endpoint) } : {}),
          };
          return (await context.client.does(endpoint, "CreateTable", { table_meta })) ? null : endpoint;
        }),
    ),
  );
  const failed = made.find((endpoint) => endpoint !== null);
  return failed ?? null;
}

async function dropOnTablets(context: Context, table: TableInfo): Promise<void> {
  for (const { pid, partition_meta } of table.table_partition)
    for (const { endpoint } of partition_meta)
      if (context.tablets.get(endpoint)?.state === "kHealthy") await context.client.does(endpoint, "DropTable", { tid: table.tid, pid });
}
