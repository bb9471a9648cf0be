// The report of a run, from its plan, its journal and what was measured. Pure.
import type { Counted, SystemProof } from "../model/driver.ts";
import type { JournalEntry } from "../model/event.ts";
import type { NodeView } from "../model/facts.ts";
import { goalKind } from "../model/goal.ts";
import type { ProbeBucket, Timeline } from "../model/picture.ts";
import type { Plan } from "../model/plan.ts";
import type { ContinuityVerdict, Report, ReportDetail, ReportNode } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { compareImpact } from "./forecast.ts";
import { goalMissed, leftOutOf, notSeenPutBack, stillBroken } from "./goal-missed.ts";
import { leasesOf } from "./leases.ts";
import { notSeenOf } from "./not-seen.ts";
import { noClientRecords, noContinuity, sentenceOf, verdictOf } from "./sentence.ts";
import { coarser } from "./series.ts";
import { timelineOf } from "./timeline.ts";
import { recordOf } from "./record.ts";
import { riskWindows } from "./windows.ts";

export interface Ingredients {
  /** Number of the run in its store. */
  readonly run: number;
  readonly plan: Plan;
  readonly entries: readonly JournalEntry[];
  /** Null: no probe ran. */
  readonly continuity: ContinuityVerdict | null;
  readonly systemProof: SystemProof;
  readonly nodes: { readonly before: readonly NodeView[]; readonly after: readonly NodeView[] };
  /** The partitions that the probe knows; one stands for all where they are not known. */
  readonly partitions?: readonly string[];
  readonly series: readonly ProbeBucket[];
  readonly watched?: Watched | null;
  readonly counted?: Readonly<Record<string, Counted>>;
  /** `SystemDriver.provedByWork`. */
  readonly provedByWork?: boolean;
}

/** A picture of this many stretches is finer than any screen; more would only make the file larger. */
const stretches = 600;

export function composeReport(of: Ingredients): Report {
  const { plan, entries } = of;
  const timeline = timelineOf(plan, entries);
  const leases = leasesOf(plan, entries);
  const left = leases.filter((lease) => lease.to === null).length;
  const outcome = outcomeOf(entries);
  const finished = entries.findLast(({ event }) => event.is === "finished")?.event;
  const forced = finished?.is === "finished" ? finished.forced : undefined;
  const impact = compareImpact(plan.impact, {
    timeline,
    series: of.series,
    leases,
    watched: of.watched ?? null,
    counted: of.counted ?? {},
  });
  // An aborted or unfinished run has no goal to reach.
  const missed =
    outcome === "succeeded"
      ? [...goalMissed(plan.goal, of.nodes, leftOutOf(plan, entries)), ...stillBroken(impact, of.watched ?? null), ...notSeenPutBack(leases)]
      : notSeenPutBack(leases);
  const continuity = of.continuity ?? (of.provedByWork === true ? noClientRecords : noContinuity);
  return {
    version: 1,
    run: of.run,
    cluster: plan.cluster,
    system: plan.system,
    ...(plan.lab === true ? { lab: true } : {}),
    mode: plan.mode,
    goal: goalKind(plan.goal),
    verdict: verdictOf({
      continuity,
      systemProof: of.systemProof,
      leasesLeft: left,
      outcome,
      missed,
      ...(of.provedByWork === true ? { work: impact } : {}),
    }),
    sentence: sentenceOf(continuity, of.systemProof),
    startedAt: new Date(timeline.from).toISOString(),
    finishedAt: outcome === "unfinished" ? null : new Date(finishedAt(entries) ?? timeline.to).toISOString(),
    outcome,
    nodes: nodesOf(of.nodes.before, of.nodes.after, timeline),
    leases: { taken: leases.length, putBack: leases.length - left, left },
    wallMs: timeline.wallMs,
    criticalPathMs: timeline.criticalPathMs,
    impact,
    continuity,
    systemProof: of.systemProof,
    overrides: plan.overrides,
    answers: entries.flatMap(({ event }) =>
      event.is === "answered" ? [{ step: event.step, answer: event.answer, by: event.by, reason: event.reason }] : [],
    ),
    notSeen: [
      ...missed,
      ...notSeenOf({
        continuity: of.continuity ?? (of.provedByWork === true ? noClientRecords : null),
        systemProof: of.systemProof,
        impact,
        timeline,
        after: of.nodes.after,
        outcome,
        watched: of.watched ?? null,
      }),
    ],
    ...(forced ? { forced } : {}),
    record: recordOf(plan, entries),
    ...(of.watched ? { watched: of.watched } : {}),
    detail: detailOf(of, timeline, leases),
  };
}

function outcomeOf(entries: readonly JournalEntry[]): Report["outcome"] {
  const finished = entries.findLast(({ event }) => event.is === "finished");
  return finished?.event.is === "finished" ? finished.event.as : "unfinished";
}
const finishedAt = (entries: readonly JournalEntry[]): number | null => entries.findLast(({ event }) => event.is === "finished")?.at ?? null;

function nodesOf(before: readonly NodeView[], after: readonly NodeView[], timeline: Timeline): readonly ReportNode[] {
  const names = [...new Set([...before, ...after].map((node) => node.name))];
  return names.map((name) => {
    const was = before.find((node) => node.name === name);
    const is = after.find((node) => node.name === name);
    const role = is?.role ?? was?.role ?? "";
    return {
      name,
      role,
      ...(was && was.role !== role ? { roleBefore: was.role } : {}),
      from: was?.version ?? was?.installed ?? null,
      // What is installed but does not run has not arrived.
      to: is?.version ?? null,
      restarts: timeline.nodes.find((node) => node.node === name)?.restarts ?? 0,
    };
  });
}

function detailOf(of: Ingredients, timeline: Timeline, leases: ReportDetail["leases"]): ReportDetail {
  const { plan, entries } = of;
  const aborting = entries.find(({ event }) => event.is === "aborting")?.event;
  return {
    plan: {
      hash: plan.hash,
      createdAt: plan.createdAt,
      createdBy: plan.createdBy,
      goalVersion: plan.goal.version,
      settings: Object.keys(plan.goal.settings),
      undoUntil: plan.undoUntil,
      rollsBack: plan.rollsBack,
      turns: plan.turns.map((turn) => ({ id: turn.id, title: turn.title ?? null, nodes: turn.nodes, role: turn.role ?? null })),
      unfenced: plan.unfenced,
    },
    timeline,
    windows: riskWindows(plan, entries, of.partitions ?? ["all"]),
    series: coarser(
      of.series,
      stretches,
      timeline.away.map((away) => ({ from: away.from, to: away.to ?? timeline.to })),
    ),
    leases,
    aborted: aborting?.is === "aborting" ? { by: aborting.by, reason: aborting.reason } : null,
    alarms: entries.flatMap(({ event, at }) => (event.is === "alarm" ? [{ at, what: event.what }] : [])),
  };
}
