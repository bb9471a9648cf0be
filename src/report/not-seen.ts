// What was not measured: the report says so itself, before anybody has to ask. Pure.
import type { SystemProof } from "../model/driver.ts";
import type { NodeView } from "../model/facts.ts";
import type { ContinuityVerdict, Report, ReportImpact } from "../model/report.ts";
import type { Timeline } from "../model/picture.ts";
import type { Watched } from "../model/watch.ts";
import { count, duration, plural } from "./text.ts";

export function notSeenOf(of: {
  readonly continuity: ContinuityVerdict | null;
  readonly systemProof: SystemProof;
  readonly impact: readonly ReportImpact[];
  readonly timeline: Timeline;
  readonly after: readonly NodeView[];
  readonly outcome: Report["outcome"];
  readonly watched: Watched | null;
}): readonly string[] {
  const unseen = of.after.filter((node) => node.state !== "serving");
  return [
    "power loss: no host was cut off from power, so what disks do then is not known",
    ...continuityGaps(of.continuity),
    ...(of.systemProof.coverage === null ? ["user data: the system's own evidence was not collected"] : []),
    ...of.impact.filter((row) => row.measured === null).map((row) => `${row.feature} in turn ${row.phase}: ${whyUnmeasured(row, of.timeline)}`),
    ...(of.watched?.blind ?? []).map(
      ({ watch, since, why }) =>
        `${watch}: could not be read at the end (${why}); ${since === null ? "never read" : `last read at ${new Date(since).toISOString()}`}`,
    ),
    ...(of.after.length === 0 ? ["the nodes after the run: the cluster could not be read"] : []),
    ...unseen.map((node) => `${node.name} after the run: ${node.state}${node.detail === "" ? "" : `, ${node.detail}`}`),
    ...(of.outcome === "unfinished" ? ["the end: the run stands still, this report is of what has happened so far"] : []),
  ];
}

function whyUnmeasured(row: ReportImpact, timeline: Timeline): string {
  const { measure } = row.forecast;
  if (measure === null) return "nothing measures this feature; the forecast was not tested";
  if (timeline.turns.find((turn) => turn.id === row.phase)?.from === null) return "the turn did not begin";
  switch (measure.by) {
    case "longest-write-gap":
      return "the probe has no figures of this turn";
    case "node-unavailable":
      return `the journal does not tell when ${measure.node} was stopped`;
    case "lease-held":
      return "it was never taken";
    case "watch":
      return `${measure.feature} was not watched while it lasted`;
    case "count":
      return "what was left by the steps does not tell it";
  }
}

function continuityGaps(continuity: ContinuityVerdict | null): readonly string[] {
  if (continuity?.notApplicable) return [];
  if (continuity === null) return ["writes and reads of clients: no continuity probe ran"];
  const { scope, windows, windowsMeasured } = continuity;
  const unprobed = scope.partitionsTouched - scope.partitionsProbed;
  return [
    ...(unprobed > 0 ? [`${count(unprobed)} of ${count(scope.partitionsTouched)} touched partitions: no key of the probe lies on them`] : []),
    ...(windowsMeasured < windows
      ? [`${plural(windows - windowsMeasured, "risk window")} of ${count(windows)}: too few acknowledgements in them`]
      : []),
    ...(continuity.unknown > 0 ? [`${plural(continuity.unknown, "attempt")} without an answer: neither acknowledged nor refused`] : []),
    ...(continuity.probeHolesMs > 0 ? [`${duration(continuity.probeHolesMs)} in which the probe itself stood still`] : []),
    ...(continuity.control === "missed"
      ? [
          "the probe's own eyesight: the record that was removed behind its back was not reported (or not planted), so a loss could have been missed too",
        ]
      : []),
  ];
}
