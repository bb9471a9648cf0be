// The attempts log as one stream of facts with wall-clock times. Read in pieces, so that hours of attempts cost little memory
// and the reading process goes on answering meanwhile.
import { open } from "node:fs/promises";
import type { ContinuityKind } from "../model/continuity.ts";
import { logFiles } from "./log.ts";
import { logFormat, parseLine, type ControlStep, type RawLine } from "./log-format.ts";
import { StillwaterError } from "../model/errors.ts";

/** Times in ms since 1970. */
export type LogEntry =
  | { readonly is: "began"; readonly generation: number; readonly at: number; readonly probe: string; readonly name: string }
  | { readonly is: "partition"; readonly partition: string }
  | {
      readonly is: "intent";
      readonly sequence: number;
      readonly kind: ContinuityKind;
      readonly partition: string;
      readonly record: number;
      readonly salt: number;
      /** Sequence of the write that a compare-and-set or a delete builds on; null for an insert. */
      readonly expects: number | null;
      readonly dueAt: number;
      readonly sentAt: number;
    }
  | { readonly is: "acknowledged"; readonly sequence: number; readonly at: number }
  | { readonly is: "refused"; readonly sequence: number; readonly at: number; readonly why: string; readonly silently?: true }
  | { readonly is: "unknown"; readonly sequence: number; readonly at: number; readonly why: string }
  /** Sent once more, though what was sent before may have been carried out. */
  | { readonly is: "again"; readonly sequence: number; readonly at: number }
  | { readonly is: "hole"; readonly from: number; readonly to: number; readonly skipped: number; readonly why: string }
  | { readonly is: "bound"; readonly at: number; readonly count: number; readonly why: string }
  | { readonly is: "control"; readonly step: ControlStep; readonly record: number }
  /** The process lived at this moment: written every second. */
  | { readonly is: "alive"; readonly at: number }
  /** The end of a process's file. `clean`: it said so itself; otherwise it was killed and `at` is its last sign of life. */
  | { readonly is: "ended"; readonly at: number; readonly clean: boolean }
  /** A complete line that says nothing: the file was damaged. */
  | { readonly is: "damaged"; readonly line: string };

/** More than this between two seconds is not a clock that drifts. */
const clockStepMs = 50;

class GenerationReader {
  #zero = 0;
  #last = 0;
  #clean = false;
  readonly #partitions = new Map<number, string>();
  readonly #words = new Map<number, string>();

  readonly #previousEnd: number | null;

  constructor(previousEnd: number | null) {
    this.#previousEnd = previousEnd;
  }

  get end(): LogEntry & { readonly is: "ended" } {
    return { is: "ended", at: this.#last, clean: this.#clean };
  }

  #wall(at: number): number {
    const wall = this.#zero + at;
    if (wall > this.#last) this.#last = wall;
    return wall;
  }

  entries(line: RawLine): readonly LogEntry[] {
    switch (line.is) {
      case "generation": {
        if (line.format !== logFormat) {
          throw new StillwaterError("SW4003", `the probe's log has format ${String(line.format)}; this release reads ${String(logFormat)}`);
        }
        this.#zero = line.wall;
        this.#last = line.wall;
        const began: LogEntry = { is: "began", generation: line.generation, at: line.wall, probe: line.probe, name: line.name };
        return this.#previousEnd === null
          ? [began]
          : [began, { is: "hole", from: this.#previousEnd, to: line.wall, skipped: 0, why: "the probe's process was not there" }];
      }
      case "clocks": {
        const before = this.#zero + line.at;
        this.#zero = line.wall - line.at;
        const alive: LogEntry = { is: "alive", at: this.#wall(line.at) };
        // Times around a clock that somebody set cannot be compared with those of the journal.
        if (Math.abs(line.wall - before) <= clockStepMs) return [alive];
        return [{ is: "hole", from: Math.min(before, line.wall), to: Math.max(before, line.wall), skipped: 0, why: "the clock was set" }, alive];
      }
      case "partition":
        this.#partitions.set(line.index, line.text);
        return [{ is: "partition", partition: line.text }];
      case "words":
        this.#words.set(line.index, line.text);
        return [];
      case "intent": {
        const { sequence, kind, record, salt, expects } = line;
        const partition = this.#partitions.get(line.partition) ?? "?";
        return [
          {
            is: "intent",
            sequence,
            kind,
            partition,
            record,
            salt,
            expects: expects === 0 ? null : expects,
            dueAt: this.#wall(line.due),
            sentAt: this.#wall(line.sent),
          },
        ];
      }
      case "acknowledged":
        return [{ is: "acknowledged", sequence: line.sequence, at: this.#wall(line.at) }];
      case "refused":
      case "unknown": {
        const outcome = { sequence: line.sequence, at: this.#wall(line.at), why: this.#words.get(line.words) ?? "?" };
        if (line.is === "unknown") return [{ is: "unknown", ...outcome }];
        return [{ is: "refused", ...outcome, ...(line.silently === true ? { silently: true } : {}) }];
      }
      case "again":
        return [{ is: "again", sequence: line.sequence, at: this.#wall(line.at) }];
      case "hole":
        return [{ is: "hole", from: this.#wall(line.from), to: this.#wall(line.to), skipped: line.skipped, why: this.#words.get(line.words) ?? "?" }];
      case "bound":
        return [{ is: "bound", at: this.#wall(line.at), count: line.count, why: this.#words.get(line.words) ?? "?" }];
      case "control":
        return [{ is: "control", step: line.step, record: line.record }];
      case "ended":
        this.#clean = true;
        this.#wall(line.at);
        return [];
    }
  }
}

const chunkBytes = 128 * 1024;

/**
 * Every complete line of every generation, in the order of writing, in pieces. A torn last line is no line: its intent, if it has one, stays without
 * an outcome. Error SW4003 for a log of a newer format.
 */
export async function* readLog(directory: string): AsyncGenerator<readonly LogEntry[], void, void> {
  let previousEnd: number | null = null;
  for (const { path } of logFiles(directory)) {
    const generation = new GenerationReader(previousEnd);
    const file = await open(path, "r");
    try {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, null);
        if (bytesRead === 0) break;
        const bytes: Buffer = rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(10);
        rest = Buffer.from(bytes.subarray(end + 1));
        const piece: LogEntry[] = [];
        if (end >= 0) {
          for (const text of bytes.toString("utf8", 0, end).split("\n")) {
            const line = parseLine(text);
            if (line === null) piece.push({ is: "damaged", line: text.slice(0, 200) });
            else piece.push(...generation.entries(line));
          }
        }
        yield piece;
      }
    } finally {
      await file.close();
    }
    // A file that was torn inside its first line holds nothing and moves no time.
    if (generation.end.at > 0) {
      yield [generation.end];
      previousEnd = generation.end.at;
    }
  }
}
