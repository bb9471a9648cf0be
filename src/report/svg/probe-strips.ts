// What the probe felt, under what was done: latency, and the outcome of every attempt. Pure.
import type { ProbeBucket } from "../../model/picture.ts";
import { longestOf, gapsOf } from "../forecast.ts";
import { markup, type Markup } from "../markup.ts";
import { count, duration, plural } from "../text.ts";
import { barAt, gutterText, percent, type Strip } from "./frame.ts";
import { logScale, type TimeScale } from "./scale.ts";

const latencyHeight = 128;
const curve = { top: 22, height: 96 } as const;
const outcomeHeight = 62;

export function latencyStrip(series: readonly ProbeBucket[], scale: TimeScale): Strip {
  const values = series.flatMap((bucket) => [bucket.p50Ms, bucket.p99Ms]).filter((value) => value !== null);
  const log = logScale(values);
  const y = (value: number): number => curve.top + (1 - log.at(value)) * curve.height;
  const marks = log.marks.map((mark) => markup`<line class="grid" x1="0" x2="100%" y1="${y(mark)}" y2="${y(mark)}"/>`);
  const scaleTexts = log.marks.map((mark) => gutterText(y(mark) + 3.5, "note", mark < 1000 ? `${mark} ms` : duration(mark)));
  const line = (kind: "p50" | "p99", of: (bucket: ProbeBucket) => number | null): Markup =>
    markup`<path class="${kind}" d="${pathOf(series, of, scale, (value) => ((y(value) - curve.top) / curve.height) * 1000)}"/>`;
  return {
    height: latencyHeight,
    gutter: markup`${gutterText(10, "name", "probe latency")}${scaleTexts}`,
    body: markup`${marks}<svg x="0" y="${curve.top}" width="100%" height="${curve.height}" viewBox="0 0 10000 1000" preserveAspectRatio="none">
${line("p99", (bucket) => bucket.p99Ms)}${line("p50", (bucket) => bucket.p50Ms)}</svg>${longestGap(series, scale)}`,
  };
}

/** The line is broken where nothing was acknowledged: a gap is not a latency. */
function pathOf(series: readonly ProbeBucket[], of: (bucket: ProbeBucket) => number | null, scale: TimeScale, y: (value: number) => number): string {
  let pen = false;
  return series
    .filter((bucket) => bucket.to > scale.from && bucket.from < scale.to)
    .map((bucket) => {
      const value = of(bucket);
      if (value === null) {
        pen = false;
        return "";
      }
      const command = pen ? "L" : "M";
      const middle = (bucket.from + bucket.to) / 2;
      // A single stretch between two gaps would be a point of no length, which is not painted.
      const point = `${command}${Math.round(scale.at(middle) * 100)},${Math.round(y(value))}`;
      const single = pen ? "" : "h1";
      pen = true;
      return point + single;
    })
    .join("");
}

/** Shorter gaps are how the probe breathes: they are named, not pointed at. In ms. */
const worthLooking = 100;
const isFelt = (gap: { readonly from: number; readonly to: number } | null): boolean => gap !== null && gap.to - gap.from >= worthLooking;
export const longestIsFelt = (series: readonly ProbeBucket[]): boolean => isFelt(longestOf(gapsOf(series)));

/** Where curves would be: that nothing is known is seen in the picture too. */
export const unknownStrip = (why: string, { expected }: { readonly expected: boolean }): Strip => ({
  height: 40,
  gutter: gutterText(24, "name", "probe"),
  body: markup`<rect class="away pause" x="0" width="100%" y="6" height="28"/><text class="${expected ? "backed" : "look backed"}" x="1.5%" y="24">${expected ? why : `not measured: ${why}`}</text>`,
});

function longestGap(series: readonly ProbeBucket[], scale: TimeScale): Markup | null {
  const gap = longestOf(gapsOf(series));
  if (gap === null) return null;
  const { x, width } = barAt(scale, gap.from, gap.to);
  const felt = isFelt(gap);
  const words = `longest gap between two acknowledgements ${duration(gap.to - gap.from)}${gap.open ? ", never ended" : ""}`;
  const left = x + width / 2 > 62;
  const rect = markup`<rect class="gap" x="${percent(x)}" width="${percent(width)}" y="${curve.top - 6}" height="${curve.height + 6}"><title>${words}</title></rect>`;
  return markup`${felt ? rect : null}<text class="${felt ? "look" : "note"}" x="${percent(left ? x + width : x)}" y="11" text-anchor="${left ? "end" : "start"}">${words}</text>`;
}

export function outcomeStrip(series: readonly ProbeBucket[], scale: TimeScale): Strip {
  const shown = series.filter((bucket) => bucket.to > scale.from && bucket.from < scale.to);
  // Rates, not counts: stretches need not be equally long.
  const rate = (bucket: ProbeBucket, value: number): number => value / Math.max(bucket.to - bucket.from, 1);
  const most = Math.max(Number.MIN_VALUE, ...shown.map((bucket) => rate(bucket, bucket.acknowledged + bucket.refused + bucket.unknown)));
  const full = outcomeHeight - 16;
  const base = outcomeHeight - 4;
  // Whatever went wrong once must be seen, however much went well beside it.
  const refusedPart = (bucket: ProbeBucket): number => (bucket.refused === 0 ? 0 : Math.max(rate(bucket, bucket.refused) / most, 0.09));
  const acknowledged = areaOf(shown, scale, (bucket) => rate(bucket, bucket.acknowledged) / most);
  const refusals = areaOf(shown, scale, refusedPart);
  const unknowns = shown.flatMap((bucket) => {
    if (bucket.unknown === 0) return [];
    const y = base - refusedPart(bucket) * full - 4.5;
    const words = `${plural(bucket.unknown, "outcome")} unknown`;
    return [
      markup`<circle class="unknown" cx="${percent(scale.at((bucket.from + bucket.to) / 2))}" cy="${Number(y.toFixed(1))}" r="3"><title>${words}</title></circle>`,
    ];
  });
  const sum = (of: (bucket: ProbeBucket) => number): number => series.reduce((total, bucket) => total + of(bucket), 0);
  const note = (y: number, value: number, word: string): Markup => gutterText(y, value > 0 ? "note look" : "note", `${count(value)} ${word}`);
  return {
    height: outcomeHeight,
    gutter: markup`${gutterText(14, "name", "attempts")}${note(
      29,
      sum((bucket) => bucket.refused),
      "refused",
    )}${note(
      43,
      sum((bucket) => bucket.unknown),
      "unknown",
    )}`,
    body: markup`<svg x="0" y="${base - full}" width="100%" height="${full}" viewBox="0 0 10000 1000" preserveAspectRatio="none"><path class="acknowledged" d="${acknowledged}"/><path class="refused" d="${refusals}"/></svg>${unknowns}<line class="grid" x1="0" x2="100%" y1="${base}" y2="${base}"/>`,
  };
}

/** Steps, not slopes: a stretch without acknowledgements falls to nothing at once. */
function areaOf(series: readonly ProbeBucket[], scale: TimeScale, part: (bucket: ProbeBucket) => number): string {
  const first = series[0];
  if (!first) return "";
  const x = (ms: number): number => Math.round(scale.at(ms) * 100);
  return `M${x(first.from)},1000${series.map((bucket) => `V${Math.round(1000 - part(bucket) * 1000)}H${x(bucket.to)}`).join("")}V1000Z`;
}
