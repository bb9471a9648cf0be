// What the probe felt, under what was done: latency, and the outcome of every attempt. Pure.
import type { ProbeBucket } from "../../model/picture.ts";
import { longestOf, gapsOf } from "../forecast.ts";
import { markup, type Markup } from "../markup.ts";
import { count, duration } from "../text.ts";
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
  const scaleTexts = log.marks.map((mark) => gutterText(y(mark) + 3.5, "note", mark < 1 ? `${mark} ms` : duration(mark)));
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

function longestGap(series: readonly ProbeBucket[], scale: TimeScale): Markup | null {
  const gap = longestOf(gapsOf(series));
  if (gap === null) return null;
  const { x, width } = barAt(scale, gap.from, gap.to);
  const words = `longest gap between two acknowledgements ${duration(gap.to - gap.from)}${gap.open ? ", never ended" : ""}`;
  const left = x + width / 2 > 62;
  return markup`<rect class="gap" x="${percent(x)}" width="${percent(width)}" y="${curve.top - 6}" height="${curve.height + 6}"><title>${words}</title></rect><text class="look" x="${percent(left ? x + width : x)}" y="11" text-anchor="${left ? "end" : "start"}">${words}</text>`;
}

export function outcomeStrip(series: readonly ProbeBucket[], scale: TimeScale): Strip {
  const shown = series.filter((bucket) => bucket.to > scale.from && bucket.from < scale.to);
  const most = Math.max(1, ...shown.map((bucket) => bucket.acknowledged + bucket.refused + bucket.unknown));
  const full = outcomeHeight - 14;
  const base = outcomeHeight - 4;
  // Whatever went wrong once must be seen, however much went well beside it.
  const heightOf = (value: number, least: number): number => (value === 0 ? 0 : Math.max((value / most) * full, least));
  const column = (kind: string, bucket: ProbeBucket, above: number, height: number): Markup | null => {
    if (height === 0) return null;
    const { x, width } = barAt(scale, bucket.from, bucket.to);
    return markup`<rect class="${kind}" x="${percent(x)}" width="${percent(width)}" y="${Number((base - above - height).toFixed(1))}" height="${Number(height.toFixed(1))}"/>`;
  };
  const acknowledged = areaOf(shown, scale, (bucket) => 1000 - (bucket.acknowledged / most) * 1000);
  const sum = (of: (bucket: ProbeBucket) => number): number => series.reduce((total, bucket) => total + of(bucket), 0);
  const [refused, unknown] = [sum((bucket) => bucket.refused), sum((bucket) => bucket.unknown)];
  const faults = shown.map((bucket) => {
    const low = heightOf(bucket.refused, 4);
    return [column("refused", bucket, 0, low), column("unknown", bucket, low, heightOf(bucket.unknown, 4))].filter((one) => one !== null);
  });
  return {
    height: outcomeHeight,
    gutter: markup`${gutterText(14, "name", "attempts")}${refused > 0 ? gutterText(29, "note look", `${count(refused)} refused`) : gutterText(29, "note", "0 refused")}${unknown > 0 ? gutterText(43, "note look", `${count(unknown)} unknown`) : gutterText(43, "note", "0 unknown")}`,
    body: markup`<svg x="0" y="${base - full}" width="100%" height="${full}" viewBox="0 0 10000 1000" preserveAspectRatio="none"><path class="acknowledged" d="${acknowledged}"/></svg>${faults}<line class="grid" x1="0" x2="100%" y1="${base}" y2="${base}"/>`,
  };
}

/** Steps, not slopes: a stretch without acknowledgements falls to nothing at once. */
function areaOf(series: readonly ProbeBucket[], scale: TimeScale, y: (bucket: ProbeBucket) => number): string {
  const first = series[0];
  const last = series.at(-1);
  if (!first || !last) return "";
  const x = (ms: number): number => Math.round(scale.at(ms) * 100);
  return `M${x(first.from)},1000${series.map((bucket) => `V${Math.round(y(bucket))}H${x(bucket.to)}`).join("")}V1000Z`;
}
