// The words that every form of the report shares: terminal, Markdown and HTML say the same. Pure.
import type { Report, ReportImpact } from "../model/report.ts";
import { verdictWords } from "./sentence.ts";
import { clock, duration, plural } from "./text.ts";

/** `17.0 -> 17.10`, `configuration: max_connections`, `restart`. */
export function changeWords(report: Report): string {
  const from = [...new Set(report.nodes.map((node) => node.from ?? "?"))].join(", ");
  const to = report.detail?.plan.goalVersion ?? [...new Set(report.nodes.map((node) => node.to ?? "?"))].join(", ");
  const settings = report.detail?.plan.settings ?? [];
  const version = `${from} -> ${to}`;
  const configuration = settings.length > 0 ? `configuration: ${settings.join(", ")}` : "configuration";
  switch (report.goal) {
    case "version":
      return version;
    case "configuration":
      return configuration;
    case "both":
      return `${version}, ${configuration}`;
    case "restart":
      return "restart";
  }
}

/** `done in 00:01:38`, `aborted after ...`, `unfinished after ...`; a run of seconds shows them. */
export function outcomeWords(report: Report): string {
  const time = report.wallMs < 60_000 ? duration(report.wallMs) : clock(report.wallMs);
  const critical = report.criticalPathMs < 60_000 ? duration(report.criticalPathMs) : clock(report.criticalPathMs);
  const verb = { succeeded: "done in", aborted: "aborted after", unfinished: "unfinished after" }[report.outcome];
  return `${verb} ${time} (critical path ${critical})`;
}

/** The verdict in a line, with the reason when it is not `pass`. */
export function verdictLine(report: Report): string {
  const why = reasons(report);
  return `${verdictWords[report.verdict]}${why.length === 0 ? "" : `: ${why.join("; ")}`}`;
}

function reasons(report: Report): readonly string[] {
  if (report.verdict === "pass") return [];
  const { detail, leases, continuity, systemProof } = report;
  const aborted = detail?.aborted;
  return [
    ...(report.outcome === "aborted" ? [aborted ? `the run was aborted by ${aborted.by}, "${aborted.reason}"` : "the run was aborted"] : []),
    ...(report.outcome === "unfinished" ? ["the run is not finished"] : []),
    ...continuity.why,
    ...(leases.left > 0 ? [`${plural(leases.left, "lease")} left behind`] : []),
    ...systemProof.violations.map((violation) => `${violation.object} ${violation.what}`),
  ];
}

/** `ok`, `missed`, `not measured`. */
export function holdsWords(row: ReportImpact): "ok" | "missed" | "not measured" {
  if (row.holds === null) return "not measured";
  return row.holds ? "ok" : "missed";
}

/** What users were told to expect: `paused 0.4 s`, `none`. */
export function forecastWords(row: ReportImpact): string {
  const { effect, expectedMs } = row.forecast;
  return effect === "none" ? "nothing felt" : `${effect} ${duration(expectedMs)}`;
}

export function turnWords(report: Report, id: string): string {
  const turn = report.detail?.plan.turns.find((one) => one.id === id);
  return turn && turn.nodes.length > 0 && !turn.nodes.includes(id) ? `${id} (${turn.nodes.join(", ")})` : id;
}
