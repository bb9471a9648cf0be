import type { Entry } from "../tablet-messages.ts";

/** What the structures around a row cost, in bytes. */
const ROW_OVERHEAD = 64;
const bytesOf = (row: Entry): number => ROW_OVERHEAD + row.key.length + (row.value?.length ?? 0);

/** A table's rows in memory: every Put is a row of its own, a deletion takes all rows of its key. */
export class Rows {
  readonly #byKey = new Map<string, Entry[]>();
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }
  get keys(): number {
    return this.#byKey.size;
  }
  /** Of keys and values with what lies around them. */
  get bytes(): number {
    return this.#bytes;
  }

  apply(entry: Entry): void {
    const rows = this.#byKey.get(entry.key);
    if (entry.value === null) {
      if (rows === undefined) return;
      this.#byKey.delete(entry.key);
      this.#count -= rows.length;
      for (const row of rows) this.#bytes -= bytesOf(row);
      return;
    }
    if (rows === undefined) this.#byKey.set(entry.key, [entry]);
    else rows.push(entry);
    this.#count += 1;
    this.#bytes += bytesOf(entry);
  }

  of(key: string): readonly Entry[] {
    return this.#byKey.get(key) ?? [];
  }

  /** In the order of their offsets. */
  all(): readonly Entry[] {
    return [...this.#byKey.values()].flat().sort((a, b) => a.logIndex - b.logIndex);
  }
}
