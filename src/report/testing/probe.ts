// The series and the verdict of a probe that never was, for tests: the same every time.
import type { ProbeBucket } from "../../model/picture.ts";
import type { ContinuityVerdict } from "../../model/report.ts";

/** Inside a disturbance nothing is acknowledged (`gap`), or everything is slower. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
  readonly does: "gap" | "slow";
}

export function probeSeries(of: {
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  readonly bucketMs: number;
  readonly disturbances: readonly Disturbance[];
}): readonly ProbeBucket[] {
  let seed = 42;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const buckets: ProbeBucket[] = [];
  for (let from = of.from; from < of.to; from += of.bucketMs) {
    const to = from + of.bucketMs;
    const sent = Math.round((of.perSecond * of.bucketMs) / 1000);
    const overlap = (one: Disturbance): number => Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)) / of.bucketMs;
    const gap = of.disturbances.filter((one) => one.does === "gap").reduce((sum, one) => sum + overlap(one), 0);
    const slow = of.disturbances.some((one) => one.does === "slow" && overlap(one) > 0);
    const acknowledged = Math.round(sent * (1 - gap));
    const lostOnes = sent - acknowledged;
    const unknown = gap > 0 && gap < 1 && lostOnes > 0 ? 1 : 0;
    const p50 = (slow ? 5 : 1.6) + random();
    const ended = of.disturbances.filter((one) => one.does === "gap" && one.to > from && one.to <= to).map((one) => one.to - one.from);
    const gapMs = Math.max(round(1000 / of.perSecond + random() * 8), ...ended);
    const gapTo = of.disturbances.find((one) => one.to - one.from === gapMs && one.to > from && one.to <= to)?.to ?? to;
    buckets.push({
      from,
      to,
      acknowledged,
      refused: lostOnes - unknown,
      unknown,
      p50Ms: acknowledged === 0 ? null : round(p50),
      p99Ms: acknowledged === 0 ? null : round(p50 * 2 + random() * (slow ? 60 : 3) + (ended.length > 0 ? Math.max(...ended) * 0.6 : 0)),
      longestGap: acknowledged === 0 ? null : { from: gapTo - gapMs, to: gapTo },
    });
  }
  return buckets;
}
const round = (value: number): number => Math.round(value * 100) / 100;

export function probeVerdict(series: readonly ProbeBucket[], more: Partial<ContinuityVerdict> = {}): ContinuityVerdict {
  const sum = (of: (bucket: ProbeBucket) => number): number => series.reduce((total, bucket) => total + of(bucket), 0);
  const acknowledged = sum((bucket) => bucket.acknowledged);
  const refused = sum((bucket) => bucket.refused);
  const unknown = sum((bucket) => bucket.unknown);
  return {
    verdict: "pass",
    why: [],
    scope: { partitionsTouched: 1, partitionsProbed: 1, route: "pg1:5432, pg2:5432, pg3:5432", durability: "synchronous: 1 of 2 standbys" },
    attempts: acknowledged + refused + unknown,
    acknowledged,
    refused,
    unknown,
    lost: 0,
    corrupted: 0,
    duplicated: 0,
    replicaOnly: 0,
    windows: 4,
    windowsMeasured: 4,
    probeHolesMs: 0,
    longestWriteGapMs: Math.max(0, ...series.map((bucket) => (bucket.longestGap ? bucket.longestGap.to - bucket.longestGap.from : 0))),
    p99Ms: { before: 4.8, during: 31.2, after: 5.1 },
    control: "caught",
    ...more,
  };
}
