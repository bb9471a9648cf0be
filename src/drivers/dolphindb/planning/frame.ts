import type { Goal } from "../../../model/goal.ts";
import type { DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { PlanOptions } from "./options.ts";

/** What every part of a plan is made from. */
export interface Frame {
  readonly facts: DdFacts;
  readonly goal: Goal;
  readonly options: PlanOptions;
  readonly nodes: readonly DdNode[];
}
