import type { LoggedRow } from "./acknowledgement-log.ts";

export interface LoadFigures {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Milliseconds from when a row was due to its acknowledgement; null: none was acknowledged. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** By pid: the longest time without an acknowledgement, in milliseconds, between the first row that was due there and the end. */
  readonly longestGapMs: Readonly<Record<string, number>>;
  /** What was said instead of an acknowledgement, and how often. */
  readonly words: Readonly<Record<string, number>>;
}

export function loadFigures(rows: readonly LoggedRow[]): LoadFigures {
  const count = (outcome: LoggedRow["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
  const latencies = rows
    .flatMap((row) => (row.outcome === "acknowledged" && row.answeredAt !== null ? [row.answeredAt - row.dueAt] : []))
    .toSorted((a, b) => a - b);
  const words: Record<string, number> = {};
  for (const row of rows) if (row.words !== null) words[row.words] = (words[row.words] ?? 0) + 1;
  return {
    sent: rows.length,
    acknowledged: count("acknowledged"),
    refused: count("refused"),
    unknown: count("unknown"),
    latencyMs: latencies.length === 0 ? null : { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: latencies.at(-1) ?? 0 },
    longestGapMs: gaps(rows),
    words,
  };
}

/** The smallest value that at least that share of them does not exceed. `sorted` has one element or more. */
const quantile = (sorted: readonly number[], share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

function gaps(rows: readonly LoggedRow[]): Readonly<Record<string, number>> {
  const last = rows.reduce((at, row) => Math.max(at, row.answeredAt ?? row.dueAt), 0);
  const longest: Record<string, number> = {};
  for (const [pid, ofPartition] of Map.groupBy(rows, (row) => row.pid)) {
    const first = Math.min(...ofPartition.map((row) => row.dueAt));
    const answered = ofPartition.flatMap((row) => (row.outcome === "acknowledged" && row.answeredAt !== null ? [row.answeredAt] : []));
    const marks = [first, ...answered.toSorted((a, b) => a - b), last];
    longest[pid] = marks.reduce((most, mark, i) => Math.max(most, mark - (marks[i - 1] ?? mark)), 0);
  }
  return longest;
}
