import { NoReply } from "../../../kit/network.ts";
import { HIDDEN_DATABASES, isAlive, type PartitionMeta, type TableInfo, type TablePartition } from "../nameserver/metadata.ts";
import { RpcFailure } from "../brpc.ts";
import { call, type Answer, type Caller } from "../sdk/rpc.ts";
import type { Sdk } from "../sdk/sdk.ts";

export const TABLE_STATUS_COLUMNS = [
  "Table_id",
  "Table_name",
  "Database_name",
  "Storage_type",
  "Rows",
  "Memory_data_size",
  "Disk_data_size",
  "Partition",
  "Partition_unalive",
  "Replica",
  "Offline_path",
  "Offline_format",
  "Offline_symbolic_paths",
  "Warnings",
] as const;
export type TableStatusRow = readonly string[];

interface StatusOnTablet {
  readonly tid: number;
  readonly pid: number;
  readonly mode: string;
  readonly state: string;
}
/** What tablets say of themselves. */
export interface TabletReports {
  /** Null: no such partition there, or the tablet does not answer. */
  status(endpoint: string, tid: number, pid: number): StatusOnTablet | null;
  /** Of the leader of a partition: its followers; a text: why they are not known. */
  followers(endpoint: string, tid: number, pid: number): readonly string[] | string;
}

/** Warnings of a partition, `[pid=N][leader|follower][endpoint]: X` (facts 2.9). */
export function partitionWarnings(table: TableInfo, partition: TablePartition, reports: TabletReports): readonly string[] {
  const { tid, replica_num } = table;
  const { pid, partition_meta } = partition;
  const warnings: string[] = [];
  const leads = (meta: PartitionMeta): boolean => meta.is_leader && isAlive(meta);
  const leader = partition_meta.findLast(leads);
  const followers = leader === undefined ? null : reports.followers(leader.endpoint, tid, pid);
  for (const meta of partition_meta) {
    const warn = (text: string): void => void warnings.push(`[pid=${pid}][${leads(meta) ? "leader" : "follower"}][${meta.endpoint}]: ${text}`);
    const status = reports.status(meta.endpoint, tid, pid);
    if (status === null) warn("state is kNotFound");
    else if (status.state === "kTableUndefined" || status.state === "kTableLoading") warn(`state is ${status.state}`);
    else if ((status.mode === "kTableLeader") !== leads(meta)) warn("leader/follower mode inconsistent");
    if (meta === leader) {
      if (typeof followers === "string") warn(`fail to get from tablet: ${followers}`);
      else if (followers !== null && followers.length + 1 !== replica_num)
        warn(`real replica number ${followers.length + 1} does not match the configured replicanum ${replica_num}`);
    } else if (Array.isArray(followers) && !followers.includes(meta.endpoint)) warn("not connected to leader");
  }
  return warnings;
}

const STORAGE: Readonly<Record<string, string>> = { kSSD: "ssd", kHDD: "hdd" };

/** One row. `Rows` and sizes are those of the leaders, as the nameserver last polled them; `Partition_unalive` counts replicas that the metadata calls dead. */
export function tableStatusRow(table: TableInfo, reports: TabletReports): TableStatusRow {
  const partitions = table.table_partition;
  const leaders = partitions.flatMap(({ partition_meta }) => partition_meta.filter((meta) => meta.is_leader && isAlive(meta)).slice(-1));
  const sum = (of: (meta: PartitionMeta) => number | undefined): string => String(leaders.reduce((total, meta) => total + (of(meta) ?? 0), 0));
  return [
    String(table.tid),
    table.name,
    table.db,
    STORAGE[table.storage_mode] ?? "memory",
    sum((meta) => meta.record_cnt),
    sum((meta) => meta.record_byte_size),
    sum((meta) => meta.diskused),
    String(table.partition_num),
    String(partitions.reduce((count, { partition_meta }) => count + partition_meta.filter((meta) => !isAlive(meta)).length, 0)),
    String(table.replica_num),
    "NULL",
    "NULL",
    "NULL",
    partitions.flatMap((partition) => partitionWarnings(table, partition, reports)).join("\n"),
  ];
}

/** SQL's LIKE: `%` any text, `_` one character; without regard to case. */
export function like(pattern: string, text: string): boolean {
  const source = pattern.split("").map((character) => {
    if (character === "%") return ".*";
    return character === "_" ? "." : character.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source.join("")}$`, "is").test(text);
}

/** Which tables are shown: LIKE matches the database's name, hidden ones too; without it those of the database in use, or all that are not hidden. */
export const shown = (table: TableInfo, db: string, pattern: string | null): boolean => {
  if (pattern !== null) return like(pattern, table.db);
  return db === "" ? !HIDDEN_DATABASES.has(table.db) : table.db === db;
};

interface ShowTableAnswer extends Answer {
  readonly table_info?: readonly TableInfo[];
}
interface GetTableStatusAnswer extends Answer {
  readonly all_table_status?: readonly StatusOnTablet[];
}
interface GetTableFollowerAnswer extends Answer {
  readonly follower_info?: readonly { readonly endpoint: string }[];
}
const NO_FOLLOWER = 134;

/** SHOW TABLE STATUS (facts 2.9) from ShowTable, GetTableStatus of each tablet and GetTableFollower of each leader. Throws when the nameserver cannot be asked. */
export async function tableStatus(sdk: Sdk, caller: Caller, db: string, pattern: string | null): Promise<readonly TableStatusRow[]> {
  const { code, msg, table_info = [] } = await sdk.nameserver.call<ShowTableAnswer>("ShowTable", { show_all: true });
  if (code !== 0) throw new Error(msg ?? `ShowTable: code ${code}`);
  const tables = table_info.filter((table) => shown(table, db, pattern)).toSorted((a, b) => a.tid - b.tid);
  return (await readReports(sdk, caller, tables)).rows(tables);
}

async function readReports(
  sdk: Sdk,
  caller: Caller,
  tables: readonly TableInfo[],
): Promise<{ rows(of: readonly TableInfo[]): readonly TableStatusRow[] }> {
  const partitions = tables.flatMap((table) => table.table_partition.map((partition) => ({ table, partition })));
  const endpoints = new Set(partitions.flatMap(({ partition }) => partition.partition_meta.map(({ endpoint }) => endpoint)));
  const statuses = new Map<string, StatusOnTablet>();
  const followers = new Map<string, readonly string[] | string>();
  const key = (endpoint: string, tid: number, pid: number): string => `${endpoint} ${tid} ${pid}`;
  const readStatus = async (endpoint: string): Promise<void> => {
    const answer = await answerOf(() => call<GetTableStatusAnswer>(caller, sdk.catalog.real(endpoint), "TabletServer", "GetTableStatus", {}));
    if (typeof answer === "string") return;
    for (const status of answer.all_table_status ?? []) statuses.set(key(endpoint, status.tid, status.pid), status);
  };
  const readFollowers = async (endpoint: string, tid: number, pid: number): Promise<void> => {
    const request = { tid, pid };
    const answer = await answerOf(() =>
      call<GetTableFollowerAnswer>(caller, sdk.catalog.real(endpoint), "TabletServer", "GetTableFollower", request),
    );
    const known =
      typeof answer === "string"
        ? answer
        : answer.code === 0 || answer.code === NO_FOLLOWER
          ? endpointsOf(answer)
          : (answer.msg ?? `code ${answer.code}`);
    followers.set(key(endpoint, tid, pid), known);
  };
  await Promise.all([
    ...[...endpoints].map(readStatus),
    ...partitions.map(async ({ table, partition }) => {
      const leader = partition.partition_meta.findLast((meta) => meta.is_leader && isAlive(meta));
      if (leader !== undefined) await readFollowers(leader.endpoint, table.tid, partition.pid);
    }),
  ]);
  const reports: TabletReports = {
    status: (endpoint, tid, pid) => statuses.get(key(endpoint, tid, pid)) ?? null,
    followers: (endpoint, tid, pid) => followers.get(key(endpoint, tid, pid)) ?? [],
  };
  return { rows: (of) => of.map((table) => tableStatusRow(table, reports)) };
}

const endpointsOf = (answer: GetTableFollowerAnswer): readonly string[] => (answer.follower_info ?? []).map(({ endpoint }) => endpoint);

async function answerOf<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoReply || error instanceof RpcFailure) return error.message;
    throw error;
  }
}
