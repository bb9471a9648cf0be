// The words that every form of the report shares: terminal, Markdown and HTML say the same. Pure.
import type { Away } from "../model/picture.ts";
import type { Report, ReportDetail, ReportImpact } from "../model/report.ts";
import { isUndocumented, isUnseen } from "./forecast.ts";
import { isGoalMissed } from "./goal-missed.ts";
import { verdictWords } from "./sentence.ts";
import { clock, count, duration, plural } from "./text.ts";

/** Wherever a lab is shown. */
export const labWords = (system: string): string => `lab: simulated servers; what is proved here is proved of them, not of ${system}`;

/** `17.0 -> 17.10`, `configuration: max_connections`, `restart`. */
export function changeWords(report: Report): string {
  // Nodes that never tell a version say nothing of the change, unless none does.
  const told = (versions: readonly (string | null)[]): string => [...new Set(versions.filter((version) => version !== null))].join(", ") || "?";
  const from = told(report.nodes.map((node) => node.from));
  const to = report.detail?.plan.goalVersion ?? told(report.nodes.map((node) => node.to));
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
    case "recover":
    case "drain":
    case "restore":
    case "backup":
      return report.goal;
    case "stop-programs":
      return "stop programs";
    case "start-programs":
      return "start programs";
    case "restore-backup":
      return "restore from a backup";
  }
}

/** `done in 00:01:38`, `aborted after ...`, `unfinished after ...`; a run of seconds shows them. */
export function outcomeWords(report: Report): string {
  const time = report.wallMs < 60_000 ? duration(report.wallMs) : clock(report.wallMs);
  const critical = report.criticalPathMs < 60_000 ? duration(report.criticalPathMs) : clock(report.criticalPathMs);
  const verb = { succeeded: "done in", aborted: "aborted after", "force-stopped": "stopped by force after", unfinished: "unfinished after" }[
    report.outcome
  ];
  return `${verb} ${time} (critical path ${critical})`;
}

/** The verdict in a line, with the reason when it is not `pass`. What the sentence says already is not said twice. */
export function verdictLine(report: Report): string {
  const word = verdictWords[report.verdict];
  if (report.verdict === "pass") return word;
  const reasons = [
    ...report.notSeen.filter(isGoalMissed),
    ...(report.continuity.notApplicable ? unproved(report) : report.continuity.why.filter((why) => !report.sentence.includes(why))),
    ...(report.leases.left > 0 ? [`${plural(report.leases.left, "lease")} left behind`] : []),
  ].join("; ");
  const reason = reasons === "" ? "" : `: ${reasons}`;
  const aborted = report.detail?.aborted;
  switch (report.outcome) {
    case "succeeded":
      return word + reason;
    case "aborted":
      return `Aborted${aborted ? ` by ${aborted.by}, \u201c${aborted.reason}\u201d` : ""}; ${word.toLowerCase()}${reason}`;
    case "force-stopped": {
      const forced = report.forced;
      const by = forced ? ` by ${forced.by}, marked ${forced.mark}, \u201c${forced.reason}\u201d` : "";
      return `Stopped by force${by}; ${word.toLowerCase()}${reason}`;
    }
    case "unfinished":
      return `Not finished; ${word.toLowerCase()}${reason}`;
  }
}

/** What keeps the work of a run from being proved. */
function unproved({ systemProof, impact }: Report): readonly string[] {
  const features = [...new Set(impact.filter(isUnseen).map(({ feature }) => feature))];
  const named = features.length > mostNamed ? [...features.slice(0, mostNamed), `${String(features.length - mostNamed)} more`] : features;
  return [
    ...(systemProof.coverage === null ? ["the system's own evidence was not collected"] : []),
    ...(named.length === 0 ? [] : [`${named.join(", ")}: what users felt was not seen`]),
  ];
}
const mostNamed = 3;

/** `ok`, `missed`, `not measured`. */
export function holdsWords(row: ReportImpact): "ok" | "missed" | "not measured" | "undocumented" {
  if (row.measured !== null && isUndocumented(row.forecast)) return "undocumented";
  if (row.holds === null) return "not measured";
  return row.holds ? "ok" : "missed";
}

/** What users were told to expect: `paused 0.4 s`, `nothing felt`. Where the vendor is silent a number would be taken for a promise. */
export function forecastWords(row: ReportImpact): string {
  if (isUndocumented(row.forecast)) return "undocumented";
  const { effect, expectedMs, amount } = row.forecast;
  if (amount !== undefined) return effect === "none" && amount.value === 0 ? "nothing felt" : `${effect} ${amountWords(amount)}`;
  return effect === "none" ? "nothing felt" : `${effect} ${duration(expectedMs)}`;
}

/** `0.4 s`, `12 instances`; null: not measured. */
export function measuredWords({ measured }: ReportImpact): string | null {
  if (measured === null) return null;
  return measured.amount === undefined ? duration(measured.ms) : amountWords(measured.amount);
}
const amountWords = ({ value, unit }: { readonly value: number; readonly unit: string }): string => `${count(value)} ${unit}`;

export function turnWords(report: Report, id: string): string {
  const turn = report.detail?.plan.turns.find((one) => one.id === id);
  return turn && turn.nodes.length > 0 && !turn.nodes.includes(id) ? `${id} (${turn.nodes.join(", ")})` : id;
}

/** `Stillwater gone 6.26 s`; `end`: the last entry. */
export function awayWords(away: Away, end: number): string {
  const time = duration((away.to ?? end) - away.from);
  switch (away.is) {
    case "gone":
      return `Stillwater gone ${time}`;
    case "pause":
      return `paused ${time}`;
    case "ask":
      return `asked ${time}`;
  }
}

/** Pauses, questions, crashes and alarms in order. */
export function interruptions(detail: ReportDetail | undefined): readonly { readonly at: number; readonly words: string }[] {
  if (!detail) return [];
  const away = detail.timeline.away.map((one) => ({ at: one.from, words: `${awayWords(one, detail.timeline.to)}, ${one.why}` }));
  const alarms = detail.alarms.map((alarm) => ({ at: alarm.at, words: `alarm, ${alarm.what}` }));
  return [...away, ...alarms].sort((a, b) => a.at - b.at);
}
