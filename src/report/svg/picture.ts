// One picture in which time runs left to right: what was done above, what users felt below, on the same axis. Pure.
import type { LocalTime } from "../../model/local-time.ts";
import type { Report, ReportDetail } from "../../model/report.ts";
import { markup, type Markup } from "../markup.ts";
import { count, duration, plural } from "../text.ts";
import { axisStrip, awayBands, awayStrip, gridLines, riskBands, turnStrip } from "./backdrop.ts";
import { percent, plot, type Strip } from "./frame.ts";
import { laneStrips } from "./lanes.ts";
import { latencyStrip, outcomeStrip, unknownStrip } from "./probe-strips.ts";
import { timeScale, type TimeScale } from "./scale.ts";

export function picture(report: Report, detail: ReportDetail, local: LocalTime): Markup {
  const scale = scaleOf(detail);
  const header = [turnStrip(detail, scale), awayStrip(detail, scale)].filter((strip) => strip !== null);
  const felt =
    detail.series.length === 0
      ? [unknownStrip(report.continuity.why[0] ?? "no series was kept", { expected: report.continuity.notApplicable === true })]
      : [latencyStrip(detail.series, scale), outcomeStrip(detail.series, scale)];
  const main = [...laneStrips({ nodes: report.nodes, detail, scale }), space, ...felt];
  const top = heightOf(header);
  const middle = heightOf(main);
  const axis = axisStrip(scale, local);
  const height = top + middle + axis.height;
  return markup`<svg class="picture" width="100%" height="${height}" role="img" aria-labelledby="picture-title picture-words" xmlns="http://www.w3.org/2000/svg">
<title id="picture-title">What was done and what was felt, over time</title>
<desc id="picture-words">${inWords(report, detail, local)}</desc>
<defs>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-line" width="2" height="7"/></pattern>
<pattern id="hatch-look" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-line-look" width="2.4" height="7"/></pattern>
</defs>
<svg x="${percent(plot.x)}" y="0" width="${percent(plot.width)}" height="${height}" overflow="visible">
<svg y="${top}" overflow="visible">${riskBands(detail, scale, middle)}${gridLines(scale, middle)}${awayBands(detail, scale, 0, middle)}</svg>
${stack([...header, ...main, axis], "body")}
</svg>
${stack([...header, ...main, axis], "gutter")}
</svg>`;
}

const space: Strip = { height: 8, gutter: markup``, body: markup`` };

const heightOf = (strips: readonly Strip[]): number => strips.reduce((sum, strip) => sum + strip.height, 0);

function stack(strips: readonly Strip[], part: "body" | "gutter"): readonly Markup[] {
  let y = 0;
  return strips.map((strip) => {
    const placed = markup`<svg y="${y}" height="${strip.height}" overflow="visible">${strip[part]}</svg>`;
    y += strip.height;
    return placed;
  });
}

/** A little of before and after, so that a bump can be told from the usual. */
function scaleOf(detail: ReportDetail): TimeScale {
  const { timeline, series } = detail;
  const margin = Math.max(1_500, (timeline.wallMs - timeline.away.reduce((sum, one) => sum + (one.to ?? timeline.to) - one.from, 0)) * 0.12);
  const from = Math.max(series[0]?.from ?? timeline.from, timeline.from - margin);
  const to = Math.min(series.at(-1)?.to ?? timeline.to, timeline.to + margin);
  return timeScale({ from: Math.min(from, timeline.from), to: Math.max(to, timeline.to), away: timeline.away, mostTicks: 8 });
}

/** The picture for those who cannot see it. */
function inWords(report: Report, detail: ReportDetail, local: LocalTime): string {
  const { timeline } = detail;
  const turns = timeline.turns.flatMap((turn) => {
    if (turn.from === null) return [`Turn ${turn.id} did not begin.`];
    const nodes = turn.nodes.length === 0 ? "the cluster" : turn.nodes.join(", ");
    const time = `${local.time(turn.from)} to ${turn.to === null ? "the last entry" : local.time(turn.to)}`;
    return [`Turn ${turn.id} (${nodes}), ${time}${turn.title === null ? "" : `: ${turn.title}`}.`];
  });
  const nodes = timeline.nodes.flatMap((node) =>
    node.unavailable.map((one) => `${node.node} did not serve from ${local.time(one.from, 2)} for ${duration((one.to ?? timeline.to) - one.from)}.`),
  );
  const away = timeline.away.map(
    (one) =>
      `From ${local.time(one.from)}: ${one.is === "gone" ? "Stillwater was gone" : one.is} for ${duration((one.to ?? timeline.to) - one.from)}, ${one.why}.`,
  );
  const { continuity } = report;
  const probe =
    continuity.attempts === 0
      ? ["No probe ran."]
      : [
          `The probe made ${plural(continuity.attempts, "attempt")}: ${count(continuity.refused)} refused, ${count(continuity.unknown)} unknown; longest gap between acknowledgements ${continuity.longestWriteGapMs === null ? "not measured" : duration(continuity.longestWriteGapMs)}.`,
        ];
  return [...turns, ...nodes, ...away, ...probe].join(" ");
}
