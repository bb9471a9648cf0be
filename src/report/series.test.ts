import { expect, test } from "vitest";
import { coarser } from "./series.ts";
import { probeSeries } from "./testing/probe.ts";

const series = probeSeries({ from: 0, to: 600_000, perSecond: 20, bucketMs: 250, disturbances: [{ from: 10_010, to: 10_700, does: "gap" }] });
const sum = (of: typeof series, key: "acknowledged" | "refused" | "unknown"): number => of.reduce((total, bucket) => total + bucket[key], 0);
const worst = (of: typeof series): number => Math.max(...of.map((bucket) => (bucket.longestGap ? bucket.longestGap.to - bucket.longestGap.from : 0)));

test("fewer stretches, and no attempt, no gap and no peak is lost", () => {
  const joined = coarser(series, 100, []);
  expect(joined.length).toBeLessThanOrEqual(100);
  for (const key of ["acknowledged", "refused", "unknown"] as const) expect(sum(joined, key)).toBe(sum(series, key));
  expect(worst(joined)).toBe(worst(series));
  expect(Math.max(...joined.map((bucket) => bucket.p99Ms ?? 0))).toBe(Math.max(...series.map((bucket) => bucket.p99Ms ?? 0)));
  for (const [index, bucket] of joined.entries()) expect(bucket.from).toBe(joined[index - 1]?.to ?? 0);
});
test("a long absence is joined, what is around it stays fine", () => {
  const joined = coarser(series, 400, [{ from: 20_000, to: 580_000 }]);
  expect(joined.filter((bucket) => bucket.to <= 20_000)).toHaveLength(80);
  expect(joined.filter((bucket) => bucket.from >= 20_000 && bucket.to <= 580_000).length).toBeLessThanOrEqual(24);
});
test("a short series stays as it is", () => expect(coarser(series.slice(0, 10), 100, [])).toEqual(series.slice(0, 10)));
