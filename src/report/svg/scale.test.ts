import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Away } from "../../model/picture.ts";
import { logScale, timeScale } from "./scale.ts";

const away = (from: number, to: number | null): Away => ({ is: "pause", from, to, step: null, why: "" });

describe("time scale", () => {
  test("without absences is linear", () => {
    const scale = timeScale({ from: 0, to: 1_000, away: [], mostTicks: 8 });
    expect([0, 250, 1_000, -5, 2_000].map((ms) => scale.at(ms))).toEqual([0, 25, 100, 0, 100]);
    expect(scale.ticks.map((tick) => tick.ms)).toEqual([0, 200, 400, 600, 800, 1_000]);
  });
  test("draws a night's pause short, and keeps what is around it wide", () => {
    const scale = timeScale({ from: 0, to: 28_810_000, away: [away(5_000, 28_805_000)], mostTicks: 8 });
    expect(scale.breaks).toHaveLength(1);
    expect(scale.at(5_000)).toBeCloseTo(46.5);
    expect(scale.at(28_805_000)).toBeCloseTo(53.5);
  });
  test("leaves a short pause as long as it was", () => {
    expect(timeScale({ from: 0, to: 10_000, away: [away(5_000, 5_500)], mostTicks: 8 }).breaks).toEqual([]);
  });
  test("never runs backwards, stays between the edges, and labels do not crowd", () => {
    const span = fc.tuple(fc.integer({ min: -1_000, max: 100_000 }), fc.integer({ min: 0, max: 90_000 }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), fc.integer({ min: 1, max: 100_000 }), (spans, to) => {
        const scale = timeScale({ from: 0, to, away: spans.map(([from, length]) => away(from, length === 0 ? null : from + length)), mostTicks: 8 });
        const xs = Array.from({ length: 101 }, (_, index) => scale.at((to / 100) * index));
        for (const [index, x] of xs.entries()) expect(x).toBeGreaterThanOrEqual((xs[index - 1] ?? 0) - 1e-9);
        expect(xs[0]).toBeCloseTo(0);
        expect(xs.at(-1)).toBeCloseTo(100);
        for (const [index, tick] of scale.ticks.entries()) if (index > 0) expect(tick.x - scale.ticks[index - 1]!.x).toBeGreaterThanOrEqual(7.8);
      }),
    );
  });
});

describe("log scale", () => {
  test("holds every value between powers of ten", () => {
    expect(logScale([3, 250]).marks).toEqual([1, 10, 100, 1_000]);
    expect(logScale([]).marks).toEqual([1, 10]);
    expect(logScale([0.02, 5]).marks).toEqual([0.1, 1, 10]);
    const scale = logScale([3, 250]);
    expect([1, 10, 1_000, 0, 99_999].map((value) => scale.at(value))).toEqual([0, 1 / 3, 1, 0, 1]);
  });
});
