// From facts and a goal to turns. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";

export interface PlanSurroundings {
  readonly nodes: readonly DdNode[];
  readonly holdsTraffic: boolean;
}

export const plan = (_facts: DdFacts, _goal: Goal, _surroundings: PlanSurroundings): Draft | Refusal => ({
  refused: "this driver cannot plan yet",
  clear: "a later release of Stillwater",
});
