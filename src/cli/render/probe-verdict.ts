// What `probe start`, `stop` and `verdict` say.
import type { StartedProbe, StoppedProbe } from "../../usecases/probe-start.ts";
import type { ProbeVerdict } from "../../usecases/probe-verdict.ts";
import { watchedRows } from "../../report/beside.ts";
import type { Style } from "./style.ts";
import { clean, wrapTo } from "./text.ts";
import { at, count, duration, plural, zone } from "./time.ts";

export const startedLines = (started: StartedProbe): readonly string[] => [
  started.rate === 0
    ? `Probe ${started.probe} of ${clean(started.cluster)} watches ${plural(started.partitions.length, "feature")}, as process ${started.pid}.`
    : `Probe ${started.probe} of ${clean(started.cluster)} writes ${started.rate}/s on ${plural(started.partitions.length, "partition")}, as process ${started.pid}.`,
  `  route    ${clean(started.route)}`,
  `  records  ${clean(started.directory)}`,
  `How it stands: stillwater probe verdict      End it: stillwater probe stop`,
];

export function stoppedLines({ cluster, probe, rate, how, status, directory }: StoppedProbe, discarded: boolean): readonly string[] {
  const said = { ended: "has ended", "had ended": "had ended already", "was killed": "was killed before: what was in flight then is unknown" }[how];
  const [works, fails, gap] = rate === 0 ? ["tries that worked", "failed", "longest outage"] : ["acknowledged", "unknown", "longest gap"];
  const verdict = rate === 0 ? "How each feature fared: stillwater probe verdict" : "What was lost: stillwater probe verdict";
  return [
    `Probe ${probe} of ${clean(cluster)} ${said}.`,
    ...(status === null
      ? []
      : [
          `  ${works} ${count(status.acknowledged)}, refused ${count(status.refused)}, ${fails} ${count(status.unknown)}, ${gap} ${duration(status.longestGapMs)}`,
        ]),
    `  records  ${clean(directory)}`,
    discarded ? "Its records were removed from the cluster, without a verdict." : verdict,
  ];
}

/** Times in UTC. */
export const verdictDocument = (verdict: ProbeVerdict): unknown => ({
  ...verdict,
  latest: {
    acknowledgedAt: verdict.latest.acknowledgedAt === null ? null : new Date(verdict.latest.acknowledgedAt).toISOString(),
    probedUntil: new Date(verdict.latest.probedUntil).toISOString(),
  },
});

/** The sentence first, then what it rests on. */
export function probeVerdictLines(verdict: ProbeVerdict, style: Style, now: number): readonly string[] {
  const { continuity, running } = verdict;
  const word = { pass: style.proved("passed"), fail: style.accent("FAILED"), "not-measured": style.accent("not measured") }[continuity.verdict];
  const row = (name: string, text: string): readonly string[] =>
    wrapTo(clean(text), style.columns - 14).map((line, index) => `  ${(index === 0 ? name : "").padEnd(12)}${line}`);
  return [
    `${style.strong(clean(verdict.cluster))}  probe ${verdict.probe}${running ? ", so far" : ""}: ${word}`,
    ...wrapTo(clean(verdict.sentence), style.columns - 2).map((line) => `  ${line}`),
    ...continuity.why.flatMap((why) => row("why", why)),
    ...(continuity.notApplicable ? watchedLines(verdict, row) : recordLines(verdict, row, now)),
    ...row("records", verdict.directory),
    ...endLines(verdict),
  ];
}

type Row = (name: string, text: string) => readonly string[];
const watchedLines = ({ watched }: ProbeVerdict, row: Row): readonly string[] => [
  ...watchedRows(watched).flatMap(({ feature, tries, outages }) => row("", `${feature}: of ${tries.replace(": ", " tries ")}; outages: ${outages}`)),
  ...(watched?.events ?? []).flatMap(({ object, what, policy }) => row("event", `${object}: ${what} (${policy})`)),
];
function recordLines(verdict: ProbeVerdict, row: Row, now: number): readonly string[] {
  const { continuity } = verdict;
  return [
    ...row("latest", latestWords(verdict, now)),
    ...row("numbers", numberWords(verdict)),
    ...row("writes", writeWords(verdict, now)),
    ...(continuity.reasons ?? []).slice(0, 3).flatMap(({ is, why, count: times }) => row("", `${is} ${count(times)}: ${why}`)),
    ...row("replicas", replicaWords(verdict)),
    ...clockRows(verdict, row),
    ...row("route", `${continuity.scope.route}; an acknowledgement means: ${continuity.scope.durability}`),
  ];
}

function endLines({ running, final, continuity }: ProbeVerdict): readonly string[] {
  if (running)
    return [`It goes on ${continuity.notApplicable ? "watching" : "writing"}. Its verdict is final once it has ended: stillwater probe stop`];
  if (!final) return ["Not final: what could not be read may be read later. Ask again, or give it up: stillwater probe stop --discard"];
  return continuity.verdict === "pass" || continuity.notApplicable
    ? []
    : ["Its records stay in the cluster, as evidence. Remove them: stillwater probe stop --discard"];
}

function replicaWords({ continuity, running }: ProbeVerdict): string {
  const { replicasRead = 0, replicasCounted = 0 } = continuity;
  if (replicasRead > 0) return `${plural(replicasRead, "replica")} read, record by record`;
  if (replicasCounted > 0) return `counted on ${plural(replicasCounted, "node")}, by partition`;
  return running ? "not looked at one by one while the probe writes" : "not looked at one by one";
}

/** Is the latest record of now? */
function latestWords({ latest, running }: ProbeVerdict, now: number): string {
  if (latest.acknowledgedAt === null) return "no row was ever acknowledged";
  const before = duration(Math.max(0, latest.probedUntil - latest.acknowledgedAt));
  return `acknowledged ${at(latest.acknowledgedAt, now)} ${zone(latest.acknowledgedAt)}, ${before} before ${running ? "now" : "the probe ended"}`;
}

/** Are the numbers consecutive, and if not, what is missing and why. */
function numberWords({ continuity }: ProbeVerdict): string {
  const { attempts, refused, unknown, lost, repeated = 0, sentAgain = 0, skipped = 0 } = continuity;
  const gaps = [
    ...(lost > 0 ? [`${count(lost)} acknowledged and missing`] : []),
    ...(skipped > 0 ? [`${count(skipped)} skipped without an error`] : []),
    ...(refused > skipped ? [`${count(refused - skipped)} refused`] : []),
    ...(unknown > 0 ? [`${count(unknown)} unknown`] : []),
  ];
  const rows = gaps.length === 0 ? `1 to ${count(attempts)}, consecutive` : `1 to ${count(attempts)}, of which ${gaps.join(", ")}`;
  return sentAgain === 0
    ? rows
    : `${rows}; ${plural(repeated, "row")} stored more than once, all sent again by the client (${count(sentAgain)} times)`;
}

function writeWords({ continuity }: ProbeVerdict, now: number): string {
  const { acknowledged, attempts, longestWriteGap, longestWriteGapMs, p99Ms, probeHolesMs } = continuity;
  const when = longestWriteGap == null ? "" : ` (${at(longestWriteGap.from, now)} to ${at(longestWriteGap.to, now)}, ${longestWriteGap.partition})`;
  const all = [p99Ms.before, p99Ms.during, p99Ms.after].find((each) => each !== null) ?? null;
  return [
    `${count(acknowledged)} of ${count(attempts)} acknowledged`,
    `longest stall ${longestWriteGapMs === null ? "not measured" : duration(longestWriteGapMs)}${when}`,
    ...(all === null ? [] : [`p99 ${duration(all)}`]),
    ...(probeHolesMs > 0 ? [`the probe itself stood still for ${duration(probeHolesMs)}`] : []),
  ].join("; ");
}

/** More is worth a look: facts of the system speak of a second. */
const noticeableMs = 1000;

function clockRows({ continuity }: ProbeVerdict, row: (name: string, text: string) => readonly string[]): readonly string[] {
  const clocks = continuity.clocks ?? [];
  if (clocks.length === 0) return [];
  const off = clocks.filter(({ aheadMs, uncertaintyMs }) => Math.abs(aheadMs) - uncertaintyMs > noticeableMs);
  if (off.length === 0) {
    const worst = Math.max(...clocks.map(({ aheadMs }) => Math.abs(aheadMs)));
    return row("clocks", `of ${plural(clocks.length, "server")} within ${duration(worst)} of this machine's`);
  }
  return off.flatMap(({ server, aheadMs }) =>
    row("clocks", `${server} is ${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} this machine`),
  );
}
