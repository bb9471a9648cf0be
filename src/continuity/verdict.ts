// The judgement. Pure. `pass` is what remains when nothing is missing: every reason against it is looked for and named.
import { count, plural } from "../model/count.ts";
import type { ReplicaCount, ServerClock } from "../model/continuity.ts";
import type { ContinuityVerdict } from "../model/report.ts";
import type { CheckResult, ReadResult } from "./check.ts";
import type { ProbeSummary, WindowFigures } from "./summary.ts";

export interface VerdictInput {
  readonly summary: ProbeSummary;
  /** Read once the last node had rejoined; null: not done. */
  readonly atEnd: CheckResult | null;
  /** Read again `verifyAfterS` later; null: not done. */
  readonly afterwards: CheckResult | null;
  /** When the last node had rejoined, ms since 1970, and how many seconds later the second read was due. */
  readonly rejoinedAt: number;
  readonly verifyAfterS: number;
  /** Acknowledgements that each risk window must hold. */
  readonly minAcks: number;
  readonly route: string;
  readonly durability: string;
  /** The run neither moved a role nor restarted a node: then it needs no window. Without this, no window means no evidence. */
  readonly nothingAtRisk?: boolean;
  /** Replicas that somebody who knows why took out of the read, by name. */
  readonly excusedReplicas?: readonly string[];
  readonly clocks?: readonly ServerClock[];
}

export function judgeContinuity(input: VerdictInput): ContinuityVerdict {
  const { summary, minAcks, route, durability } = input;
  const reads = [input.atEnd, input.afterwards].flatMap((check) =>
    check === null ? [] : [check, ...check.replicas.map((replica) => ({ ...check, authoritative: replica }))],
  );
  const figures = reads.flatMap(({ authoritative }) => (authoritative === null ? [] : [authoritative]));
  const most = (pick: (read: ReadResult) => number): number => figures.reduce((highest, read) => Math.max(highest, pick(read)), 0);
  const lost = most((read) => read.lost);
  const corrupted = most((read) => read.corrupted);
  const duplicated = most((read) => read.duplicated);
  const replicaOnly = Math.max(input.atEnd?.replicaOnly ?? 0, input.afterwards?.replicaOnly ?? 0);

  const skipped = summary.skipped === 0 ? [] : [skippedWords(summary.skipped)];
  const damage = [...skipped, ...damageOf("at the end", input.atEnd), ...damageOf("in the second read", input.afterwards)];
  const unmeasured = summary.windows.filter((window) => reasonAgainst(window, minAcks) !== null);
  const missing = [...liveness(input), ...unmeasured.map((window) => againstWindow(window, minAcks)), ...againstReads(input)];
  const failed = damage.length > 0 || lost + corrupted + duplicated > 0;

  const touched = new Set(summary.windows.map(({ window }) => window.partition));
  const probed = new Set(summary.partitions.filter(({ acknowledged }) => acknowledged > 0).map(({ partition }) => partition));
  const controls = [input.atEnd, input.afterwards].map((check) => check?.authoritative?.control ?? "missed");
  const gap = summary.longestGap;
  return {
    verdict: failed ? "fail" : missing.length > 0 ? "not-measured" : "pass",
    why: [...damage, ...missing],
    scope: {
      partitionsTouched: touched.size,
      partitionsProbed: [...touched].filter((partition) => probed.has(partition)).length,
      route,
      durability,
    },
    attempts: summary.attempts,
    acknowledged: summary.acknowledged,
    refused: summary.refused,
    unknown: summary.unknown,
    lost,
    corrupted,
    duplicated,
    replicaOnly,
    windows: summary.windows.length,
    windowsMeasured: summary.windows.length - unmeasured.length,
    probeHolesMs: Math.round(summary.holesMs),
    longestWriteGapMs: gap === null ? null : Math.round(gap.ms),
    p99Ms: summary.p99Ms,
    control: controls.every((control) => control === "caught") ? "caught" : "missed",
    reads: [input.atEnd, input.afterwards].filter((check) => check?.authoritative != null).length,
    unsent: summary.unsent,
    skipped: summary.skipped,
    repeated: most((read) => read.repeated),
    sentAgain: summary.sentAgain,
    replicasRead: Math.max(0, ...[input.atEnd, input.afterwards].map((check) => check?.replicas.length ?? 0)),
    replicasCounted: Math.max(0, ...[input.atEnd, input.afterwards].map((check) => new Set(check?.counts?.map(({ replica }) => replica)).size)),
    ...(input.clocks === undefined ? {} : { clocks: input.clocks }),
    longestWriteGap: gap,
    anyPartitionGapMs: summary.longestOverallGap === null ? null : Math.round(summary.longestOverallGap.ms),
    worstWindows: [...summary.windows]
      .sort((a, b) => (b.longestGapMs ?? Infinity) - (a.longestGapMs ?? Infinity))
      .slice(0, maximumWorstWindows)
      .map(({ window, acknowledged, longestGapMs }) => ({
        ...window,
        acknowledged,
        longestGapMs: longestGapMs === null ? null : Math.round(longestGapMs),
      })),
    reasons: summary.reasons,
  };
}

const maximumWorstWindows = 50;

const skippedWords = (skipped: number): string =>
  `${plural(skipped, "row was", "rows were")} skipped silently: answered without an error, and not stored`;

/** A replica that counts fewer rows than were read, or more. */
const wrongCount = ({ replica, partition, rows, expected }: ReplicaCount, when: string): string =>
  `replica ${replica} ${when}: ${count(rows)} of ${count(expected)} rows of ${partition}`;

function damageOf(when: string, check: CheckResult | null): readonly string[] {
  if (check === null) return [];
  const of = (read: ReadResult | null, where: string): readonly string[] => {
    if (read === null) return [];
    const { lost, lostRecords, corrupted, duplicated, examples } = read;
    const parts = [
      ...(lost > 0
        ? [`${plural(lost, "acknowledged operation", "acknowledged operations")} lost on ${plural(lostRecords, "record", "records")}`]
        : []),
      ...(corrupted > 0 ? [`${plural(corrupted, "record", "records")} corrupted`] : []),
      ...(duplicated > 0 ? [`${plural(duplicated, "record", "records")} that nobody acknowledged`] : []),
    ];
    const first = examples[0];
    return parts.length === 0 ? [] : [`${where} ${when}: ${parts.join(", ")}${first === undefined ? "" : `; first: ${first.key}, ${first.detail}`}`];
  };
  return [
    ...of(check.authoritative, "authoritative read"),
    ...check.replicas.flatMap((replica) => of(replica, `replica ${replica.replica}`)),
    ...(check.counts ?? []).filter(({ rows, expected }) => rows !== expected).map((each) => wrongCount(each, when)),
    ...(check.replicaOnly > 0 ? [`${plural(check.replicaOnly, "record is", "records are")} left only on a replica that does not serve`] : []),
  ];
}

function liveness({ summary, minAcks, nothingAtRisk = false }: VerdictInput): readonly string[] {
  const why: string[] = [];
  if (summary.from === null || summary.attempts === 0) why.push("the probe never made an attempt");
  else if (summary.acknowledged < minAcks) {
    why.push(`the probe got ${plural(summary.acknowledged, "acknowledgement", "acknowledgements")} in the whole run; ${String(minAcks)} are needed`);
  }
  if (summary.windows.length === 0 && !nothingAtRisk) why.push("no risk window was recorded, so there is nothing that the probe could have covered");
  if (summary.damagedLines > 0) why.push(`${plural(summary.damagedLines, "line", "lines")} of the probe's log cannot be read`);
  return why;
}

/** A hole over more than this share of a window leaves too much of it unseen, whatever was acknowledged in the rest. */
const largestHoleShare = 0.5;

function reasonAgainst({ window, acknowledged, holeMs }: WindowFigures, minAcks: number): string | null {
  const ms = window.to - window.from;
  if (holeMs > ms * largestHoleShare) return `the probe did not see ${String(Math.round(holeMs))} of its ${String(Math.round(ms))} ms`;
  if (acknowledged < minAcks) return `${plural(acknowledged, "acknowledgement", "acknowledgements")}, ${String(minAcks)} are needed`;
  return null;
}

function againstWindow(figures: WindowFigures, minAcks: number): string {
  const { turn, kind, partition } = figures.window;
  return `window not measured: ${kind} in turn ${turn}, partition ${partition}: ${reasonAgainst(figures, minAcks) ?? ""}`;
}

function againstReads(input: VerdictInput): readonly string[] {
  const { rejoinedAt, verifyAfterS, atEnd, afterwards } = input;
  return [
    ...againstRead("the read at the end", atEnd, rejoinedAt, input),
    ...againstRead("the second read", afterwards, rejoinedAt + verifyAfterS * 1000, input),
  ];
}

function againstRead(name: string, check: CheckResult | null, notBefore: number, { summary, excusedReplicas = [] }: VerdictInput): readonly string[] {
  if (check === null) return [`${name} was not done`];
  const why: string[] = check.problems.map((problem) => `${name}: ${problem}`);
  const lastWindow = summary.windows.reduce((latest, { window }) => Math.max(latest, window.to), -Infinity);
  if (check.authoritative === null) why.push(`${name} did not see the authoritative records`);
  else if (check.authoritative.control === "missed") why.push(`${name} did not report the control record that was removed behind the probe's back`);
  if (check.attempts < summary.attempts) why.push(`${name} was done before the probe had ended`);
  if (check.startedAt < Math.max(notBefore, lastWindow)) why.push(`${name} was done too early`);
  for (const replica of check.replicas)
    if (replica.control === "missed") why.push(`${name} of replica ${replica.replica} still shows the control record`);
  const missing = (check.replicasMissing ?? []).filter((replica) => !excusedReplicas.includes(replica));
  if (missing.length > 0) why.push(`${name} did not see ${missing.length === 1 ? "replica" : "replicas"} ${missing.join(", ")}`);
  return why;
}
