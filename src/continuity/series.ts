// The probe over time, thin enough for a picture: one pass over the log, buckets that double when they become too many.
import type { ProbeBucket } from "../model/picture.ts";
import { Histogram } from "./histogram.ts";
import type { LogEntry } from "./log-reader.ts";
import type { Gap } from "./summary.ts";

export interface Series {
  readonly bucketMs: number;
  /** In the order of time; a stretch in which nothing was sent has no bucket unless others lie around it. */
  readonly buckets: readonly ProbeBucket[];
  /** The longest times without an acknowledgement on a partition, longest first. */
  readonly gaps: readonly Gap[];
}
export interface SeriesOptions {
  /** Default 100. */
  readonly bucketMs?: number;
  /** Default 600. */
  readonly maximumBuckets?: number;
  /** Default 10. */
  readonly gaps?: number;
}

class Bucket {
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  longestGap: ProbeBucket["longestGap"] = null;
  readonly latencies = new Histogram();

  merge(other: Bucket): void {
    this.acknowledged += other.acknowledged;
    this.refused += other.refused;
    this.unknown += other.unknown;
    if (other.longestGap !== null) this.gap(other.longestGap);
    this.latencies.merge(other.latencies);
  }
  gap({ from, to }: { readonly from: number; readonly to: number }): void {
    if (this.longestGap === null || to - from > this.longestGap.to - this.longestGap.from) this.longestGap = { from, to };
  }
}

/** Attempts are counted where they were due: a bump stands under its cause. */
export async function seriesOf(log: AsyncIterable<readonly LogEntry[]>, options: SeriesOptions = {}): Promise<Series> {
  const { maximumBuckets = 600, gaps: maximumGaps = 10 } = options;
  let bucketMs = options.bucketMs ?? 100;
  let origin: number | null = null;
  let buckets = new Map<number, Bucket>();
  const open = new Map<number, { readonly due: number; readonly partition: string }>();
  const last = new Map<string, number>();
  const gaps: Gap[] = [];

  const bucketAt = (at: number): Bucket => {
    origin ??= at;
    let index = Math.floor((at - origin) / bucketMs);
    while (index >= maximumBuckets) {
      bucketMs *= 2;
      index = Math.floor((at - origin) / bucketMs);
      const coarser = new Map<number, Bucket>();
      for (const [old, bucket] of buckets) {
        const held = coarser.get(Math.floor(old / 2));
        if (held === undefined) coarser.set(Math.floor(old / 2), bucket);
        else held.merge(bucket);
      }
      buckets = coarser;
    }
    const held = buckets.get(index);
    if (held !== undefined) return held;
    const fresh = new Bucket();
    buckets.set(index, fresh);
    return fresh;
  };
  const gapEnds = (partition: string, at: number): void => {
    const from = last.get(partition) ?? at;
    const ms = at - from;
    last.set(partition, Math.max(from, at));
    if (ms <= 0) return;
    bucketAt(at).gap({ from, to: at });
    if (gaps.length >= maximumGaps && ms <= (gaps.at(-1)?.ms ?? 0)) return;
    gaps.push({ partition, from, to: at, ms });
    gaps.sort((a, b) => b.ms - a.ms).splice(maximumGaps);
  };
  const settle = (sequence: number, at: number | null, is: "acknowledged" | "refused" | "unknown"): void => {
    const attempt = open.get(sequence);
    if (attempt === undefined) return;
    open.delete(sequence);
    const bucket = bucketAt(attempt.due);
    bucket[is]++;
    if (is !== "acknowledged" || at === null) return;
    bucket.latencies.add(at - attempt.due);
    gapEnds(attempt.partition, at);
  };

  let end: number | null = null;
  for await (const piece of log) {
    for (const entry of piece) {
      if (entry.is === "intent") {
        open.set(entry.sequence, { due: entry.dueAt, partition: entry.partition });
        if (!last.has(entry.partition)) last.set(entry.partition, entry.dueAt);
      } else if (entry.is === "acknowledged" || entry.is === "refused" || entry.is === "unknown") {
        settle(entry.sequence, entry.at, entry.is);
      } else if (entry.is === "ended") {
        // Whatever this process had in flight will never have an outcome.
        for (const sequence of open.keys()) settle(sequence, null, "unknown");
        end = entry.at;
      }
    }
  }
  if (end !== null) for (const partition of last.keys()) gapEnds(partition, end);

  const start: number = origin ?? 0;
  const indices = [...buckets.keys()].sort((a, b) => a - b);
  const list: ProbeBucket[] = [];
  const empty = new Bucket();
  for (let index = indices[0] ?? 0; index <= (indices.at(-1) ?? -1); index++) {
    const { acknowledged, refused, unknown, latencies, longestGap } = buckets.get(index) ?? empty;
    list.push({
      from: start + index * bucketMs,
      to: start + (index + 1) * bucketMs,
      acknowledged,
      refused,
      unknown,
      p50Ms: latencies.quantile(0.5),
      p99Ms: latencies.quantile(0.99),
      longestGap,
    });
  }
  return { bucketMs, buckets: list, gaps };
}
