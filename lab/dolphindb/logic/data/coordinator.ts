import { NoReply } from "../../../kit/network.ts";
import type { Catalog } from "../controller/catalog.ts";
import { tableKey, type DatabaseMeta, type TableMeta } from "../controller/metadata.ts";
import type { BeginReply, ChunkWrite, CommitRequest, Decision } from "../controller/transactions.ts";
import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import type { ClusterLink } from "../cluster-link.ts";
import type { ChunkStore, PendingWrite, Row } from "./chunk-store.ts";
import { partitionOf } from "./partitions.ts";

export interface RunningTransaction {
  readonly tid: number;
  readonly type: "APPEND" | "DELETE" | "DROP";
  readonly startedAt: number;
  status: "BEGIN" | "COMMIT" | "COMPLETE" | "ROLLBACK";
  readonly partitions: number;
  endedAt: number | null;
}
export interface TableCatalog {
  readonly database: DatabaseMeta;
  readonly table: TableMeta;
  readonly chunks: Catalog["chunks"];
}
/** Real milliseconds. */
const WRITE_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const RESOLVE_MS = 500;
const SHAPE_MS = 2_000;
const KEPT = 200;

/** What a data or compute node does for its clients with distributed tables: transactions over all replicas, reads from one of each chunk. */
export class Coordinator {
  readonly #process: NodeProcess;
  readonly #link: ClusterLink;
  readonly #store: ChunkStore;
  #transactions: RunningTransaction[] = [];
  readonly #shapes = new Map<string, { readonly at: number; readonly catalog: TableCatalog }>();

  constructor(process: NodeProcess, link: ClusterLink, store: ChunkStore) {
    this.#process = process;
    this.#link = link;
    this.#store = store;
  }

  get transactions(): readonly RunningTransaction[] {
    return this.#transactions;
  }
  get running(): readonly RunningTransaction[] {
    return this.#transactions.filter(({ endedAt }) => endedAt === null);
  }

  /** Error for a table that does not exist. */
  async catalog(database: string, table: string): Promise<TableCatalog> {
    const found = await this.#link.ask<Catalog>("catalog", { database, table });
    const [meta, own] = [found.databases[0], found.tables[0]];
    if (meta === undefined || own === undefined) throw new ServerError(`The table ${table} of database ${database} does not exist.`);
    return { database: meta, table: own, chunks: found.chunks };
  }

  /** Of a table that this node used a moment ago, without asking: begin asks again whether it is there. Its chunks are not to be read from. */
  async shape(database: string, table: string): Promise<TableCatalog> {
    const key = tableKey(database, table);
    const known = this.#shapes.get(key);
    const now = this.#process.clock.now();
    if (known !== undefined && now - known.at < this.#process.scaled(SHAPE_MS)) return known.catalog;
    const catalog = await this.catalog(database, table);
    this.#shapes.set(key, { at: now, catalog });
    return catalog;
  }

  /** Returns how many rows were written: those that lie in no partition are skipped without a word unless newValuePartitionPolicy says otherwise. */
  async append(catalog: TableCatalog, rows: readonly Row[]): Promise<number> {
    const byPartition = await this.#grouped(catalog, rows);
    if (byPartition.size === 0) return 0;
    await this.#transact(catalog, "APPEND", [...byPartition.keys()], (write) => ({ rows: byPartition.get(write.partition) ?? [], whole: false }));
    return [...byPartition.values()].reduce((sum, group) => sum + group.length, 0);
  }
  /** Keeps those rows alone that `keeps` says. */
  async remove(catalog: TableCatalog, keeps: (rows: readonly Row[]) => Promise<readonly Row[]>): Promise<void> {
    const changed = new Map<string, readonly Row[]>();
    for (const chunk of catalog.chunks) {
      const rows = await this.readChunk(chunk, catalog.table.name);
      const kept = await keeps(rows);
      if (kept.length !== rows.length) changed.set(chunk.partition, kept);
    }
    if (changed.size === 0) return;
    await this.#transact(catalog, "DELETE", [...changed.keys()], (write) => ({ rows: changed.get(write.partition) ?? [], whole: true }));
  }
  /** All rows, each chunk from one replica; the own one when there is one. */
  async read(catalog: TableCatalog): Promise<readonly Row[]> {
    const parts = await Promise.all(catalog.chunks.map((chunk) => this.readChunk(chunk, catalog.table.name)));
    return parts.flat();
  }
  async readChunk(chunk: Catalog["chunks"][number], table: string): Promise<readonly Row[]> {
    const { alias } = this.#process;
    const others = chunk.sites.filter((site) => site !== alias);
    const order = chunk.sites.includes(alias) ? [alias, ...others] : others.toSorted(() => this.#process.random() - 0.5);
    let last = "";
    for (const site of order) {
      try {
        if (site === alias) return await this.readLocal(chunk.id, chunk.version);
        const endpoint = this.#link.endpointOf(site);
        if (endpoint === null) continue;
        return await this.#process.ask<readonly Row[]>(
          endpoint,
          "chunk/read",
          { id: chunk.id, version: chunk.version },
          this.#process.scaled(READ_TIMEOUT_MS),
        );
      } catch (error) {
        if (!(error instanceof NoReply) && !(error instanceof ServerError)) throw error;
        last = ` ${error.message}`;
      }
    }
    throw new ServerError(`No available replica for the chunk ${chunk.id} of table ${table}.${last} RefId: S01012`);
  }
  /** Error when this replica does not have that version, and cannot get it by ending a transaction. */
  async readLocal(id: string, version: number): Promise<readonly Row[]> {
    if ((this.#store.get(id)?.version ?? 0) < version) for (const write of this.#store.pending) if (write.id === id) await this.resolve(write);
    const chunk = this.#store.get(id);
    if (chunk === null || chunk.isCorrupted || chunk.version < version)
      throw new ServerError(`The replica of chunk ${id} on ${this.#process.alias} is not up to date.`);
    return this.#store.rows(id);
  }

  /** Asks the leader how a transaction ended whose end was not heard of. */
  async resolve(write: PendingWrite): Promise<Decision> {
    const { tid, id, version } = write;
    const decision = await this.#link.ask<Decision>("decide", { tid, id, version });
    if (decision === "commit") this.#store.commit(tid, id);
    if (decision === "rollback") this.#store.rollback(tid, id);
    return decision;
  }
  /** Again and again until the leader has decided. */
  resolveLater(write: PendingWrite): void {
    this.#process.clock.after(this.#process.scaled(RESOLVE_MS), () => {
      const isPending = this.#store.pending.some(({ tid, id }) => tid === write.tid && id === write.id);
      if (!isPending) return;
      this.resolve(write).then(
        (decision) => {
          if (decision === "wait") this.resolveLater(write);
        },
        () => {
          this.resolveLater(write);
        },
      );
    });
  }

  async #grouped(catalog: TableCatalog, rows: readonly Row[]): Promise<ReadonlyMap<string, readonly Row[]>> {
    const { database, table } = catalog;
    const policy = this.#process.setting("newValuePartitionPolicy", "skip").toLowerCase();
    const indexes = table.partitionColumns.map((name) => table.columns.findIndex((column) => column.name === name));
    const groups = new Map<string, Row[]>();
    const missing = new Map<number, Set<string>>();
    for (const row of rows) {
      const keys: string[] = [];
      let isSkipped = false;
      for (const [at, level] of database.levels.entries()) {
        const index = indexes[at] ?? -1;
        const found = partitionOf(level, row[index] ?? null, table.columns[index]?.type ?? "");
        if (found.is === "absent") {
          if (level.type !== "VALUE" || policy === "skip") isSkipped = true;
          else if (policy === "fail")
            throw new ServerError(`The value ${found.value} lies in no partition of ${database.path}: newValuePartitionPolicy=fail.`);
          else missing.set(at, (missing.get(at) ?? new Set()).add(found.value));
        }
        keys.push(found.key);
      }
      if (isSkipped) continue;
      const key = keys.join("/");
      const group = groups.get(key) ?? [];
      group.push(row);
      groups.set(key, group);
    }
    if (missing.size > 0) this.#shapes.delete(tableKey(database.path, table.name));
    for (const [level, values] of missing) await this.#link.ask("propose", { do: "add-partitions", path: database.path, level, values: [...values] });
    return groups;
  }

  async #transact(
    catalog: TableCatalog,
    type: RunningTransaction["type"],
    partitions: readonly string[],
    contentOf: (write: ChunkWrite) => { readonly rows: readonly Row[]; readonly whole: boolean },
  ): Promise<void> {
    const { alias, clock } = this.#process;
    const [database, table] = [catalog.database.path, catalog.table.name];
    const begun = await this.#link.ask<BeginReply>("begin", { initiator: alias, database, table, partitions });
    const { tid, cid, chunks } = begun;
    const running: RunningTransaction = { tid, type, startedAt: clock.now(), status: "BEGIN", partitions: chunks.length, endedAt: null };
    this.#transactions = [...this.#transactions.slice(-KEPT), running];
    try {
      await Promise.all(
        chunks.flatMap((chunk) => {
          const { id, file, partition, base, version } = chunk;
          const write: PendingWrite = { tid, cid, id, file, database, table, partition, base, version, ...contentOf(chunk) };
          return chunk.replicas.map((replica) => this.#prepare(replica, write));
        }),
      );
    } catch (error) {
      await this.#rollback(begun, running);
      throw error;
    }
    running.status = "COMMIT";
    const request: CommitRequest = {
      tid,
      cid,
      initiator: alias,
      database,
      table,
      chunks: chunks.map((chunk) => ({ ...chunk, bytes: contentOf(chunk).rows.length * 32 })),
    };
    try {
      // Asked again of a new leader: it is told everything that it needs to know that the transaction was committed, or to commit it.
      await this.#link.ask("commit", request);
    } catch (error) {
      running.status = "ROLLBACK";
      running.endedAt = clock.now();
      if (error instanceof ServerError && !error.message.startsWith("<Controller")) await this.#rollback(begun, running);
      throw error;
    }
    await Promise.all(chunks.flatMap((chunk) => chunk.replicas.map((replica) => this.#end(replica, "chunk/commit", tid, chunk.id))));
    running.status = "COMPLETE";
    running.endedAt = clock.now();
  }
  async #prepare(replica: ChunkWrite["replicas"][number], write: PendingWrite): Promise<void> {
    if (replica.alias === this.#process.alias) {
      this.#store.prepare(write);
      this.resolveLater(write);
      return;
    }
    try {
      await this.#process.ask(replica.endpoint, "chunk/prepare", write, this.#process.scaled(WRITE_TIMEOUT_MS));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw new ServerError(`<DataNodeNotAvail>Failed to write chunk ${write.id} on ${replica.alias}: ${error.message}`);
    }
  }
  async #end(replica: ChunkWrite["replicas"][number], path: "chunk/commit" | "chunk/rollback", tid: number, id: string): Promise<void> {
    if (replica.alias === this.#process.alias) {
      if (path === "chunk/commit") this.#store.commit(tid, id);
      else this.#store.rollback(tid, id);
      return;
    }
    // Whoever does not hear it asks the leader.
    await this.#process.ask(replica.endpoint, path, { tid, id }).catch(() => {});
  }
  async #rollback({ tid, chunks }: BeginReply, running: RunningTransaction): Promise<void> {
    await this.#link.ask("rollback", { tid }).catch(() => {});
    await Promise.all(chunks.flatMap((chunk) => chunk.replicas.map((replica) => this.#end(replica, "chunk/rollback", tid, chunk.id))));
    running.status = "ROLLBACK";
    running.endedAt = this.#process.clock.now();
  }
}
