import type { Disk } from "../../kit/disk.ts";
import type { LoadRow } from "./row.ts";

/** `refused`: it is certain that the row was not taken. `unknown`: nobody can tell from the answer, or there was none. */
export type Outcome = "acknowledged" | "refused" | "unknown";

/** One row of the log. Times: milliseconds since 1970. */
export interface LoggedRow extends LoadRow {
  /** When it was to be sent: latencies count from here, also when the writer was late. */
  readonly dueAt: number;
  /** Endpoint of the APIServer. */
  readonly to: string;
  readonly outcome: Outcome;
  /** Null: no answer has been noted (yet). */
  readonly answeredAt: number | null;
  /** The answer's own words, when it was none of the good ones. */
  readonly words: string | null;
}

type Line =
  | { readonly kind: "intent"; readonly n: number; readonly key: string; readonly pid: number; readonly dueAt: number; readonly to: string }
  | { readonly kind: "outcome"; readonly n: number; readonly outcome: Outcome; readonly at: number; readonly words?: string };

/** A file of JSON lines: the intent before a row is sent, the outcome after its answer. What was noted survives the writer's process. */
export class AcknowledgementLog {
  readonly #disk: Disk;
  readonly #path: string;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  intent({ n, key, pid }: LoadRow, dueAt: number, to: string): void {
    this.#note({ kind: "intent", n, key, pid, dueAt, to });
  }

  outcome(n: number, outcome: Outcome, at: number, words: string | null): void {
    this.#note({ kind: "outcome", n, outcome, at, ...(words === null ? {} : { words }) });
  }

  #note(line: Line): void {
    this.#disk.append(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** In the order of sending; empty when there is no such file. A last line that the process did not finish is left out: an outcome that was not noted is unknown. */
export function readLog(disk: Disk, path: string): readonly LoggedRow[] {
  const rows = new Map<number, LoggedRow>();
  for (const text of (disk.read(path) ?? "").split("\n").slice(0, -1)) {
    const line = JSON.parse(text) as Line;
    if (line.kind === "intent") {
      const { n, key, pid, dueAt, to } = line;
      rows.set(n, { n, key, pid, dueAt, to, outcome: "unknown", answeredAt: null, words: null });
    } else {
      const row = rows.get(line.n);
      if (row !== undefined) rows.set(line.n, { ...row, outcome: line.outcome, answeredAt: line.at, words: line.words ?? null });
    }
  }
  return [...rows.values()];
}
