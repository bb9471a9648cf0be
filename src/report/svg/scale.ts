// The time axis that everything in the picture shares. Pure.
import type { Away } from "../../model/picture.ts";
import { union, type Span } from "../away.ts";

export interface TimeScale {
  readonly from: number;
  readonly to: number;
  /** Long absences, drawn short: the axis is broken there. */
  readonly breaks: readonly Span[];
  /** Percent of the width, 0 to 100; times outside are moved to the edge. */
  at(ms: number): number;
  readonly ticks: readonly { readonly ms: number; readonly x: number }[];
  /** Milliseconds between two ticks. */
  readonly tickMs: number;
}

const breakWidth = 7;
/** An absence longer than this part of everything else would squeeze what the picture is about. */
const longPart = 0.3;

export function timeScale(of: { readonly from: number; readonly to: number; readonly away: readonly Away[]; readonly mostTicks: number }): TimeScale {
  const { from } = of;
  const to = Math.max(of.to, from + 1);
  const away = union(of.away.map((one) => ({ from: Math.max(from, one.from), to: Math.min(to, one.to ?? to) })));
  const breaks = longOnes(away, to - from);
  const kept = to - from - breaks.reduce((sum, one) => sum + one.to - one.from, 0);
  const perMs = (100 - breaks.length * breakWidth) / Math.max(kept, 1);
  const at = (ms: number): number => {
    const inside = Math.min(Math.max(ms, from), to);
    let x = 0;
    let start = from;
    for (const one of breaks) {
      if (inside <= one.from) break;
      x += (one.from - start) * perMs;
      if (inside <= one.to) return x + ((inside - one.from) / (one.to - one.from)) * breakWidth;
      x += breakWidth;
      start = one.to;
    }
    return x + (inside - start) * perMs;
  };
  const tickMs = niceStep(kept, of.mostTicks);
  return { from, to, breaks, at, tickMs, ticks: ticksOf({ from, to, breaks, at, tickMs, nearest: 100 / of.mostTicks / 1.6 }) };
}

/** The longest absences first, as long as they are long compared with what would be left. */
function longOnes(away: readonly Span[], whole: number): readonly Span[] {
  let left = whole;
  const long: Span[] = [];
  for (const one of [...away].sort((a, b) => b.to - b.from - (a.to - a.from))) {
    const length = one.to - one.from;
    // When it is all there is, nothing is gained by drawing it short.
    if (length === left || length <= (left - length) * longPart || long.length === 5) break;
    long.push(one);
    left -= length;
  }
  return long.sort((a, b) => a.from - b.from);
}

const niceSteps = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
];
function niceStep(span: number, most: number): number {
  const known = niceSteps.find((step) => span / step <= most);
  if (known !== undefined) return known;
  return Math.ceil(span / most / 3_600_000) * 3_600_000;
}

function ticksOf(of: Pick<TimeScale, "from" | "to" | "breaks" | "at" | "tickMs"> & { readonly nearest: number }): TimeScale["ticks"] {
  const ticks: { ms: number; x: number }[] = [];
  const spans = [...of.breaks, { from: of.to, to: of.to }];
  let start = of.from;
  for (const one of spans) {
    for (let ms = Math.ceil(start / of.tickMs) * of.tickMs; ms <= one.from; ms += of.tickMs) {
      const x = of.at(ms);
      const previous = ticks.at(-1);
      if (previous === undefined || x - previous.x >= of.nearest) ticks.push({ ms, x });
    }
    start = one.to;
  }
  return ticks;
}

/** Powers of ten that hold every value, and where a value lies between them: 0 at the bottom, 1 at the top. */
export interface LogScale {
  readonly marks: readonly number[];
  at(value: number): number;
}
export function logScale(values: readonly number[]): LogScale {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.max(0.1, Math.min(1, ...known))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(10, ...known))));
  const marks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { marks, at: (value) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-3)) - low) / (high - low))) };
}
