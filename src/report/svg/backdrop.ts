// What lies behind and above the strips: turns, risk windows, absences, the time axis. Pure.
import type { LocalTime } from "../../model/local-time.ts";
import type { ReportDetail } from "../../model/report.ts";
import { union } from "../away.ts";
import { markup, type Markup } from "../markup.ts";
import { duration } from "../text.ts";
import { awayWords } from "../words.ts";
import { barAt, gutterText, percent, plotText, shortened, type Strip } from "./frame.ts";
import { placeLabels, narrowestPlot, widthOf } from "./labels.ts";
import type { TimeScale } from "./scale.ts";

/** Shaded over the whole height: acknowledged writes are at risk here. */
export function riskBands(detail: ReportDetail, scale: TimeScale, height: number): readonly Markup[] {
  const kinds = (from: number, to: number): string =>
    [...new Set(detail.windows.filter((one) => one.from < to && one.to > from).map((one) => one.kind))].join(" and ");
  return union(detail.windows).map((window) => {
    const { x, width } = barAt(scale, window.from, window.to);
    const words = `risk window (${kinds(window.from, window.to)}), ${duration(window.to - window.from)}`;
    return markup`<rect class="risk" x="${percent(x)}" width="${percent(width)}" y="0" height="${height}"><title>${words}</title></rect>`;
  });
}

export function awayBands(detail: ReportDetail, scale: TimeScale, from: number, height: number): readonly Markup[] {
  return detail.timeline.away.map((away) => {
    const { x, width } = barAt(scale, away.from, away.to ?? detail.timeline.to);
    return markup`<rect class="away ${away.is}" x="${percent(x)}" width="${percent(width)}" y="${from}" height="${height}"><title>${awayWords(away, detail.timeline.to)}: ${away.why}</title></rect>`;
  });
}

export function turnStrip(detail: ReportDetail, scale: TimeScale): Strip {
  const body = detail.timeline.turns.flatMap((turn) => {
    if (turn.from === null) return [];
    const { x, width } = barAt(scale, turn.from, turn.to ?? detail.timeline.to);
    const whole = turn.nodes.length === 0 || turn.nodes.includes(turn.id) ? turn.id : `${turn.id}: ${turn.nodes.join(", ")}`;
    const room = Math.floor(((width / 100) * narrowestPlot) / 6.4);
    const text = [whole, turn.id].find((one) => one.length <= room);
    return [
      markup`<g><title>${`turn ${whole}${turn.title === null ? "" : `, ${turn.title}`}`}</title><line class="turn-line" x1="${percent(x)}" x2="${percent(x + width)}" y1="18" y2="18"/><line class="turn-line" x1="${percent(x)}" x2="${percent(x)}" y1="14" y2="22"/><line class="turn-line" x1="${percent(x + width)}" x2="${percent(x + width)}" y1="14" y2="22"/>${text === undefined ? null : plotText(x + width / 2, 11, "turn", text)}</g>`,
    ];
  });
  return { height: 28, gutter: gutterText(12, "name", "turn"), body: markup`${body}` };
}

/** Null: Stillwater was there all the time and nobody stopped it. */
export function awayStrip(detail: ReportDetail, scale: TimeScale): Strip | null {
  const { away } = detail.timeline;
  if (away.length === 0) return null;
  const wanted = away.map((one) => {
    const { x, width } = barAt(scale, one.from, one.to ?? detail.timeline.to);
    return { text: shortened(awayWords(one, detail.timeline.to), 34), x: x + width / 2 };
  });
  const placed = placeLabels(wanted, 3);
  const rows = Math.max(0, ...placed.map((label) => label.row)) + 1;
  const texts = placed.map((label) => {
    const kind = label.text.startsWith("Stillwater") ? "look" : "note";
    return plotText(label.labelX, 11 + label.row * 13, kind, label.text);
  });
  return { height: 6 + rows * 13, gutter: gutterText(11, "name", "standing still"), body: markup`${texts}` };
}

export function axisStrip(scale: TimeScale, local: LocalTime): Strip {
  const digits = scale.tickMs < 100 ? 2 : scale.tickMs < 1000 ? 1 : 0;
  const ticks = scale.ticks.map(
    ({ ms, x }) => markup`<line class="axis" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="5"/>${plotText(x, 17, "tick", local.time(ms, digits))}`,
  );
  const breaks = scale.breaks.map((one) => {
    const { x, width } = barAt(scale, one.from, one.to);
    return widthOf("//") > width ? null : plotText(x + width / 2, 17, "tick", "//");
  });
  return {
    height: 24,
    gutter: gutterText(17, "note", "local time"),
    body: markup`<line class="axis" x1="0" x2="100%" y1="0" y2="0"/>${ticks}${breaks.filter((one) => one !== null)}`,
  };
}

export function gridLines(scale: TimeScale, height: number): readonly Markup[] {
  return scale.ticks.map(({ x }) => markup`<line class="grid" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="${height}"/>`);
}
