// The attempts log: append-only, one file for each process of the probe, so that a process which wakes up late can never write into its successor's.
// A line is handed to the operating system before the attempt is sent: that survives a kill of the probe at any byte. It is not synced to the disk:
// a loss of power of this machine is not survived, and is not what the probe measures.
import { randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, mkdirSync, openSync, readdirSync, readSync, fstatSync, writeSync } from "node:fs";
import { join } from "node:path";
import { formatLine, logFormat, parseLine, type RawLine } from "./log-format.ts";

const fileName = (generation: number): string => `attempts-${String(generation).padStart(4, "0")}.log`;

/** The log's files, oldest first. An absent directory has none. */
export function logFiles(directory: string): readonly { readonly generation: number; readonly path: string }[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const match = /^attempts-(\d{4,9})\.log$/.exec(name);
      return match === null ? [] : [{ generation: Number(match[1]), path: join(directory, name) }];
    })
    .sort((a, b) => a.generation - b.generation);
}

const tailBytes = 256 * 1024;

/** The first sequence that no intent of this file can have. Sequences rise, so its tail is enough; the header's own covers a file without intents. */
function sequenceAfter(path: string): number {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const read = (from: number, length: number): string => {
      const buffer = Buffer.alloc(length);
      return buffer.toString("utf8", 0, readSync(file, buffer, 0, length, from));
    };
    let next = 1;
    for (const text of [read(0, Math.min(size, 4096)), read(Math.max(0, size - tailBytes), Math.min(size, tailBytes))]) {
      for (const line of text.split("\n").slice(0, -1)) {
        const parsed = parseLine(line);
        if (parsed?.is === "generation") next = Math.max(next, parsed.first);
        if (parsed?.is === "intent") next = Math.max(next, parsed.sequence + 1);
      }
    }
    return next;
  } finally {
    closeSync(file);
  }
}

/** Null: the process was killed inside its first line. */
function probeIn(path: string): string | null {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(4096);
    const text = buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, 0));
    const line = text.includes("\n") ? parseLine(text.slice(0, text.indexOf("\n"))) : null;
    return line?.is === "generation" ? line.probe : null;
  } finally {
    closeSync(file);
  }
}

/** Reasons hold addresses and times: a bound keeps a log of many different ones small. */
const maximumWords = 500;
const maximumWordLength = 300;

export interface AttemptLogOptions {
  readonly directory: string;
  readonly name: string;
  /** Milliseconds since 1970 at the monotonic zero of this process's times. */
  readonly wallAtZero: number;
  readonly pid?: number;
  /** Tests put a full disk here. */
  readonly write?: (file: number, bytes: Uint8Array) => number;
}

export class AttemptLog {
  readonly generation: number;
  /** What the keys of this probe have in common: made by its first process, the same for all later ones. */
  readonly probe: string;
  /** The first sequence that this process may use. */
  readonly firstSequence: number;
  readonly path: string;
  readonly #file: number;
  readonly #write: (file: number, bytes: Uint8Array) => number;
  readonly #partitions = new Map<string, number>();
  readonly #words = new Map<string, number>();
  /** What a full disk did not take: the exact bytes, so that no line is ever torn in the middle of the file. */
  #rest: Uint8Array = new Uint8Array(0);
  #closed = false;

  /** Begins a new generation in the directory. Throws the file system's error. */
  constructor({ directory, name, wallAtZero, pid = process.pid, write = writeSync }: AttemptLogOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const before = logFiles(directory);
    this.generation = (before.at(-1)?.generation ?? 0) + 1;
    this.firstSequence = Math.max(1, ...before.slice(-2).map(({ path }) => sequenceAfter(path)));
    this.probe = before.map(({ path }) => probeIn(path)).find((probe) => probe !== null) ?? randomBytes(4).toString("hex");
    this.path = join(directory, fileName(this.generation));
    this.#write = write;
    this.#file = openSync(this.path, "ax", 0o600);
    this.append([
      {
        is: "generation",
        format: logFormat,
        generation: this.generation,
        pid,
        wall: wallAtZero,
        first: this.firstSequence,
        probe: this.probe,
        name,
      },
    ]);
  }

  partition(text: string): number {
    return this.#index(this.#partitions, "partition", text);
  }

  words(text: string): number {
    const short = text.length > maximumWordLength ? `${text.slice(0, maximumWordLength)}...` : text;
    const known = this.#words.has(short) || this.#words.size < maximumWords;
    return this.#index(this.#words, "words", known ? short : "another reason");
  }

  #index(table: Map<string, number>, is: "partition" | "words", text: string): number {
    const held = table.get(text);
    if (held !== undefined) return held;
    const index = table.size;
    table.set(text, index);
    this.append([{ is, index, text }]);
    return index;
  }

  /** False: not everything is in the file yet (a full disk). What is missing is kept, and tried again by the next call. */
  append(lines: readonly RawLine[]): boolean {
    const text = lines.map(formatLine).join("");
    this.#rest = this.#rest.length === 0 ? Buffer.from(text) : Buffer.concat([this.#rest, Buffer.from(text)]);
    try {
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(this.#write(this.#file, this.#rest));
    } catch {
      // The caller learns it from the answer and stops to make attempts: without an intent in the file nothing may be sent.
      return false;
    }
    return true;
  }

  /** Syncs and closes; bytes that a full disk still refuses are lost, which turns their outcomes into unknown ones. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.append([]);
    try {
      fdatasyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }
}
