// The end of a run, as it is said in a terminal: plain lines, and where a terminal that can may put colour. Pure.
import type { Report, ReportImpact } from "../model/report.ts";
import { sentenceClauses } from "./sentence.ts";
import { plural, printable, wrap } from "./text.ts";
import { changeWords, forecastWords, holdsWords, labWords, measuredWords, outcomeWords, verdictLine } from "./words.ts";

/** `look`: the one accent; `proved`: green; `strong`: the name of the thing; `soft`: may be read later. */
type Style = "look" | "proved" | "strong" | "soft";
export interface TerminalLine {
  readonly text: string;
  /** Parts of the text, `from` to before `to`, in order, not overlapping. */
  readonly spans: readonly { readonly from: number; readonly to: number; readonly style: Style }[];
}
export interface TerminalOptions {
  /** Columns; 80 when nobody knows. */
  readonly width?: number;
  /** Where the HTML report is; null: it was not written. */
  readonly reportPath: string | null;
}

/** Rows of the impact table that a terminal shows; misses come before what held. */
const mostRows = 12;

export function terminalReport(report: Report, options: TerminalOptions): readonly TerminalLine[] {
  const width = Math.max(options.width ?? 80, 40);
  return linesOf(report, width, options.reportPath).map((line) => ({ ...line, text: printable(line.text) }));
}

function linesOf(report: Report, width: number, reportPath: string | null): readonly TerminalLine[] {
  return [
    ...headline(report, width),
    ...(report.lab === true ? styled(wrap(labWords(report.system), width, indents), "look") : []),
    ...(report.verdict === "pass" ? [] : styled(wrap(`! ${verdictLine(report)}`, width, indents), "look")),
    ...sentence(report, width),
    ...impactLines(report.impact, width),
    ...left(report, width),
    ...(report.notSeen.length > 1
      ? styled(wrap(`${plural(report.notSeen.length, "thing")} not measured: see the report`, width, indents), "soft")
      : []),
    ...(reportPath === null ? [] : [plain(`Report: ${reportPath}`)]),
  ];
}

const indents = { first: "  ", rest: "    " };
const plain = (text: string): TerminalLine => ({ text, spans: [] });
const styled = (lines: readonly string[], style: Style): readonly TerminalLine[] =>
  lines.map((text) => ({ text, spans: [{ from: text.length - text.trimStart().length, to: text.length, style }] }));

function headline(report: Report, width: number): readonly TerminalLine[] {
  const [first = "", ...rest] = wrapKeeping(`${report.cluster}  ${changeWords(report)}  ${outcomeWords(report)}`, width);
  return [{ text: first, spans: [{ from: 0, to: Math.min(report.cluster.length, first.length), style: "strong" }] }, ...rest.map(plain)];
}
/** Breaks between the parts, which stand two blanks apart, before it breaks inside one. */
function wrapKeeping(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  return text.split("  ").flatMap((part, index) => wrap(part, width, index === 0 ? { first: "", rest: "    " } : indents));
}

function sentence(report: Report, width: number): readonly TerminalLine[] {
  return sentenceClauses(report).flatMap(({ text, broken }, index) => {
    const words = (index === 0 ? text : text.charAt(0).toLowerCase() + text.slice(1)).replace(/\.$/, "");
    const lines = wrap(words, width, indents);
    if (broken) return styled(lines, "look");
    return index === 0 && report.verdict === "pass" ? styled(lines, "proved") : lines.map(plain);
  });
}

interface ImpactGroup {
  readonly rows: readonly ReportImpact[];
  /** The row that tells most: a miss before what held, then the longest. */
  readonly worst: ReportImpact;
}
/** What was forecast alike in several turns is one row; what nobody should feel and nothing measured is left to the report. */
function groupsOf(impact: readonly ReportImpact[]): readonly ImpactGroup[] {
  const groups = new Map<string, ReportImpact[]>();
  for (const row of impact) {
    if (row.forecast.effect === "none" && row.measured === null) continue;
    const key = JSON.stringify([row.feature, forecastWords(row), row.measured === null]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const missed = (row: ReportImpact): number => (row.holds === false ? 1 : 0);
  return [...groups.values()].flatMap((rows) => {
    const [worst] = rows.toSorted((x, y) => missed(y) - missed(x) || (y.measured?.ms ?? 0) - (x.measured?.ms ?? 0));
    if (worst === undefined) return [];
    return [{ rows, worst }];
  });
}

function impactLines(impact: readonly ReportImpact[], width: number): readonly TerminalLine[] {
  const groups = groupsOf(impact);
  const misses = groups.filter(({ worst }) => worst.holds === false);
  const shown = groups.length <= mostRows ? groups : [...misses, ...groups.filter(({ worst }) => worst.holds !== false)].slice(0, mostRows);
  const more = groups.length - shown.length;
  const rest = more === 0 ? [] : [`and ${plural(more, "more row")} in the report`];
  const columns = shown.map(({ worst, rows }): Row => {
    const times = rows.length === 1 ? "" : `, ${rows.length} times`;
    const least = rows.length === 1 ? "" : "at most ";
    const measured = measuredWords(worst);
    return {
      feature: worst.feature,
      forecast: `${forecastWords(worst)}${times}`,
      measured: measured === null ? "" : `${least}${measured}`,
      verdict: holdsWords(worst),
    };
  });
  return sentences(columns, rest, width) ?? tableOf(columns, rest, width);
}

interface Row {
  readonly feature: string;
  readonly forecast: string;
  readonly measured: string;
  readonly verdict: ReturnType<typeof holdsWords>;
}
const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
function withVerdict(before: string, verdict: Row["verdict"]): TerminalLine {
  const style = verdict === "ok" ? "proved" : verdict === "missed" ? "look" : "soft";
  return { text: before + verdict, spans: [{ from: before.length, to: before.length + verdict.length, style }] };
}

/** `forecast   writes paused 0.4 s   measured 0.38 s   ok`, a line for each row; null: a row does not fit into one. */
function sentences(rows: readonly Row[], rest: readonly string[], width: number): readonly TerminalLine[] | null {
  const head = "  forecast   ";
  const felt = rows.map(({ feature, forecast }) => `${feature} ${forecast}`);
  const measured = rows.map((row) => (row.measured === "" ? "" : `measured ${row.measured}`));
  const [feltWidth, measuredWidth] = [widest(felt), widest(measured)];
  if (head.length + feltWidth + measuredWidth + "    not measured".length > width) return null;
  const start = (index: number): string => (index === 0 ? head : " ".repeat(head.length));
  return [
    ...rows.map(({ verdict }, index) =>
      withVerdict(`${start(index)}${(felt[index] ?? "").padEnd(feltWidth)}  ${(measured[index] ?? "").padEnd(measuredWidth)}  `, verdict),
    ),
    ...rest.map((text) => plain(" ".repeat(head.length) + text)),
  ];
}

/** Features of several words have a column of their own, in which they wrap. */
function tableOf(rows: readonly Row[], rest: readonly string[], width: number): readonly TerminalLine[] {
  const forecastWidth = Math.min(22, widest(["forecast", ...rows.map(({ forecast }) => forecast)]));
  const measuredWidth = widest(["measured", ...rows.map(({ measured }) => measured)]);
  const verdictWidth = widest(rows.map(({ verdict }) => verdict));
  const room = width - 2 - forecastWidth - measuredWidth - verdictWidth - 6;
  if (room < 16)
    return rows.flatMap(({ feature, forecast, measured, verdict }) =>
      wrap(`${feature}: ${forecast}${measured === "" ? "" : `, measured ${measured}`}: ${verdict}`, width, indents).map(plain),
    );
  const featureWidth = Math.min(room, widest(["felt", ...rows.map(({ feature }) => feature)]));
  const line = (feature: string, forecast: string, measured: string): string =>
    `  ${feature.padEnd(featureWidth)}  ${forecast.padEnd(forecastWidth)}  ${measured.padEnd(measuredWidth)}  `;
  return [
    ...styled([line("felt", "forecast", "measured").trimEnd()], "soft"),
    ...rows.flatMap(({ feature, forecast, measured, verdict }) => {
      const [features, forecasts] = [
        wrap(feature, featureWidth, { first: "", rest: "  " }),
        wrap(forecast, forecastWidth, { first: "", rest: "  " }),
      ];
      const others = Array.from({ length: Math.max(features.length, forecasts.length) - 1 }, (_, at) =>
        line(features[at + 1] ?? "", forecasts[at + 1] ?? "", "").trimEnd(),
      );
      return [withVerdict(line(features[0] ?? "", forecasts[0] ?? "", measured), verdict), ...others.map(plain)];
    }),
    ...rest.map((text) => plain(`  ${text}`)),
  ];
}

function left(report: Report, width: number): readonly TerminalLine[] {
  const leases = (report.detail?.leases ?? []).filter((lease) => lease.to === null);
  return leases.flatMap((lease) => styled(wrap(`! not put back: ${lease.title} (step ${lease.step})`, width, indents), "look"));
}
