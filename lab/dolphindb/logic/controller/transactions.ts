import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import type { ChunkMap } from "./chunk-map.ts";
import { tableKey, type ChunkMeta, type Command, type Metadata } from "./metadata.ts";
import type { Members } from "./members.ts";
import { placeReplicas } from "./placement.ts";

export interface BeginRequest {
  readonly initiator: string;
  readonly database: string;
  readonly table: string;
  readonly partitions: readonly string[];
}
/** One chunk of a transaction: who writes which version behind which. */
export interface ChunkWrite {
  readonly id: string;
  readonly file: string;
  readonly partition: string;
  readonly base: number;
  readonly version: number;
  readonly replicas: readonly { readonly alias: string; readonly endpoint: string }[];
}
export interface BeginReply {
  readonly tid: number;
  readonly cid: number;
  readonly chunks: readonly ChunkWrite[];
}
/** Everything that a new leader needs to end what the old one began. */
export interface CommitRequest {
  readonly tid: number;
  readonly cid: number;
  readonly initiator: string;
  readonly database: string;
  readonly table: string;
  readonly chunks: readonly (ChunkWrite & { readonly bytes: number })[];
}
/** `wait`: whoever coordinates it may still commit it. */
export type Decision = "commit" | "rollback" | "wait";
export interface Transaction {
  readonly tid: number;
  readonly cid: number;
  readonly initiator: string;
  readonly boot: string | null;
  readonly chunks: readonly ChunkWrite[];
  readonly beganAt: number;
  /** When its coordinator was lost; null: it lives. */
  orphanedAt: number | null;
  /** Being committed: nobody else may end it. */
  isCommitting: boolean;
}

/** Real milliseconds that chunks of a transaction stay locked behind the death of its coordinator (facts 5.1, 7). */
const CHUNK_LOCK_MS = 10_000;
/** Whoever asked has given up after that, and would not know that it has begun. */
const BEGIN_WAIT_MS = 4_000;
const UNKNOWN_TO_INITIATOR_MS = 5_000;
const POLL_MS = 50;

export interface TransactionsContext {
  readonly process: NodeProcess;
  readonly metadata: Metadata;
  readonly members: Members;
  readonly map: ChunkMap;
  readonly propose: (command: Command) => Promise<void>;
  readonly sid: () => string;
  readonly replicationFactor: () => number;
  readonly reliabilityLevel: () => number;
}

/** Transactions over chunks, in the leading controller's memory; what is committed is in the Raft group's metadata. */
export class Transactions {
  readonly #context: TransactionsContext;
  readonly #running = new Map<number, Transaction>();
  /** Chunks that do not exist before the first commit: tid by table and partition. */
  readonly #creating = new Map<string, number>();
  #nextTid = 1;
  #nextCid = 1;
  #isWaiting = false;

  constructor(context: TransactionsContext) {
    this.#context = context;
  }

  get running(): readonly Transaction[] {
    return [...this.#running.values()];
  }
  /** A new leader does not know what the old one began: it waits until whoever could coordinate something has told it. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }
  beginWaiting(): void {
    this.#isWaiting = true;
    this.#running.clear();
    this.#creating.clear();
    // Numbers that the old leader gave and that were not committed must not be given again.
    this.#nextTid = this.#context.metadata.tid + 100;
    this.#nextCid = this.#context.metadata.cid + 100;
  }
  endWaiting(): void {
    this.#isWaiting = false;
  }
  /** A number that somebody still holds. */
  seen(tid: number): void {
    this.#nextTid = Math.max(this.#nextTid, tid + 1);
  }

  async begin(request: BeginRequest): Promise<BeginReply> {
    const { process, metadata, members, map } = this.#context;
    if (this.#isWaiting) throw new ServerError("<ControllerNotReady>The new leader is waiting for transactions to be reported. RefId: S01076");
    const key = tableKey(request.database, request.table);
    if (!metadata.tables.has(key)) throw new ServerError(`The table does not exist. table name: ${request.table}.`);
    const factor = this.#context.replicationFactor();
    const online = members.onlineDataNodes().length;
    if (online < factor)
      throw new ServerError(`The number of online data nodes [${String(online)}] is less than dfsReplicationFactor [${String(factor)}].`);
    await this.#untilSynchronized(request, process.clock.now() + process.scaled(BEGIN_WAIT_MS));
    const isAtomic = (metadata.databases.get(request.database)?.atomic ?? "TRANS") === "TRANS";
    const deadline = process.clock.now() + process.scaled(BEGIN_WAIT_MS);
    for (;;) {
      const holder = this.#holder(request, key);
      if (holder === null) break;
      if (isAtomic || process.clock.now() > deadline) throw this.#inTransaction(holder.file, holder.tid);
      await process.sleep(process.scaled(POLL_MS));
    }
    // From here to the locks nothing is awaited.
    const partitions = metadata.partitionsOf(request.database, request.table);
    const chunks = request.partitions.map((partition): ChunkWrite => {
      const existing = map.meta(partitions.get(partition) ?? "");
      if (existing !== null) {
        const current = map.current(existing).filter((alias) => members.isReady(alias));
        if (current.length === 0) throw new ServerError(`No available replica for the chunk ${existing.id}. RefId: S01012`);
        return {
          id: existing.id,
          file: existing.file,
          partition,
          base: existing.version,
          version: existing.version + 1,
          replicas: this.#sites(current),
        };
      }
      const placed = placeReplicas({
        candidates: members.dataNodes().filter(({ alias }) => members.isReady(alias)),
        count: factor,
        level: this.#context.reliabilityLevel(),
        random: () => process.random(),
      });
      return {
        id: this.#newId(),
        file: `/${request.database.replace("dfs://", "")}/${partition}/${request.table}`,
        partition,
        base: 0,
        version: 1,
        replicas: this.#sites(placed),
      };
    });
    const tid = this.#nextTid++;
    const cid = this.#nextCid++;
    for (const chunk of chunks) {
      if (chunk.base === 0) this.#creating.set(`${key}\n${chunk.partition}`, tid);
      else map.lock(chunk.id, tid);
    }
    this.#running.set(tid, {
      tid,
      cid,
      initiator: request.initiator,
      boot: members.get(request.initiator)?.boot ?? null,
      chunks,
      beganAt: process.clock.now(),
      orphanedAt: null,
      isCommitting: false,
    });
    return { tid, cid, chunks };
  }

  async commit(request: CommitRequest): Promise<void> {
    const { process, metadata, map } = this.#context;
    const isCommitted = request.chunks.every(({ id, version, base }) => {
      const chunk = metadata.chunks.get(id);
      return chunk?.tid === request.tid && chunk.version === version && version > base;
    });
    if (isCommitted) return;
    const running = this.#running.get(request.tid);
    if (running === undefined) {
      const isFree = request.chunks.every(({ id, base }) => (metadata.chunks.get(id)?.version ?? 0) === base && map.lockedBy(id) === null);
      if (!this.#isWaiting || !isFree) throw new ServerError(`The transaction ${String(request.tid)} was rolled back.`);
      for (const { id, base } of request.chunks) if (base > 0) map.lock(id, request.tid);
    } else running.isCommitting = true;
    this.seen(request.tid);
    const updated = process.clock.now();
    const chunks = request.chunks.map((write): ChunkMeta => {
      const before = metadata.chunks.get(write.id);
      const bytes = (before?.bytes ?? 0) + write.bytes;
      return {
        id: write.id,
        file: write.file,
        database: request.database,
        table: request.table,
        partition: write.partition,
        version: write.version,
        cid: request.cid,
        tid: request.tid,
        bytes,
        chain: [`${String(request.cid)}:${String(bytes)}:${String(write.version)}:${this.#context.sid()}`, ...(before?.chain ?? [])].slice(0, 3),
        updated,
      };
    });
    try {
      await this.#context.propose({ do: "commit", tid: request.tid, cid: request.cid, chunks });
      for (const { id, version, replicas } of request.chunks)
        for (const { alias } of replicas)
          if (this.#context.members.get(alias)?.reported === true) map.set(id, alias, { version, corrupted: false, since: updated });
    } finally {
      this.#end(request);
    }
  }
  rollback(tid: number): void {
    const running = this.#running.get(tid);
    if (running === undefined || running.isCommitting) return;
    this.#end(running);
  }
  /** What a replica shall do with rows that it holds for a transaction whose end it did not hear of. */
  decide(tid: number, id: string, version: number): Decision {
    const chunk = this.#context.metadata.chunks.get(id);
    if (chunk?.tid === tid && chunk.version === version) return "commit";
    this.seen(tid);
    if (this.#running.has(tid) || this.#isWaiting) return "wait";
    return "rollback";
  }
  /** The coordinator died, or was restarted: its chunks stay locked for a while. */
  orphan(initiator: string): void {
    for (const one of this.#running.values()) if (one.initiator === initiator) one.orphanedAt ??= this.#context.process.clock.now();
  }
  /** A coordinator that lives and does not know a transaction any more will not end it. */
  reported(initiator: string, transactions: readonly number[]): void {
    const now = this.#context.process.clock.now();
    for (const one of this.#running.values()) {
      if (one.initiator !== initiator || transactions.includes(one.tid)) continue;
      if (now - one.beganAt > this.#context.process.scaled(UNKNOWN_TO_INITIATOR_MS)) one.orphanedAt ??= now;
    }
    for (const tid of transactions) this.seen(tid);
  }
  /** Transactions that were orphaned long enough: rolled back, and returned so that their replicas are told. */
  expire(): readonly Transaction[] {
    const { process } = this.#context;
    const expired = this.running.filter(
      ({ orphanedAt, isCommitting }) => !isCommitting && orphanedAt !== null && process.clock.now() - orphanedAt >= process.scaled(CHUNK_LOCK_MS),
    );
    for (const { tid } of expired) {
      process.log("WARNING", `transaction ${String(tid)} is rolled back: its coordinator is lost`);
      this.rollback(tid);
    }
    return expired;
  }

  #end({ tid, chunks }: { readonly tid: number; readonly chunks: readonly ChunkWrite[] }): void {
    this.#running.delete(tid);
    for (const { id } of chunks) this.#context.map.unlock(id, tid);
    for (const [key, holder] of this.#creating) if (holder === tid) this.#creating.delete(key);
  }
  #holder(request: BeginRequest, key: string): { readonly file: string; readonly tid: number } | null {
    const { metadata, map } = this.#context;
    const partitions = metadata.partitionsOf(request.database, request.table);
    for (const partition of request.partitions) {
      const id = partitions.get(partition);
      const tid = id === undefined ? this.#creating.get(`${key}\n${partition}`) : map.lockedBy(id);
      if (tid !== undefined && tid !== null) return { file: `/${request.database.replace("dfs://", "")}/${partition}/${request.table}`, tid };
    }
    return null;
  }
  #inTransaction(file: string, tid: number): ServerError {
    return new ServerError(`<ChunkInTransaction>filepath '${file}' has been owned by transaction ${String(tid)}.`);
  }
  async #untilSynchronized({ database, table, partitions }: BeginRequest, deadline: number): Promise<void> {
    const { process, map, metadata } = this.#context;
    const isBlocked = (): boolean => {
      const ids = metadata.partitionsOf(database, table);
      return partitions.some((partition) => map.isSynchronizing(ids.get(partition) ?? ""));
    };
    while (isBlocked()) {
      if (process.clock.now() > deadline) throw new ServerError("<ChunkInTransaction>The chunk is being recovered.");
      await process.sleep(process.scaled(POLL_MS));
    }
  }
  #sites(aliases: readonly string[]): ChunkWrite["replicas"] {
    return aliases.flatMap((alias) => {
      const row = this.#context.members.row(alias);
      return row === null ? [] : [{ alias, endpoint: row.endpoint }];
    });
  }
  /** Looks like a UUID. */
  #newId(): string {
    const digits = Array.from({ length: 32 }, () => Math.floor(this.#context.process.random() * 16).toString(16)).join("");
    return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
  }
}
