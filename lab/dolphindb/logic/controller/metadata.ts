import type { StateMachine } from "../raft/raft.ts";
import type { NodeRow } from "../cluster-files.ts";

export type PartitionType = "VALUE" | "RANGE" | "HASH" | "LIST";
/** One level of partitioning; `domain` as texts of literals, HASH: the number of buckets. */
export interface PartitionLevel {
  readonly type: PartitionType;
  /** Of the partitioning column. */
  readonly valueType: string;
  readonly domain: readonly string[];
}
export interface DatabaseMeta {
  /** `dfs://name`. */
  readonly path: string;
  readonly levels: readonly PartitionLevel[];
  readonly engine: "OLAP" | "TSDB" | "PKEY";
  /** TRANS: two writers of one chunk are an error for the second. CHUNK: it waits. */
  readonly atomic: "TRANS" | "CHUNK";
  readonly createdBy: string;
}
export interface TableMeta {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly partitionColumns: readonly string[];
  readonly sortColumns: readonly string[];
  readonly keepDuplicates: "ALL" | "LAST" | "FIRST";
}
export interface ChunkMeta {
  readonly id: string;
  /** `/upgrade_probe/20230101/c`, or with the table's physical directory. */
  readonly file: string;
  readonly database: string;
  readonly table: string;
  /** Key of the partition, as in `file`. */
  readonly partition: string;
  readonly version: number;
  readonly cid: number;
  /** Of the transaction that made this version. */
  readonly tid: number;
  readonly bytes: number;
  /** "cid:size:version:sid", newest first, at most three. */
  readonly chain: readonly string[];
  /** Milliseconds since 1970. */
  readonly updated: number;
}
export interface User {
  readonly name: string;
  readonly digest: string;
  readonly isAdmin: boolean;
}
export type Command =
  | { readonly do: "own-nodes"; readonly rows: readonly NodeRow[] }
  | { readonly do: "own-settings"; readonly settings: Readonly<Record<string, string>> }
  | { readonly do: "create-database"; readonly database: DatabaseMeta }
  | { readonly do: "drop-database"; readonly path: string }
  | { readonly do: "add-partitions"; readonly path: string; readonly level: number; readonly values: readonly string[] }
  | { readonly do: "create-table"; readonly table: TableMeta }
  | { readonly do: "drop-table"; readonly database: string; readonly name: string }
  | { readonly do: "commit"; readonly tid: number; readonly cid: number; readonly chunks: readonly ChunkMeta[] }
  | { readonly do: "drop-chunks"; readonly ids: readonly string[] }
  | { readonly do: "set-user"; readonly user: User }
  | { readonly do: "drop-user"; readonly name: string }
  | { readonly do: "set-function-view"; readonly name: string; readonly body: string }
  | { readonly do: "drop-function-view"; readonly name: string };

interface State {
  readonly nodes: readonly NodeRow[] | null;
  readonly settings: Readonly<Record<string, string>> | null;
  readonly tid: number;
  readonly cid: number;
  readonly databases: readonly DatabaseMeta[];
  readonly tables: readonly TableMeta[];
  readonly chunks: readonly ChunkMeta[];
  readonly users: readonly User[];
  readonly views: readonly { readonly name: string; readonly body: string }[];
}

export const tableKey = (database: string, name: string): string => `${database}\n${name}`;

/** What the Raft group owns: DFS metadata, users, function views, cluster.nodes and cluster.cfg (facts 1.5, 1.6). */
export class Metadata implements StateMachine<Command> {
  /** Null: the group owns none yet; the files count. */
  nodes: readonly NodeRow[] | null = null;
  settings: Readonly<Record<string, string>> | null = null;
  tid = 0;
  cid = 0;
  readonly databases = new Map<string, DatabaseMeta>();
  readonly tables = new Map<string, TableMeta>();
  readonly chunks = new Map<string, ChunkMeta>();
  readonly users = new Map<string, User>();
  readonly views = new Map<string, string>();
  /** Chunks of a table: id by partition. */
  readonly #partitions = new Map<string, Map<string, string>>();
  readonly #dropped: (chunks: readonly string[]) => void;

  /** `dropped`: told the ids of chunks that are gone. */
  constructor(dropped: (chunks: readonly string[]) => void = () => {}) {
    this.#dropped = dropped;
  }

  partitionsOf(database: string, table: string): ReadonlyMap<string, string> {
    return this.#partitions.get(tableKey(database, table)) ?? new Map();
  }
  size(): number {
    return this.chunks.size;
  }

  apply(command: Command): void {
    switch (command.do) {
      case "own-nodes":
        this.nodes = command.rows;
        break;
      case "own-settings":
        this.settings = command.settings;
        break;
      case "create-database":
        this.databases.set(command.database.path, command.database);
        break;
      case "add-partitions": {
        const database = this.databases.get(command.path);
        if (database === undefined) break;
        const levels = database.levels.map((level, at) =>
          at === command.level ? { ...level, domain: [...new Set([...level.domain, ...command.values])] } : level,
        );
        this.databases.set(command.path, { ...database, levels });
        break;
      }
      case "drop-database":
        for (const table of this.tables.values()) if (table.database === command.path) this.#dropTable(table.database, table.name);
        this.databases.delete(command.path);
        break;
      case "create-table":
        this.tables.set(tableKey(command.table.database, command.table.name), command.table);
        break;
      case "drop-table":
        this.#dropTable(command.database, command.name);
        break;
      case "commit":
        this.tid = Math.max(this.tid, command.tid);
        this.cid = Math.max(this.cid, command.cid);
        for (const chunk of command.chunks) this.#setChunk(chunk);
        break;
      case "drop-chunks":
        this.#dropChunks(command.ids);
        break;
      case "set-user":
        this.users.set(command.user.name, command.user);
        break;
      case "drop-user":
        this.users.delete(command.name);
        break;
      case "set-function-view":
        this.views.set(command.name, command.body);
        break;
      case "drop-function-view":
        this.views.delete(command.name);
        break;
    }
  }

  state(): State {
    return {
      nodes: this.nodes,
      settings: this.settings,
      tid: this.tid,
      cid: this.cid,
      databases: [...this.databases.values()],
      tables: [...this.tables.values()],
      chunks: [...this.chunks.values()],
      users: [...this.users.values()],
      views: [...this.views].map(([name, body]) => ({ name, body })),
    };
  }
  install(found: unknown): void {
    const state = found as State;
    for (const map of [this.databases, this.tables, this.chunks, this.users, this.views, this.#partitions]) map.clear();
    this.nodes = state.nodes;
    this.settings = state.settings;
    this.tid = state.tid;
    this.cid = state.cid;
    for (const database of state.databases) this.databases.set(database.path, database);
    for (const table of state.tables) this.tables.set(tableKey(table.database, table.name), table);
    for (const chunk of state.chunks) this.#setChunk(chunk);
    for (const user of state.users) this.users.set(user.name, user);
    for (const { name, body } of state.views) this.views.set(name, body);
  }

  #setChunk(chunk: ChunkMeta): void {
    // A transaction that ends behind the dropping of its table makes nothing.
    const key = tableKey(chunk.database, chunk.table);
    if (!this.tables.has(key)) return;
    this.chunks.set(chunk.id, chunk);
    const partitions = this.#partitions.get(key) ?? new Map<string, string>();
    partitions.set(chunk.partition, chunk.id);
    this.#partitions.set(key, partitions);
  }
  #dropTable(database: string, name: string): void {
    const key = tableKey(database, name);
    this.#dropChunks([...(this.#partitions.get(key)?.values() ?? [])]);
    this.#partitions.delete(key);
    this.tables.delete(key);
  }
  #dropChunks(ids: readonly string[]): void {
    for (const id of ids) {
      const chunk = this.chunks.get(id);
      if (chunk === undefined) continue;
      this.chunks.delete(id);
      this.#partitions.get(tableKey(chunk.database, chunk.table))?.delete(chunk.partition);
    }
    if (ids.length > 0) this.#dropped(ids);
  }
}
