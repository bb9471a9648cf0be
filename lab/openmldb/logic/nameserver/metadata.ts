// What the nameserver knows of tables, in the words of its own protocol (facts 2.5). Fields that were never set stay away from answers.

export interface PartitionMeta {
  endpoint: string;
  is_leader: boolean;
  /** Absent: true. */
  is_alive?: boolean;
  /** Of the last poll of the tablet, up to two seconds old. */
  offset?: number;
  record_cnt?: number;
  record_byte_size?: number;
  tablet_has_partition?: boolean;
  diskused?: number;
}
export interface TermOffset {
  readonly term: number;
  /** The first offset of that term. */
  readonly offset: number;
}
export interface TablePartition {
  readonly pid: number;
  partition_meta: PartitionMeta[];
  term_offset: TermOffset[];
  record_cnt?: number;
  record_byte_size?: number;
  diskused?: number;
}
export type StorageMode = "kUnknown" | "kMemory" | "kSSD" | "kHDD";
export interface TableInfo {
  readonly name: string;
  readonly db: string;
  readonly tid: number;
  readonly partition_num: number;
  readonly replica_num: number;
  readonly seg_cnt: number;
  readonly storage_mode: StorageMode;
  readonly compress_type: "kNoCompress" | "kSnappy";
  /** The lab's tables have one index: on this column. */
  readonly key_column?: string;
  /** As they were given: the nameserver of the lab does not look into them. */
  readonly column_desc?: readonly unknown[];
  readonly column_key?: readonly unknown[];
  table_partition: TablePartition[];
}

export const isAlive = (meta: PartitionMeta): boolean => meta.is_alive !== false;
export const partitionOf = (table: TableInfo, pid: number): TablePartition | null => table.table_partition.find((one) => one.pid === pid) ?? null;
/** Both marks: after a change of leader two replicas are marked as leader, and one of them is dead. */
export const leaderOf = (table: TableInfo, pid: number): string | null =>
  partitionOf(table, pid)?.partition_meta.find((meta) => meta.is_leader && isAlive(meta))?.endpoint ?? null;

export const HIDDEN_DATABASES: ReadonlySet<string> = new Set(["__INTERNAL_DB", "__PRE_AGG_DB", "INFORMATION_SCHEMA"]);

export class Catalog {
  readonly databases = new Set<string>();
  readonly #tables = new Map<string, Map<string, TableInfo>>();

  clear(): void {
    this.databases.clear();
    this.#tables.clear();
  }

  /** Null: no such database or table. */
  find(db: string, name: string): TableInfo | null {
    return this.#tables.get(db)?.get(name) ?? null;
  }

  of(db: string): readonly TableInfo[] {
    return [...(this.#tables.get(db)?.values() ?? [])];
  }

  /** By database, then by name. */
  all(): readonly TableInfo[] {
    return [...this.#tables.keys()].toSorted().flatMap((db) => this.of(db));
  }

  set(table: TableInfo): void {
    const tables = [...(this.#tables.get(table.db)?.entries() ?? []), [table.name, table] as const];
    this.#tables.set(table.db, new Map(tables.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
  }

  remove(db: string, name: string): void {
    this.#tables.get(db)?.delete(name);
  }
}
