// What `verify` compares with the facts that a run began with. Pure.
import type { Comparison } from "../../model/driver.ts";
import type { Goal } from "../../model/goal.ts";
import { nodesOf, type DdChunks, type DdFacts } from "./facts.ts";

export const compare = (before: DdFacts, after: DdFacts, _goal: Goal): readonly Comparison[] => [
  chunkCount(before, after),
  wholeChunks(before, after),
  restartIntervals(before, after),
  recoveryTasks(before, after),
];

/** Somebody may have dropped partitions meanwhile, and nobody tells who: fewer is not proved to be a loss. */
function chunkCount(before: DdFacts, after: DdFacts): Comparison {
  const [was, is] = [before.now.chunks?.total ?? null, after.now.chunks?.total ?? null];
  const known = was !== null && is !== null;
  return {
    object: "chunks",
    what: "as many as before, or more",
    verdict: known && is >= was ? "passed" : "not-measured",
    evidence: known ? `${String(was)} before, ${String(is)} after` : "no controller led when it was asked",
  };
}

const wrongIn = (chunks: DdChunks): readonly string[] =>
  (
    [
      [chunks.recovering, "RECOVERING"],
      [chunks.underReplicated, "with too few replicas"],
      [chunks.overReplicated, "with too many replicas"],
      [chunks.unequal, "with unequal or corrupted replicas"],
    ] as const
  ).flatMap(([count, what]) => (count > 0 ? [`${String(count)} ${what}`] : []));

/** What was wrong before a run is not its doing. */
function wholeChunks(before: DdFacts, after: DdFacts): Comparison {
  const [was, is] = [before.now.chunks, after.now.chunks];
  const what = "COMPLETE, with dfsReplicationFactor equal replicas, as far as they were before";
  if (was === null || is === null) return { object: "chunks", what, verdict: "not-measured", evidence: "no controller led when it was asked" };
  const sum = ({ recovering, underReplicated, overReplicated, unequal }: DdChunks): number => recovering + underReplicated + overReplicated + unequal;
  const wrong = wrongIn(is);
  return {
    object: "chunks",
    what,
    verdict: sum(is) > sum(was) ? "failed" : "passed",
    evidence: wrong.length === 0 ? `${String(is.total)} of ${String(is.total)}` : `${wrong.join(", ")}; before: ${wrongIn(was).join(", ") || "none"}`,
  };
}

/** A run sets it to 0 and puts it back (facts 0.8): a controller that was forgotten is told. */
function restartIntervals(before: DdFacts, after: DdFacts): Comparison {
  const told = nodesOf(after, "controller").map((name) => ({
    name,
    was: before.now.nodes[name]?.restartIntervalS ?? null,
    is: after.now.nodes[name]?.restartIntervalS ?? null,
  }));
  const other = told.filter(({ was, is }) => was !== null && is !== null && was !== is);
  const unknown = told.filter(({ was, is }) => was === null || is === null);
  const words = (each: (typeof told)[number]): string =>
    `${each.name}: ${each.was === null ? "?" : String(each.was)} s, now ${each.is === null ? "?" : String(each.is)} s`;
  return {
    object: "datanodeRestartInterval",
    what: "as before on every controller",
    verdict: other.length > 0 ? "failed" : unknown.length > 0 ? "not-measured" : "passed",
    evidence: (other.length > 0 ? other : told).map(words).join("; "),
  };
}

/** The list of a controller is emptied when another one leads (facts 5.3): fewer than before says nothing. */
function recoveryTasks(before: DdFacts, after: DdFacts): Comparison {
  const [was, is] = [before.now.recovery, after.now.recovery];
  const what = "none is queued, and none more is Aborted than before";
  if (is === null) return { object: "recovery", what, verdict: "not-measured", evidence: "no controller led when it was asked" };
  const queued = is.waiting + is.inProgress;
  const evidence = `${String(is.waiting)} Waiting, ${String(is.inProgress)} In-Progress, ${String(is.aborted)} Aborted`;
  return { object: "recovery", what, verdict: queued > 0 || is.aborted > (was?.aborted ?? 0) ? "failed" : "passed", evidence };
}
