// The probe's series, made as coarse as a picture needs. Pure.
import type { ProbeBucket } from "../model/picture.ts";

/** At most `most` stretches, by joining neighbours: counts are added, the worst p99 and the longest gap are kept, p50 is the mean weighted by acknowledgements. */
export function coarser(series: readonly ProbeBucket[], most: number): readonly ProbeBucket[] {
  const per = Math.ceil(series.length / most);
  if (per <= 1) return series;
  const joined: ProbeBucket[] = [];
  for (let index = 0; index < series.length; index += per) joined.push(join(series.slice(index, index + per)));
  return joined;
}

function join(buckets: readonly ProbeBucket[]): ProbeBucket {
  const sum = (of: (bucket: ProbeBucket) => number): number => buckets.reduce((total, bucket) => total + of(bucket), 0);
  const weight = sum((bucket) => (bucket.p50Ms === null ? 0 : bucket.acknowledged));
  const p50 = sum((bucket) => (bucket.p50Ms ?? 0) * bucket.acknowledged) / weight;
  return {
    from: buckets[0]?.from ?? 0,
    to: buckets.at(-1)?.to ?? 0,
    acknowledged: sum((bucket) => bucket.acknowledged),
    refused: sum((bucket) => bucket.refused),
    unknown: sum((bucket) => bucket.unknown),
    p50Ms: weight === 0 ? null : Math.round(p50 * 100) / 100,
    p99Ms: worst(buckets.map((bucket) => bucket.p99Ms)),
    longestGap: longest(buckets.map((bucket) => bucket.longestGap)),
  };
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function longest(gaps: readonly ProbeBucket["longestGap"][]): ProbeBucket["longestGap"] {
  return gaps.reduce((best, gap) => (gap !== null && (best === null || gap.to - gap.from > best.to - best.from) ? gap : best), null);
}
