import { ServerError } from "../node.ts";
import { decode, encode } from "../messages.ts";
import type { NodeProcess } from "../process.ts";
import type { Atom } from "../../value.ts";
import type { ChunkMeta } from "../controller/metadata.ts";
import type { Directories } from "./directories.ts";

export type Row = readonly Atom[];
/** Rows behind version `base` up to `version`, one transaction's or a copy's of several. `whole`: it replaced everything before. */
interface Batch {
  readonly base: number;
  readonly version: number;
  readonly whole: boolean;
  readonly rows: readonly Row[];
}
export interface LocalChunk {
  readonly id: string;
  readonly file: string;
  readonly database: string;
  readonly table: string;
  readonly partition: string;
  version: number;
  cid: number;
  isCorrupted: boolean;
  /** 0 FIN; 1 before commit; 2 after commit; 3 waits for recovery; 4 in recovery (facts 2, getChunksMeta). */
  state: 0 | 1 | 2 | 3 | 4;
  batches: Batch[];
}
type ChunkPlace = Pick<LocalChunk, "id" | "file" | "database" | "table" | "partition">;
/** Rows that wait for the end of their transaction. */
export interface PendingWrite extends ChunkPlace {
  readonly tid: number;
  readonly cid: number;
  readonly base: number;
  readonly version: number;
  readonly whole: boolean;
  readonly rows: readonly Row[];
}
type Edit = (ChunkPlace & { readonly version: number; readonly cid: number }) | { readonly id: string; readonly version: -1 };

const EDITS_BEFORE_CHECKPOINT = 20_000;

/**
 * A data node's chunks and their files (facts 1.6): what the metadata of a chunk says counts, so rows behind its version are not there, and a version
 * whose rows are not there is not either.
 */
export class ChunkStore {
  readonly #process: NodeProcess;
  readonly #directories: Directories;
  readonly #chunks = new Map<string, LocalChunk>();
  readonly #pending = new Map<string, PendingWrite>();
  #edits = 0;
  #redo = 0;

  constructor(process: NodeProcess, directories: Directories) {
    this.#process = process;
    this.#directories = directories;
  }

  get chunks(): readonly LocalChunk[] {
    return [...this.#chunks.values()];
  }
  get pending(): readonly PendingWrite[] {
    return [...this.#pending.values()];
  }
  /** Transactions in the redo log: what a start behind kill -9 replays. */
  get redoTransactions(): number {
    return this.#redo;
  }
  get(id: string): LocalChunk | null {
    return this.#chunks.get(id) ?? null;
  }
  rows(id: string): readonly Row[] {
    const chunk = this.#chunks.get(id);
    if (chunk === undefined) return [];
    return chunk.batches.length === 1 ? (chunk.batches[0]?.rows ?? []) : chunk.batches.flatMap(({ rows }) => rows);
  }
  rowCount(id: string): number {
    return this.#chunks.get(id)?.batches.reduce((sum, { rows }) => sum + rows.length, 0) ?? 0;
  }

  /** Reads all files. Returns how many transactions the redo log holds. Error ServerError when metadata cannot be read. */
  load(): number {
    const { disk } = this.#process;
    const { chunkMetadata, pending, tsdbMeta } = this.#directories;
    // The directory is there from a node's first start on, also before its first chunk.
    if (disk.list(chunkMetadata).length === 0) this.#write(`${chunkMetadata}/editlog.0`, "");
    const edits = this.#lines(`${chunkMetadata}/checkpoint.0`).concat(this.#lines(`${chunkMetadata}/editlog.0`)) as Edit[];
    for (const edit of edits) {
      if ("file" in edit) this.#chunks.set(edit.id, { ...edit, isCorrupted: false, state: 0, batches: [] });
      else this.#chunks.delete(edit.id);
    }
    const levelFiles = new Set((this.#lines(`${tsdbMeta}/iotEditLog.meta`) as { readonly id: string }[]).map(({ id }) => id));
    for (const chunk of this.#chunks.values()) this.#loadRows(chunk, levelFiles);
    for (const name of disk.list(pending)) {
      const text = disk.read(`${pending}/${name}`);
      if (text === null) continue;
      const write = this.#parsed(`${pending}/${name}`, text) as PendingWrite;
      this.#pending.set(pendingKey(write.tid, write.id), write);
    }
    this.#redo = this.#lines(`${this.#directories.redo}/head.log`).length + this.#lines(`${this.#directories.tsdbRedo}/head.log`).length;
    return this.#redo;
  }
  /** Chunks that were never written to: for large clusters. */
  seed(chunks: readonly (ChunkPlace & { readonly version: number; readonly cid: number })[]): void {
    for (const chunk of chunks) {
      this.#chunks.set(chunk.id, { ...chunk, isCorrupted: false, state: 0, batches: [] });
    }
    this.checkpoint();
  }

  prepare(write: PendingWrite): void {
    const version = this.#chunks.get(write.id)?.version ?? 0;
    if (version !== write.base)
      throw new ServerError(`The version ${String(version)} of chunk ${write.id} differs from ${String(write.base)} on the controller.`);
    this.#pending.set(pendingKey(write.tid, write.id), write);
    this.#write(`${this.#directories.pending}/${pendingKey(write.tid, write.id)}`, encode(write));
  }
  /** False: nothing of that transaction waits here. */
  commit(tid: number, id: string): boolean {
    const write = this.#pending.get(pendingKey(tid, id));
    if (write === undefined) return false;
    const rows = this.#process.faults.has("forget-writes") ? [] : write.rows;
    this.#append(write, { base: write.base, version: write.version, whole: write.whole, rows });
    this.#log(write);
    this.#endPending(tid, id);
    return true;
  }
  rollback(tid: number, id: string): void {
    if (this.#pending.has(pendingKey(tid, id))) this.#endPending(tid, id);
  }
  /** What lies behind `version`; everything when that cannot be told. */
  since(id: string, version: number): { readonly whole: boolean; readonly rows: readonly Row[] } {
    const chunk = this.#chunks.get(id);
    if (chunk === undefined) return { whole: true, rows: [] };
    const oldest = chunk.batches[0];
    const isIncremental = version > 0 && oldest !== undefined && (oldest.version <= version || !oldest.whole) && version <= chunk.version;
    const replaced = chunk.batches.some((batch) => batch.whole && batch.version > version);
    // It came in one copy with what lies before it: which of these rows are behind it is not known.
    const isWithin = chunk.batches.some((batch) => batch.base < version && version < batch.version);
    if (!isIncremental || replaced || isWithin) return { whole: true, rows: this.rows(id) };
    return { whole: false, rows: chunk.batches.flatMap((batch) => (batch.version > version ? batch.rows : [])) };
  }
  /** The copy of another replica. */
  copy(chunk: ChunkMeta, version: number, whole: boolean, rows: readonly Row[]): void {
    const base = whole ? 0 : (this.#chunks.get(chunk.id)?.version ?? 0);
    this.#append({ ...chunk, version, cid: chunk.cid }, { base, version, whole, rows });
    const own = this.#chunks.get(chunk.id);
    if (own !== undefined) {
      own.isCorrupted = false;
      own.state = 0;
    }
    for (const write of this.pending) if (write.id === chunk.id && write.version <= version) this.#endPending(write.tid, write.id);
  }
  delete(id: string): void {
    if (!this.#chunks.delete(id)) return;
    this.#edit({ id, version: -1 });
    this.#process.disk.remove(this.#data(id));
  }

  /** Cache engines are flushed and redo logs recycled. */
  flush(): void {
    this.#redo = 0;
    this.#process.disk.remove(`${this.#directories.redo}/head.log`);
    this.#process.disk.remove(`${this.#directories.tsdbRedo}/head.log`);
  }
  checkpoint(): void {
    const { chunkMetadata } = this.#directories;
    const text = this.chunks
      .map(({ id, file, database, table, partition, version, cid }) => line({ id, file, database, table, partition, version, cid }))
      .join("");
    this.#write(`${chunkMetadata}/checkpoint.0.tmp`, text);
    this.#process.disk.rename(`${chunkMetadata}/checkpoint.0.tmp`, `${chunkMetadata}/checkpoint.0`);
    this.#write(`${chunkMetadata}/editlog.0`, "");
    this.#edits = 0;
  }

  #append(place: ChunkPlace & { readonly version: number; readonly cid: number }, batch: Batch): void {
    const { id, file, database, table, partition, version, cid } = place;
    let chunk = this.#chunks.get(id);
    if (chunk === undefined) {
      chunk = { id, file, database, table, partition, version, cid, isCorrupted: false, state: 0, batches: [] };
      this.#chunks.set(id, chunk);
      this.#appendTo(`${this.#directories.tsdbMeta}/iotEditLog.meta`, line({ id }));
    }
    chunk.version = version;
    chunk.cid = cid;
    if (batch.whole) chunk.batches = [batch];
    else chunk.batches.push(batch);
    if (batch.whole) this.#write(this.#data(id), `${encode(batch)}\n`);
    else this.#appendTo(this.#data(id), `${encode(batch)}\n`);
    this.#edit({ id, file, database, table, partition, version, cid });
  }
  #edit(edit: Edit): void {
    this.#appendTo(`${this.#directories.chunkMetadata}/editlog.0`, line(edit));
    this.#edits += 1;
    if (this.#edits >= Math.max(EDITS_BEFORE_CHECKPOINT, this.#chunks.size)) this.checkpoint();
  }
  #log({ tid, id }: PendingWrite): void {
    this.#redo += 1;
    this.#appendTo(`${this.#directories.tsdbRedo}/head.log`, line({ tid, id }));
  }
  #endPending(tid: number, id: string): void {
    this.#pending.delete(pendingKey(tid, id));
    this.#process.disk.remove(`${this.#directories.pending}/${pendingKey(tid, id)}`);
  }
  #loadRows(chunk: LocalChunk, levelFiles: ReadonlySet<string>): void {
    const text = this.#process.disk.read(this.#data(chunk.id));
    if (text === null) {
      // Seeded chunks have no rows; one that was written to has lost them.
      if (levelFiles.has(chunk.id)) chunk.isCorrupted = true;
      return;
    }
    if (!levelFiles.has(chunk.id)) {
      chunk.isCorrupted = true;
      return;
    }
    let batches: Batch[] = [];
    for (const one of text.split("\n")) {
      if (one === "") continue;
      const batch = this.#parsed(this.#data(chunk.id), one) as Batch;
      if (batch.version > chunk.version) continue;
      // A version that was rolled back by restored metadata and written again.
      batches = batch.whole ? [batch] : [...batches.filter(({ version }) => version < batch.version), batch];
    }
    const last = batches.at(-1)?.version ?? 0;
    if (last < chunk.version) chunk.version = last;
    chunk.batches = batches;
    // What lies behind the metadata's version is gone for good: it must not come back when that version is reached again.
    this.#write(this.#data(chunk.id), batches.map((batch) => `${encode(batch)}\n`).join(""));
  }
  #data(id: string): string {
    return `${this.#directories.volume}/CHUNKS/${id}`;
  }
  #lines(path: string): unknown[] {
    return (this.#process.disk.read(path) ?? "").split("\n").flatMap((one) => (one === "" ? [] : [this.#parsed(path, one)]));
  }
  #parsed(path: string, text: string): unknown {
    try {
      return decode(text);
    } catch {
      throw new ServerError(`Failed to read ${path}: the file is damaged.`);
    }
  }
  #write(path: string, text: string): void {
    this.#process.disk.write(path, text);
    this.#sync(path);
  }
  #appendTo(path: string, text: string): void {
    this.#process.disk.append(path, text);
    this.#sync(path);
  }
  #sync(path: string): void {
    if (this.#process.setting("dataSync", "0") === "1") this.#process.fsync(path);
  }
}

const pendingKey = (tid: number, id: string): string => `${String(tid)}.${id}`;
const line = (value: object): string => `${encode(value)}\n`;
