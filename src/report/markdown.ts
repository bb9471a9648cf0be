// The report as Markdown: for a ticket or a change record. Every text is escaped. Pure.
import type { Report } from "../model/report.ts";
import { eventRows, recordRows, watchedRows } from "./beside.ts";
import { toleranceText } from "./forecast.ts";
import { localTime, machineOffset, type LocalTime } from "../model/local-time.ts";
import { count, duration, instant, plural, printable } from "./text.ts";
import { changeWords, forecastWords, holdsWords, interruptions, labWords, measuredWords, outcomeWords, turnWords, verdictLine } from "./words.ts";

export interface MarkdownOptions {
  /** Minutes ahead of UTC at which all times are shown. Default: where this machine was when the run began. */
  readonly offsetMinutes?: number;
}

export function markdownReport(report: Report, options: MarkdownOptions = {}): string {
  const begun = instant(report.startedAt);
  const local = localTime(options.offsetMinutes ?? machineOffset(begun));
  const blocks = [
    `# ${escaped(`${report.cluster}: ${changeWords(report)}, run ${report.run}`)}`,
    `**${escaped(verdictLine(report))}**`,
    `> ${escaped(report.sentence)}`,
    facts(report, local),
    "## What was felt, against the forecast",
    impact(report),
    ...what(report, local),
    ...beside(report, local),
    ...(report.continuity.notApplicable ? [] : ["## Continuity probe", continuity(report)]),
    "## User data, by the system's own evidence",
    proof(report),
    "## Nodes",
    nodes(report),
    "## Temporary settings (leases)",
    leases(report, local),
    "## Decisions and interruptions",
    decisions(report, local),
    "## What was not measured",
    list(report.notSeen),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const special: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };
/** What Markdown or HTML would read as more than letters; one line. */
export function escaped(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, " "))
    .replace(/[\\`*_[\]<>|~&]/g, (character) => special[character] ?? `\\${character}`)
    .replace(/-&gt;/g, "->");
}
/** At the beginning of a line a few more characters mean something. */
const atStart = (text: string): string =>
  escaped(text)
    .replace(/^([#+-])(?=\s|$)/, "\\$1")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
const list = (items: readonly string[]): string => items.map((item) => `- ${atStart(item)}`).join("\n");
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(escaped)))].join("\n");
}

function facts(report: Report, local: LocalTime): string {
  const end = report.finishedAt === null ? ", not finished" : ` to ${local.full(instant(report.finishedAt))}`;
  const holders = [...new Set((report.detail?.timeline.claims ?? []).map((claim) => claim.holder))];
  const plan = report.detail?.plan;
  return list([
    `system: ${report.system}, mode ${report.mode}`,
    ...(report.lab === true ? [labWords(report.system)] : []),
    `time: ${local.full(instant(report.startedAt))}${end} (${local.zone}), ${outcomeWords(report)}`,
    ...(holders.length > 0 ? [`by: ${holders.join(", then ")}`] : []),
    ...(plan ? [`plan: ${plan.hash}, made ${local.full(instant(plan.createdAt))} by ${plan.createdBy}`] : []),
    `leases: ${report.leases.taken} taken, ${report.leases.putBack} put back, ${report.leases.left} left`,
  ]);
}

function impact(report: Report): string {
  if (report.impact.length === 0) return "The plan forecast no effect.";
  const rows = report.impact.map((row) => [
    row.feature,
    turnWords(report, row.phase),
    forecastWords(row),
    measuredWords(row) ?? "-",
    holdsWords(row),
    `${row.measured?.evidence ?? "none"}; basis: ${row.forecast.basis}; source: ${row.forecast.source}`,
  ]);
  return `${table(["feature", "turn", "forecast", "measured", "holds", "evidence"], rows)}\n\nTolerance: ${toleranceText}.`;
}

function what(report: Report, local: LocalTime): readonly string[] {
  const { detail } = report;
  if (!detail) return [];
  const rows = detail.plan.turns.map((turn) => {
    const times = detail.timeline.turns.find((one) => one.id === turn.id);
    const began = times?.from ?? null;
    return [
      turn.id,
      turn.nodes.length === 0 ? "cluster" : turn.nodes.join(", "),
      turn.role ?? "-",
      turn.title ?? "-",
      began === null ? "did not begin" : local.time(began, 3),
      began === null ? "-" : times?.to === null || times === undefined ? "not ended" : duration(times.to - began),
    ];
  });
  return ["## Turns", table(["turn", "node", "role", "what happens", "began", "took"], rows)];
}

function beside(report: Report, local: LocalTime): readonly string[] {
  const [record, features, events] = [recordRows(report, local), watchedRows(report.watched), eventRows(report.watched, local)];
  return [
    ...(record.length > 0 ? ["## Record", list(record.map(({ what: name, value }) => `${name}: ${value}`))] : []),
    ...(features.length > 0
      ? [
          "## Watched beside the run",
          table(
            ["feature", "tries", "outages"],
            features.map((row) => [row.feature, row.tries, row.outages]),
          ),
        ]
      : []),
    ...(events.length > 0
      ? [
          "## Events that were captured",
          table(
            ["at", "object", "what", "what became of it"],
            events.map((row) => [row.at, row.object, row.what, row.became]),
          ),
        ]
      : []),
  ];
}

function continuity(report: Report): string {
  const { continuity: found } = report;
  if (found.attempts === 0) return list(found.why);
  const latency = (value: number | null): string => (value === null ? "-" : duration(value));
  return list([
    ...found.why,
    `acknowledged ${count(found.acknowledged)} of ${plural(found.attempts, "attempt")}; refused ${count(found.refused)}; unknown ${count(found.unknown)}`,
    `lost ${count(found.lost)}; corrupted ${count(found.corrupted)}; duplicated ${count(found.duplicated)}; only on a replica that does not serve ${count(found.replicaOnly)}`,
    `risk windows measured: ${found.windowsMeasured} of ${found.windows}; partitions probed: ${found.scope.partitionsProbed} of ${found.scope.partitionsTouched} touched`,
    `longest write gap ${latency(found.longestWriteGapMs)}; p99 before ${latency(found.p99Ms.before)}, during ${latency(found.p99Ms.during)}, after ${latency(found.p99Ms.after)}`,
    `route: ${found.scope.route}; an acknowledgement means: ${found.scope.durability}`,
    `positive control: ${found.control}; the probe stood still for ${duration(found.probeHolesMs)}`,
  ]);
}

function proof(report: Report): string {
  const { coverage, objects, violations } = report.systemProof;
  return list([
    ...violations.map((row) => `violated: ${row.object}: ${row.what}`),
    coverage ?? "not proved: the system's own evidence was not collected",
    ...objects.map((row) => `${row.object}: ${row.evidence}`),
  ]);
}

function nodes(report: Report): string {
  const rows = report.nodes.map((node) => {
    const down = report.detail?.timeline.nodes.find((one) => one.node === node.name)?.unavailable ?? [];
    return [
      node.name,
      node.roleBefore === undefined ? node.role : `${node.roleBefore}, then ${node.role}`,
      `${node.from ?? "?"} -> ${node.to ?? "not seen"}`,
      String(node.restarts),
      down.length === 0 ? "-" : down.map((one) => (one.to === null ? "since its stop" : duration(one.to - one.from))).join(", "),
    ];
  });
  return table(["node", "role", "version", "restarts", "not serving"], rows);
}

function leases(report: Report, local: LocalTime): string {
  if (report.leases.taken === 0) return "None was taken.";
  return list(
    (report.detail?.leases ?? []).map(
      (lease) =>
        `${lease.title}: taken at ${local.time(lease.from)}, ${lease.to === null ? "NOT PUT BACK" : `put back at ${local.time(lease.to)}, after ${duration(lease.to - lease.from)}`}`,
    ),
  );
}

function decisions(report: Report, local: LocalTime): string {
  const { detail } = report;
  const rows = [
    ...report.overrides.map((row) => `override ${row.code} by ${row.by}: \u201c${row.reason}\u201d`),
    ...report.answers.map((row) => `${row.step}: answered \u201c${row.answer}\u201d by ${row.by}: \u201c${row.reason}\u201d`),
    ...(detail?.aborted ? [`aborted by ${detail.aborted.by}: \u201c${detail.aborted.reason}\u201d`] : []),
    ...interruptions(detail).map((row) => `${local.time(row.at)}: ${row.words}`),
  ];
  return rows.length === 0 ? "None: no override, no question, no pause, no crash." : list(rows);
}
