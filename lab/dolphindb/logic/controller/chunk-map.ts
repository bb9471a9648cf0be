import type { ChunkMeta, Metadata } from "./metadata.ts";

export interface Replica {
  readonly version: number;
  readonly corrupted: boolean;
  /** Milliseconds since 1970: when its node told of it. */
  readonly since: number;
}
interface Whereabouts {
  readonly replicas: Map<string, Replica>;
  /** Transaction that has it. */
  lockedBy: number | null;
  /** Recovery tasks that wait or run. */
  tasks: number;
  /** The last rows of a recovery are copied: nothing is written. */
  isSynchronizing: boolean;
}
export type ChunkState = "CONSTRUCTING" | "RECOVERING" | "COMPLETE";
const NOWHERE: ReadonlyMap<string, Replica> = new Map();

/**
 * Where the replicas are, as the leading controller knows it from what data nodes report (facts 5.2). A node that goes offline takes its replicas out of
 * the map: a chunk is then COMPLETE with one replica (S01009, facts 0.2).
 */
export class ChunkMap {
  readonly #metadata: Metadata;
  readonly #chunks = new Map<string, Whereabouts>();

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  clear(): void {
    this.#chunks.clear();
  }
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#chunks.delete(id);
  }
  replicas(id: string): ReadonlyMap<string, Replica> {
    return this.#chunks.get(id)?.replicas ?? NOWHERE;
  }
  /** Aliases of replicas that are what the controller's metadata says. */
  current(chunk: ChunkMeta): readonly string[] {
    return [...this.replicas(chunk.id)].flatMap(([alias, { version, corrupted }]) => (version === chunk.version && !corrupted ? [alias] : []));
  }
  state(chunk: ChunkMeta): ChunkState {
    const found = this.#chunks.get(chunk.id);
    if (found === undefined) return "RECOVERING";
    if (found.lockedBy !== null) return "CONSTRUCTING";
    if (found.tasks > 0 || found.isSynchronizing) return "RECOVERING";
    let hasCurrent = false;
    for (const { version, corrupted } of found.replicas.values()) {
      if (version === chunk.version && !corrupted) hasCurrent = true;
      else return "RECOVERING";
    }
    return hasCurrent ? "COMPLETE" : "RECOVERING";
  }

  set(id: string, alias: string, replica: Replica): void {
    this.#of(id).replicas.set(alias, replica);
  }
  drop(alias: string): void {
    for (const { replicas } of this.#chunks.values()) replicas.delete(alias);
  }
  dropReplica(id: string, alias: string): void {
    this.#chunks.get(id)?.replicas.delete(alias);
  }
  /** Ids of chunks with a replica there. */
  on(alias: string): readonly string[] {
    return [...this.#chunks].flatMap(([id, { replicas }]) => (replicas.has(alias) ? [id] : []));
  }

  lockedBy(id: string): number | null {
    return this.#chunks.get(id)?.lockedBy ?? null;
  }
  lock(id: string, tid: number): void {
    this.#of(id).lockedBy = tid;
  }
  unlock(id: string, tid: number): void {
    const found = this.#chunks.get(id);
    if (found?.lockedBy === tid) found.lockedBy = null;
  }
  isSynchronizing(id: string): boolean {
    return this.#chunks.get(id)?.isSynchronizing === true;
  }
  synchronize(id: string, is: boolean): void {
    this.#of(id).isSynchronizing = is;
  }
  addTask(id: string, by: 1 | -1): void {
    const found = this.#of(id);
    found.tasks = Math.max(0, found.tasks + by);
  }

  /** Error for a chunk that the metadata does not have is left to the caller. */
  meta(id: string): ChunkMeta | null {
    return this.#metadata.chunks.get(id) ?? null;
  }
  #of(id: string): Whereabouts {
    let found = this.#chunks.get(id);
    if (found === undefined) {
      found = { replicas: new Map(), lockedBy: null, tasks: 0, isSynchronizing: false };
      this.#chunks.set(id, found);
    }
    return found;
  }
}
