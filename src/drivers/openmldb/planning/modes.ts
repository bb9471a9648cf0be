// What each mode means here, and which of them a goal can have. Pure.
import type { Goal, Mode, ModeVerdict } from "../../../model/goal.ts";
import { modes } from "../../../model/goal.ts";
import type { OmFacts } from "../facts.ts";
import { count } from "../checks/check-kit.ts";
import { countMoves, groupsOf, singleOn } from "./moves.ts";
import { planOptions } from "./options.ts";
import { due, inOrder } from "./scope.ts";

/**
 * zero-downtime: every partition is led by a live replica at every moment, and writes of one pause while its leader moves. semi-downtime: partitions of
 * one replica are not there while their tablet restarts. downtime: the vendor's full restart, which is not offered.
 */
export function modeVerdicts(facts: OmFacts, goal: Goal): readonly ModeVerdict[] {
  const verdict = (mode: Mode, eligible: boolean, why: string): ModeVerdict => ({ mode, eligible, why });
  const tablets = goal.maintenance
    ? "node" in goal.maintenance
      ? [goal.maintenance.node]
      : []
    : due(facts, goal).filter((node) => facts.structure.nodes[node]?.role === "tablet");
  const restarts = goal.maintenance === undefined;
  const singles = restarts ? tablets.flatMap((node) => singleOn(facts, facts.structure.nodes[node]?.endpoint ?? "")) : [];
  const unavailable = singles.length > 0 && goal.options["single-replica"] !== "add-replica";
  const withoutFence = goal.options["fence"] === "none" ? ", without a fence: rows may be lost" : "";
  return modes.map((mode) => {
    switch (mode) {
      case "zero-downtime":
        if (unavailable)
          return verdict(mode, false, `${count(singles.length, "partition")} of one replica (-o single-replica=add-replica keeps them available)`);
        return tablets.length === 0
          ? verdict(mode, true, "no tablet restarts: reads and writes go on")
          : verdict(mode, true, `${movesOf(facts, goal, tablets)}: writes on a partition pause while its leader moves${withoutFence}`);
      case "semi-downtime":
        return unavailable
          ? verdict(
              mode,
              true,
              `${count(singles.length, "partition")} of one replica ${singles.length === 1 ? "is" : "are"} away while their tablet restarts; for all others ${movesOf(facts, goal, tablets)}${withoutFence}`,
            )
          : verdict(mode, false, "every partition can be led throughout");
      case "downtime":
        return verdict(mode, false, "not offered: a full restart would need recoverdata for every partition");
    }
  });
}

/** The number of leader moves of each choice, counted by playing the turns. */
function movesOf(facts: OmFacts, goal: Goal, tablets: readonly string[]): string {
  const options = planOptions(goal);
  const before = "the leaders move before a tablet stops";
  if (goal.maintenance !== undefined || "refused" in options) return before;
  const groups = groupsOf(inOrder(facts, tablets), options.parallelTablets);
  const endpoints = groups.map((group) => group.map((node) => facts.structure.nodes[node]?.endpoint ?? ""));
  const { each, never } = countMoves(facts, endpoints, options.singleReplica);
  const back = options.restoreLeaders === "each";
  const other = back ? `${String(never)} with restore-leaders=never` : `${String(each)} with restore-leaders=each`;
  return `${before}${back ? " and come back" : ""} (${count(back ? each : never, "move")} in all; ${other})`;
}
