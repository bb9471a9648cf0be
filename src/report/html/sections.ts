// The tables under the picture, in the order in which they are asked for: felt, proved, done, by whom, planned, not seen.
import type { LocalTime } from "../../model/local-time.ts";
import type { Report, ReportDetail, ReportImpact } from "../../model/report.ts";
import { eventRows, recordRows, watchedRows } from "../beside.ts";
import { toleranceText } from "../forecast.ts";
import { markup, type Content, type Markup } from "../markup.ts";
import { count, duration, instant, plural } from "../text.ts";
import { forecastWords, holdsWords, interruptions, measuredWords, turnWords } from "../words.ts";
import { list, section, table } from "./tables.ts";

export function sections(report: Report, local: LocalTime): Markup {
  const { detail } = report;
  return markup`${impact(report)}
${beside(report, local)}
<div class="two">${report.continuity.notApplicable ? null : continuity(report)}<div>${proof(report)}${leases(report, local)}${decisions(report, local)}</div></div>
${nodes(report)}
${detail ? plan(report, detail, local) : null}
${notSeen(report)}`;
}

function impact(report: Report): Markup {
  const title = "What was felt, against the forecast";
  if (report.impact.length === 0) return section(title, markup`<p>The plan forecast no effect.</p>`);
  const rows = table(report.impact, [
    { head: "feature", kind: "first", cell: (row) => row.feature },
    // One turn for all of them tells nothing, and takes room from the evidence.
    ...(new Set(report.impact.map(({ phase }) => phase)).size > 1
      ? [{ head: "turn", kind: "tight", cell: (row: ReportImpact) => turnWords(report, row.phase) } as const]
      : []),
    { head: "forecast", kind: "tight", cell: (row) => forecastWords(row) },
    { head: "measured", kind: "number", cell: (row) => measuredWords(row) ?? "-" },
    {
      head: "",
      kind: "word",
      cell: (row) => {
        const words = holdsWords(row);
        const kind = words === "ok" ? "proved" : words === "undocumented" ? "soft" : "look";
        return markup`<span class="${kind}">${words}</span>`;
      },
    },
    {
      head: "evidence",
      kind: "evidence",
      cell: (row) => `${row.measured?.evidence ?? "none"}; basis: ${row.forecast.basis}; source: ${row.forecast.source}`,
    },
  ]);
  return section(title, rows, markup`<p class="note">Tolerance: ${toleranceText}.</p>`);
}

function beside(report: Report, local: LocalTime): Content {
  const [record, features, events] = [recordRows(report, local), watchedRows(report.watched), eventRows(report.watched, local)];
  return [
    record.length === 0
      ? null
      : section(
          "Record",
          table(record, [
            { head: "what", cell: (row) => row.what },
            { head: "value", cell: (row) => row.value },
          ]),
        ),
    features.length === 0
      ? null
      : section(
          "Watched beside the run",
          table(features, [
            { head: "feature", kind: "first", cell: (row) => row.feature },
            { head: "tries", cell: (row) => row.tries },
            { head: "outages", cell: (row) => row.outages },
          ]),
        ),
    events.length === 0
      ? null
      : section(
          "Events that were captured",
          table(events, [
            { head: "at", kind: "tight", cell: (row) => row.at },
            { head: "object", kind: "tight", cell: (row) => row.object },
            { head: "what", cell: (row) => row.what },
            { head: "what became of it", cell: (row) => row.became },
          ]),
        ),
  ];
}

function continuity(report: Report): Markup {
  const { continuity: found } = report;
  const title = "Continuity probe";
  if (found.attempts === 0) return section(title, list(found.why.map((why) => markup`<span class="look">${why}</span>`)));
  const latency = (value: number | null): string => (value === null ? "-" : duration(value));
  const harm = (value: number): Content => (value > 0 ? markup`<strong class="look">${count(value)}</strong>` : count(value));
  const rows: readonly { readonly what: string; readonly value: Content }[] = [
    { what: "acknowledged", value: `${count(found.acknowledged)} of ${plural(found.attempts, "attempt")}` },
    { what: "refused, unknown", value: `${count(found.refused)}, ${count(found.unknown)}` },
    {
      what: "lost, corrupted, duplicated",
      value: markup`${harm(found.lost)}, ${harm(found.corrupted)}, ${harm(found.duplicated)}${found.replicaOnly > 0 ? markup`; <strong class="look">${count(found.replicaOnly)}</strong> only on a replica that does not serve` : null}`,
    },
    {
      what: "risk windows measured",
      value: markup`${found.windowsMeasured < found.windows ? markup`<strong class="look">${found.windowsMeasured}</strong>` : found.windowsMeasured} of ${found.windows}`,
    },
    { what: "longest write gap", value: latency(found.longestWriteGapMs) },
    { what: "p99 before, during, after", value: `${latency(found.p99Ms.before)}, ${latency(found.p99Ms.during)}, ${latency(found.p99Ms.after)}` },
    { what: "partitions probed", value: `${count(found.scope.partitionsProbed)} of ${count(found.scope.partitionsTouched)} touched` },
    { what: "route", value: found.scope.route },
    { what: "an acknowledgement means", value: found.scope.durability },
    { what: "positive control", value: found.control === "caught" ? "caught" : markup`<strong class="look">missed</strong>` },
  ];
  return section(
    title,
    table(rows, [
      { head: "figure", cell: (row) => row.what },
      { head: "value", cell: (row) => row.value },
    ]),
    found.why.length === 0 ? null : list(found.why.map((why) => markup`<span class="look">${why}</span>`)),
  );
}

function proof(report: Report): Markup {
  const { coverage, objects, violations } = report.systemProof;
  const intro = coverage === null ? markup`<p>Not proved: the system's own evidence was not collected.</p>` : markup`<p>${coverage}</p>`;
  const evidence = table(objects, [
    { head: "object", cell: (row) => row.object },
    { head: "evidence", cell: (row) => markup`<code>${row.evidence}</code>` },
  ]);
  const broken = list(violations.map((row) => markup`<strong class="look">${row.object}: ${row.what}</strong>`));
  return section("User data, by the system's own evidence", intro, violations.length === 0 ? null : broken, objects.length === 0 ? null : evidence);
}

function nodes(report: Report): Markup {
  const { detail } = report;
  const unserved = (name: string): string => {
    const times = detail?.timeline.nodes.find((node) => node.node === name)?.unavailable ?? [];
    return times.length === 0 ? "-" : times.map((one) => (one.to === null ? "since its stop" : duration(one.to - one.from))).join(", ");
  };
  return section(
    "Nodes",
    table(report.nodes, [
      { head: "node", cell: (row) => row.name },
      { head: "role", cell: (row) => (row.roleBefore === undefined ? row.role : `${row.roleBefore}, then ${row.role}`) },
      {
        head: "version",
        cell: (row) => (row.to === null ? markup`${row.from ?? "?"} -> <span class="look">not seen</span>` : `${row.from ?? "?"} -> ${row.to}`),
      },
      { head: "restarts", kind: "number", cell: (row) => row.restarts },
      { head: "not serving", kind: "number", cell: (row) => unserved(row.name) },
    ]),
  );
}

function leases(report: Report, local: LocalTime): Markup {
  const { detail } = report;
  const title = "Temporary settings (leases)";
  if (report.leases.taken === 0) return section(title, markup`<p>None was taken.</p>`);
  const rows = (detail?.leases ?? []).map((lease) => {
    const end =
      lease.to === null
        ? markup`<strong class="look">not put back</strong>`
        : `put back at ${local.time(lease.to)}, after ${duration(lease.to - lease.from)}`;
    return markup`${lease.title}: taken at ${local.time(lease.from)}, ${end}`;
  });
  return section(
    title,
    list(rows.length > 0 ? rows : [`${report.leases.taken} taken, ${report.leases.putBack} put back, ${report.leases.left} left`]),
  );
}

/** What people decided, and what happened to Stillwater itself. */
function decisions(report: Report, local: LocalTime): Markup {
  const { detail } = report;
  const rows: readonly Content[] = [
    ...report.overrides.map((row) => markup`override <code>${row.code}</code> by ${row.by}: \u201c${row.reason}\u201d`),
    ...report.answers.map((row) => markup`${row.step}: answered \u201c${row.answer}\u201d by ${row.by}: \u201c${row.reason}\u201d`),
    ...(detail?.aborted ? [markup`aborted by ${detail.aborted.by}: \u201c${detail.aborted.reason}\u201d`] : []),
    ...interruptions(detail).map((row) => markup`${local.time(row.at)}: ${row.words}`),
  ];
  return section("Decisions and interruptions", rows.length === 0 ? markup`<p>None: no override, no question, no pause, no crash.</p>` : list(rows));
}

function plan(report: Report, detail: ReportDetail, local: LocalTime): Markup {
  const { plan: made, timeline } = detail;
  const turns = table(made.turns, [
    { head: "turn", kind: "tight", cell: (row) => row.id },
    { head: "node", kind: "tight", cell: (row) => (row.nodes.length === 0 ? "cluster" : row.nodes.join(", ")) },
    { head: "role", kind: "tight", cell: (row) => row.role ?? "-" },
    { head: "what happens", cell: (row) => row.title ?? "-" },
    { head: "began", kind: "number", cell: (row) => timeOf(row.id, (turn) => (turn.from === null ? null : local.time(turn.from))) },
    {
      head: "took",
      kind: "number",
      cell: (row) => timeOf(row.id, (turn) => (turn.from === null || turn.to === null ? null : duration(turn.to - turn.from))),
    },
  ]);
  function timeOf(id: string, of: (turn: (typeof timeline.turns)[number]) => string | null): string {
    const turn = timeline.turns.find((one) => one.id === id);
    return (turn && of(turn)) ?? "-";
  }
  const steps = table(timeline.bars, [
    { head: "began", kind: "tight", cell: (bar) => local.time(bar.from, 3) },
    { head: "took", kind: "number", cell: (bar) => (bar.to === null ? "not ended" : duration(bar.to - bar.from)) },
    { head: "phase", kind: "tight", cell: (bar) => bar.phase },
    { head: "node", kind: "tight", cell: (bar) => (bar.nodes.length === 0 ? "cluster" : bar.nodes.join(", ")) },
    { head: "step", cell: (bar) => markup`${bar.title ?? bar.step}${bar.title === null ? null : markup` <code>${bar.step}</code>`}` },
  ]);
  return section(
    "Plan",
    markup`<p>Hash <code>${made.hash}</code>, made ${local.full(instant(made.createdAt))} by ${made.createdBy}; ${report.mode}; can be undone ${made.undoUntil}${made.rollsBack === null ? null : `; rolls back run ${made.rollsBack}`}${made.unfenced.length === 0 ? null : `; not fenced: ${made.unfenced.join(", ")}`}.</p>`,
    turns,
    markup`<details><summary>All ${plural(timeline.bars.length, "step")} as they happened</summary>${steps}</details>`,
  );
}

const notSeen = (report: Report): Markup => markup`<section id="not-seen"><h2>What was not measured</h2>${list(report.notSeen)}</section>`;
