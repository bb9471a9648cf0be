// The records that later writes may build on. Bounded: a probe of many hours must neither fill its own memory nor the cluster's disk.
import type { RecordName } from "./record.ts";

export interface LiveRecord extends RecordName {
  /** Sequence of the acknowledged write whose value the record has. */
  readonly state: number;
}

/** One partition's records, oldest first. A record is out while an attempt is in flight on it, so no two attempts ever meet on one. */
export class LiveRecords {
  readonly #capacity: number;
  #held: LiveRecord[] = [];
  #head = 0;
  #turn = 0;

  constructor(capacity: number) {
    this.#capacity = Math.max(8, capacity);
  }
  get size(): number {
    return this.#held.length - this.#head;
  }
  /** So many records that deletes should catch up with inserts. */
  get full(): boolean {
    return this.size >= this.#capacity;
  }

  put(record: LiveRecord): void {
    this.#held.push(record);
    // Where nothing can be deleted, the oldest stay in the cluster and are only read at the end.
    if (this.size > this.#capacity * 2) this.takeOldest();
  }

  takeOldest(): LiveRecord | null {
    const record = this.#held[this.#head];
    if (record === undefined) return null;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  /** The newest and the oldest in turn: both what was just written and what has long been there are written again. */
  take(): LiveRecord | null {
    this.#turn++;
    if (this.#turn % 2 === 0 || this.size === 0) return this.takeOldest();
    return this.#held.pop() ?? null;
  }
}
