// What each mode means here, and which of them a goal can have. Pure.
import type { Goal, Mode, ModeVerdict } from "../../../model/goal.ts";
import { modes } from "../../../model/goal.ts";
import type { OmFacts } from "../facts.ts";
import { due } from "./scope.ts";
import { singleOn } from "./moves.ts";

/**
 * zero-downtime: every partition is led by a live replica at every moment, and writes of one pause while its leader moves. semi-downtime: partitions of
 * one replica are not there while their tablet restarts. downtime: the vendor's full restart, which is not offered.
 */
export function modeVerdicts(facts: OmFacts, goal: Goal): readonly ModeVerdict[] {
  const verdict = (mode: Mode, eligible: boolean, why: string): ModeVerdict => ({ mode, eligible, why });
  const tablets = goal.maintenance
    ? goal.maintenance.is === "recover"
      ? []
      : [goal.maintenance.node]
    : due(facts, goal).filter((node) => facts.structure.nodes[node]?.role === "tablet");
  const restarts = goal.maintenance === undefined;
  const singles = restarts ? tablets.flatMap((node) => singleOn(facts, facts.structure.nodes[node]?.endpoint ?? "")) : [];
  const unavailable = singles.length > 0 && goal.options["single-replica"] !== "add-replica";
  return modes.map((mode) => {
    switch (mode) {
      case "zero-downtime":
        if (unavailable)
          return verdict(
            mode,
            false,
            `${String(singles.length)} partitions have one replica only: they are away while their tablet restarts (single-replica=add-replica keeps them)`,
          );
        return tablets.length === 0
          ? verdict(mode, true, "no tablet restarts: reads and writes go on")
          : verdict(
              mode,
              true,
              `tablets one after another, their leaders moved before: writes of a partition pause while its leader moves${goal.options["fence"] === "none" ? ", without a fence: rows may be lost" : ""}`,
            );
      case "semi-downtime":
        return unavailable
          ? verdict(
              mode,
              true,
              `${String(singles.length)} partitions of one replica are away while their tablet restarts; all others are led throughout`,
            )
          : verdict(mode, false, "not needed: every partition can be led throughout");
      case "downtime":
        return verdict(mode, false, "not offered: a full restart needs recoverdata for every partition afterwards");
    }
  });
}
