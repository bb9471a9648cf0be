// The probe's series, made as coarse as a picture needs. Pure.
import type { ProbeBucket } from "../model/picture.ts";
import type { Span } from "./away.ts";

/** Stretches in a long absence, which is drawn short. */
const perAbsence = 24;

/**
 * About `most` stretches, by joining neighbours: counts are added, the worst p99 and the longest gap are kept, p50 is the mean weighted by
 * acknowledgements. Long absences are joined first: a night's pause must not blur the seconds in which something happened.
 */
export function coarser(series: readonly ProbeBucket[], most: number, absences: readonly Span[]): readonly ProbeBucket[] {
  if (series.length <= most) return series;
  const where = (bucket: ProbeBucket): number => absences.findIndex((one) => bucket.from >= one.from && bucket.to <= one.to);
  const groups: { readonly absence: number; readonly buckets: ProbeBucket[] }[] = [];
  for (const bucket of series) {
    const absence = where(bucket);
    const group = groups.at(-1);
    if (group?.absence === absence) group.buckets.push(bucket);
    else groups.push({ absence, buckets: [bucket] });
  }
  const present = groups.reduce((sum, group) => sum + (group.absence === -1 ? group.buckets.length : 0), 0);
  return groups.flatMap(({ absence, buckets }) => every(buckets, Math.ceil(absence === -1 ? present / most : buckets.length / perAbsence)));
}

function every(buckets: readonly ProbeBucket[], per: number): readonly ProbeBucket[] {
  const joined: ProbeBucket[] = [];
  for (let index = 0; index < buckets.length; index += per) joined.push(join(buckets.slice(index, index + per)));
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
