import type { Disk } from "../../../kit/disk.ts";
import type { Entry } from "../tablet-messages.ts";

type Line = readonly [logIndex: number, term: number, key: string, value: string | null, ts: number];
export const lineOf = ({ logIndex, term, key, value, ts }: Entry): string => `${JSON.stringify([logIndex, term, key, value, ts] satisfies Line)}\n`;
/** Null: cut off in the middle, as the last line may be when the machine died. */
export function entryOf(line: string): Entry | null {
  try {
    const [logIndex, term, key, value, ts] = JSON.parse(line) as Line;
    return { logIndex, term, key, value, ts };
  } catch {
    return null;
  }
}

const NAME_LENGTH = 8;
const fileName = (index: number): string => `${String(index).padStart(NAME_LENGTH, "0")}.log`;

/** A table's log: on disk in files that a snapshot rolls, and what those files hold in memory. */
export class Binlog {
  readonly #disk: Disk;
  readonly #directory: string;
  #entries: Entry[] = [];
  /** Of each file the highest offset before it. */
  #files: { readonly index: number; readonly after: number }[] = [];
  #path = "";
  #bytes = 0;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Reads what lies on disk. */
  recover(): void {
    for (const name of this.#disk.list(this.#directory)) {
      const content = this.#disk.read(`${this.#directory}/${name}`) ?? "";
      this.#bytes += content.length;
      const after = this.#last();
      for (const line of content.split("\n")) {
        const entry = line === "" ? null : entryOf(line);
        if (entry !== null && entry.logIndex > this.#last()) this.#entries.push(entry);
      }
      this.#files.push({ index: Number.parseInt(name, 10), after });
    }
    // Another file: the end of the last one may be cut off.
    if (this.#files.length > 0) this.roll(this.#last());
  }

  append(entry: Entry): void {
    if (this.#path === "") this.roll(entry.logIndex - 1);
    this.#entries.push(entry);
    const line = lineOf(entry);
    this.#bytes += line.length;
    this.#disk.append(this.#path, line);
  }

  /** The next entry begins a new file. */
  roll(after: number): void {
    const index = (this.#files.at(-1)?.index ?? -1) + 1;
    this.#files.push({ index, after });
    this.#path = `${this.#directory}/${fileName(index)}`;
  }

  /** Removes the files that hold nothing above that offset. */
  deleteUpTo(offset: number): void {
    let kept = 0;
    for (;;) {
      const file = this.#files[0];
      const next = this.#files[1];
      if (file === undefined || next === undefined || next.after > offset) break;
      this.#disk.remove(`${this.#directory}/${fileName(file.index)}`);
      this.#files.shift();
      kept = next.after;
    }
    if (kept === 0) return;
    this.#entries = this.#entries.filter(({ logIndex }) => logIndex > kept);
    this.#bytes = this.#entries.reduce((sum, entry) => sum + lineOf(entry).length, 0);
  }

  /** At most `limit` entries that follow on that offset without a hole; empty when the next one is not there. */
  after(offset: number, limit: number): readonly Entry[] {
    const first = this.#entries[0];
    if (first === undefined) return [];
    // Without holes the place is known; with one it is before that.
    let start = Math.min(Math.max(0, offset + 1 - first.logIndex), this.#entries.length);
    while (start > 0 && (this.#entries[start - 1]?.logIndex ?? 0) > offset) start -= 1;
    let end = start;
    while (end < start + limit && this.#entries[end]?.logIndex === offset + 1 + end - start) end += 1;
    return this.#entries.slice(start, end);
  }

  #last(): number {
    return this.#entries.at(-1)?.logIndex ?? 0;
  }
}
