// The verdict and the printed sentence of the proof. Pure.
import type { SystemProof } from "../model/driver.ts";
import type { ContinuityVerdict, Report, ReportImpact, Verdict } from "../model/report.ts";
import { isUnseen } from "./forecast.ts";
import { count, plural } from "./text.ts";

/** Absence of evidence is never `pass`; evidence of harm is `fail`, whatever else was not measured. */
export function verdictOf(of: {
  readonly continuity: ContinuityVerdict;
  readonly systemProof: SystemProof;
  readonly leasesLeft: number;
  readonly outcome: Report["outcome"];
  /** What the goal was, and is not seen to be; empty: every node is where it should be. */
  readonly missed: readonly string[];
  /** The rows of the impact, of a system whose users' work is proved by ledger and watches instead of a probe's records. */
  readonly work?: readonly ReportImpact[];
}): Verdict {
  const { continuity, systemProof } = of;
  const harm = continuity.lost + continuity.replicaOnly + continuity.corrupted + continuity.duplicated + systemProof.violations.length;
  // A run that still stands may still hold its leases: that is its state, not yet a failure of it.
  if (harm > 0 || continuity.verdict === "fail" || (of.leasesLeft > 0 && of.outcome !== "unfinished")) return "fail";
  if (of.work !== undefined) {
    // What was forecast and not seen is not proved; what was worse than forecast is shown as a miss, and is no loss.
    return systemProof.coverage !== null && !of.work.some(isUnseen) && of.outcome === "succeeded" && of.missed.length === 0 ? "pass" : "not-measured";
  }
  return continuity.verdict === "pass" && of.outcome === "succeeded" && of.missed.length === 0 ? "pass" : "not-measured";
}

export const verdictWords = { pass: "Passed", fail: "Failed", "not-measured": "Not measured" } as const satisfies Record<Verdict, string>;

/** No probe ran, or it left nothing behind. */
export const noContinuity: ContinuityVerdict = {
  verdict: "not-measured",
  why: ["no continuity probe ran"],
  scope: { partitionsTouched: 0, partitionsProbed: 0, route: "none", durability: "not measured" },
  attempts: 0,
  acknowledged: 0,
  refused: 0,
  unknown: 0,
  lost: 0,
  corrupted: 0,
  duplicated: 0,
  replicaOnly: 0,
  windows: 0,
  windowsMeasured: 0,
  probeHolesMs: 0,
  longestWriteGapMs: null,
  p99Ms: { before: null, during: null, after: null },
  control: "missed",
};

/** Its clients' records are not the system's: there is nothing of theirs to lose. */
export const noClientRecords: ContinuityVerdict = {
  ...noContinuity,
  notApplicable: true,
  why: ["no client writes records of its own here; running work is proved by the ledger"],
};

/** What is printed: what the probe found, what the system itself proves, and what nobody tested. */
export function sentenceOf(continuity: ContinuityVerdict, systemProof: SystemProof): string {
  if (continuity.notApplicable) return `Running work: ${proofClause(systemProof)}; power loss not tested.`;
  return `${probeClause(continuity)}; user data: ${proofClause(systemProof)}; power loss not tested.`;
}

/** The same sentence in its parts, for large type. `broken`: it tells of harm. */
export function sentenceClauses(
  report: Pick<Report, "sentence" | "continuity" | "systemProof">,
): readonly { readonly text: string; readonly broken: boolean }[] {
  const start = report.sentence.indexOf("; user data: ");
  if (start === -1) return [{ text: report.sentence, broken: report.systemProof.violations.length > 0 }];
  const { lost, corrupted, duplicated, replicaOnly } = report.continuity;
  const rest = report.sentence.slice(start + 2);
  return [
    { text: `${report.sentence.slice(0, start)}.`, broken: lost + corrupted + duplicated + replicaOnly > 0 },
    { text: rest.charAt(0).toUpperCase() + rest.slice(1), broken: report.systemProof.violations.length > 0 },
  ];
}

function probeClause(continuity: ContinuityVerdict): string {
  const { scope } = continuity;
  if (continuity.attempts === 0) return `Continuity not measured: ${continuity.why[0] ?? "no attempt was made"}`;
  const figures = [
    `${count(continuity.lost)} of ${count(continuity.acknowledged)} acknowledged probe records lost, on ${count(scope.partitionsProbed)} of ${count(scope.partitionsTouched)} touched partitions`,
    ...(continuity.corrupted > 0 ? [`${count(continuity.corrupted)} corrupted`] : []),
    ...(continuity.duplicated > 0 ? [`${count(continuity.duplicated)} duplicated`] : []),
    ...(continuity.replicaOnly > 0 ? [`${count(continuity.replicaOnly)} found only on a replica that does not serve`] : []),
    `${plural(continuity.unknown, "outcome")} unknown`,
  ].join("; ");
  if (continuity.verdict !== "not-measured") return figures;
  return `Not enough was measured: ${continuity.why[0] ?? "no reason given"}. Seen: ${figures}`;
}

function proofClause(proof: SystemProof): string {
  if (proof.violations.length > 0) {
    const first = proof.violations[0];
    const more = proof.violations.length > 1 ? ` and ${plural(proof.violations.length - 1, "other violation")}` : "";
    return `${first ? `${first.object}: ${first.what}` : "violated"}${more}`;
  }
  if (proof.coverage === null) return "not proved";
  const evidence = proof.objects.length === 1 ? proof.objects[0]?.evidence : undefined;
  return evidence && evidence.length <= 40 && !proof.coverage.includes(evidence) ? `${proof.coverage} (${evidence})` : proof.coverage;
}
