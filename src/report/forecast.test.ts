import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImpactForecast, Measure } from "../model/impact.ts";
import type { ProbeBucket, Timeline } from "../model/picture.ts";
import type { Watched } from "../model/watch.ts";
import { allowedMs, compareImpact } from "./forecast.ts";

const forecast = (measure: Measure | null, turn = "2", expectedMs = 400): ImpactForecast => ({
  feature: "writes",
  turn,
  effect: "paused",
  expectedMs,
  basis: "b",
  source: "s",
  measure,
});
const turn = (id: string, from: number | null, to: number | null) => ({ id, title: null, nodes: [], from, to });
const timeline = (more: Partial<Timeline> = {}): Timeline => ({
  from: 0,
  to: 3_000,
  bars: [],
  turns: [turn("1", 0, 990), turn("2", 1_000, 1_900), turn("3", 2_000, 3_000), turn("4", null, null)],
  nodes: [],
  away: [],
  claims: [],
  wallMs: 3_000,
  criticalPathMs: 3_000,
  ...more,
});
/** Acknowledgements at these times, one stretch of 100 ms after the other. */
function probe(times: readonly number[], to = 4_000): readonly ProbeBucket[] {
  return Array.from({ length: to / 100 }, (_, index) => {
    const [from, end] = [index * 100, index * 100 + 100];
    const inside = times.filter((time) => time >= from && time < end);
    const gaps = inside.flatMap((time) => {
      const previous = times.filter((other) => other < time).at(-1);
      return previous === undefined ? [] : [{ from: previous, to: time }];
    });
    const longest = gaps.sort((a, b) => b.to - b.from - (a.to - a.from))[0] ?? null;
    return {
      from,
      to: end,
      acknowledged: inside.length,
      refused: inside.length === 0 ? 1 : 0,
      unknown: 0,
      p50Ms: null,
      p99Ms: null,
      longestGap: longest,
    };
  });
}
const every = (step: number, ...gaps: readonly (readonly [number, number])[]): readonly number[] =>
  Array.from({ length: 4_000 / step }, (_, index) => index * step).filter((time) => !gaps.some(([from, to]) => time > from && time < to));
const gapOf = (series: readonly ProbeBucket[], id = "2") =>
  compareImpact([forecast({ by: "longest-write-gap" }, id)], { timeline: timeline(), series, leases: [] })[0]!;

describe("longest write gap", () => {
  test("is the longest one inside the turn, to the millisecond", () => {
    expect(gapOf(probe(every(10, [1_200, 1_580])))).toMatchObject({ measured: { ms: 380 }, holds: true });
  });
  test("of another turn is not counted", () => {
    expect(gapOf(probe(every(10, [200, 900])))).toMatchObject({ measured: { ms: 10 }, holds: true });
  });
  test("that outlasts its turn belongs to it until the next turn begins", () => {
    expect(gapOf(probe(every(10, [1_800, 2_400])))).toMatchObject({ measured: { ms: 200 } });
    expect(gapOf(probe(every(10, [2_900, 3_900])), "3")).toMatchObject({ measured: { ms: 1_000 }, holds: false });
  });
  test("that never ends is a miss when it is too long already, and unknown before", () => {
    expect(gapOf(probe(every(10).filter((time) => time < 2_100)), "3")).toMatchObject({ measured: { ms: 1_900 }, holds: false });
    expect(gapOf(probe(every(10, [3_600, 9_999])), "3")).toMatchObject({ measured: { ms: 300 }, holds: null });
  });
  test("does not grow when the probe falls silent because it was stopped", () => {
    const silent = probe(every(10).filter((time) => time < 3_000)).map((bucket) => (bucket.from >= 3_000 ? { ...bucket, refused: 0 } : bucket));
    expect(gapOf(silent, "3")).toMatchObject({ measured: { ms: 10 }, holds: true });
  });
  test("with nothing acknowledged at all is the whole time, not nothing", () => {
    expect(gapOf(probe([]), "2")).toMatchObject({ measured: { ms: 1_000 }, holds: false });
  });
  test("without a probe is not measured", () => {
    expect(gapOf([])).toMatchObject({ measured: null, holds: null });
  });
  test("of a turn that did not begin is not measured", () => {
    expect(gapOf(probe(every(10)), "4")).toMatchObject({ measured: null, holds: null });
    expect(gapOf(probe(every(10)), "no such turn")).toMatchObject({ measured: null, holds: null });
  });
});

describe("a node's absence", () => {
  const absent = (...unavailable: readonly { from: number; to: number | null }[]) =>
    compareImpact([forecast({ by: "node-unavailable", node: "n" })], {
      timeline: timeline({ nodes: [{ node: "n", restarts: 1, unavailable }] }),
      series: [],
      leases: [],
    })[0]!;
  test("is the journal's", () => expect(absent({ from: 1_100, to: 1_800 })).toMatchObject({ measured: { ms: 700 }, holds: true }));
  test("beyond the tolerance is a miss", () => expect(absent({ from: 1_100, to: 1_951 })).toMatchObject({ measured: { ms: 851 }, holds: false }));
  test("of several, the longest is compared and all are named", () => {
    const row = absent({ from: 1_100, to: 1_200 }, { from: 1_300, to: 1_700 });
    expect(row).toMatchObject({ measured: { ms: 400 } });
    expect(row.measured!.evidence).toContain("2 times");
  });
  test("that has not ended is a miss when too long, else unknown", () => {
    expect(absent({ from: 1_100, to: null })).toMatchObject({ measured: { ms: 1_900 }, holds: false });
    expect(absent({ from: 2_400, to: null })).toMatchObject({ holds: true, measured: { ms: 0 } });
  });
  test("in a turn that never stopped it is nothing, and that is known only when the turn has ended", () => {
    expect(absent()).toMatchObject({ measured: { ms: 0 }, holds: true });
    const going = timeline({ turns: [turn("2", 1_000, null)] });
    expect(compareImpact([forecast({ by: "node-unavailable", node: "n" })], { timeline: going, series: [], leases: [] })[0]).toMatchObject({
      measured: null,
      holds: null,
    });
  });
});

test("what nothing measures is never ok", () => {
  expect(compareImpact([forecast(null)], { timeline: timeline(), series: probe(every(10)), leases: [] })[0]).toMatchObject({
    measured: null,
    holds: null,
    phase: "2",
  });
});

test("a lease is measured from when it was taken until it was put back; one that still holds can only become longer", () => {
  const held = (to: number | null, expectedMs: number) =>
    compareImpact([forecast({ by: "lease-held", step: "failover off" }, "2", expectedMs)], {
      timeline: timeline(),
      series: [],
      leases: [{ step: "failover off", title: "auto_failover false", from: 1_000, to }],
    })[0]!;
  expect(held(1_700, 600)).toMatchObject({ measured: { ms: 700 }, holds: true });
  expect(held(1_700, 100).holds).toBe(false);
  expect(held(null, 60_000).holds).toBeNull();
  expect(compareImpact([forecast({ by: "lease-held", step: "other" })], { timeline: timeline(), series: [], leases: [] })[0]?.measured).toBeNull();
});

test("the tolerance is exactly the documented one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 899 }), (expectedMs, ms) => {
      const row = compareImpact([forecast({ by: "node-unavailable", node: "n" }, "2", expectedMs)], {
        timeline: timeline({ nodes: [{ node: "n", restarts: 1, unavailable: [{ from: 1_001, to: 1_001 + ms }] }] }),
        series: [],
        leases: [],
      })[0]!;
      expect(row.holds).toBe(ms <= expectedMs * 1.5 + 250);
      expect(allowedMs(expectedMs)).toBe(expectedMs * 1.5 + 250);
    }),
  );
});

describe("rows that are not a time", () => {
  const killed: ImpactForecast = {
    ...forecast({ by: "count", what: "killed" }),
    effect: "lost",
    expectedMs: 0,
    amount: { value: 3, unit: "instances" },
  };
  const felt = { timeline: timeline(), series: [], leases: [] };
  test("an amount holds up to what was forecast", () => {
    const rows = [2, 3, 4].map((value) => compareImpact([killed], { ...felt, counted: { killed: { value, evidence: "ledger" } } })[0]);
    expect(rows.map((row) => row?.holds)).toEqual([true, true, false]);
    expect(rows[0]?.measured).toEqual({ ms: 0, evidence: "ledger", amount: { value: 2, unit: "instances" } });
  });
  test("where the vendor is silent, what was measured is neither a match nor a miss", () => {
    const silent = { ...killed, source: "undocumented" };
    for (const value of [0, 9])
      expect(compareImpact([silent], { ...felt, counted: { killed: { value, evidence: "ledger" } } })[0]).toMatchObject({
        holds: null,
        measured: { amount: { value } },
      });
  });
  test("what the driver did not count was not measured", () => {
    expect(compareImpact([killed], felt)[0]).toMatchObject({ measured: null, holds: null });
  });
  test("a row does not hold where nobody tried so long that it could have been missed", () => {
    const holds = (to: number, outages: Watched["features"][number]["outages"] = []) => {
      const feature = { feature: "logon", tries: 9, works: 5, refused: 4, failed: 0, outages, holesMs: to - 500, holes: [{ from: 500, to }] };
      return compareImpact([forecast({ by: "watch", feature: "logon", of: "total" }, "run", 0)], {
        ...felt,
        watched: { features: [feature], events: [] },
      })[0]?.holds;
    };
    expect([holds(700), holds(900)]).toEqual([true, null]);
    expect(holds(900, [{ from: 1_000, to: 1_300, why: "503" }])).toBe(false);
  });
  test("what was watched is of the row's own turn, or of the whole run", () => {
    const outages = [
      { from: 500, to: 800, why: "503" },
      { from: 1_100, to: 1_300, why: "503" },
    ];
    const watched = { features: [{ feature: "logon", tries: 9, works: 5, refused: 4, failed: 0, outages, holesMs: 0 }], events: [] };
    const row = (phase: string) =>
      compareImpact([forecast({ by: "watch", feature: "logon", of: "total" }, phase, 1_000)], { ...felt, watched })[0]?.measured?.ms;
    expect([row("1"), row("2"), row("run")]).toEqual([300, 200, 500]);
  });
});
