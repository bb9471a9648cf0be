// From facts and a goal to turns, in the order of the vendor's pages (OM-8). Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import { goalKind, type Goal } from "../../../model/goal.ts";
import type { Turn } from "../../../model/step.ts";
import type { OmNode } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { refuseSettings } from "../settings/scope.ts";
import { maintenanceTurns } from "./maintenance.ts";
import { planOptions, type PlanOptions } from "./options.ts";
import { otherTurn } from "./other-turn.ts";
import { due, inOrder } from "./scope.ts";
import { stageTurn } from "./stage.ts";
import { tabletTurn } from "./tablet-turn.ts";
import { groupsOf } from "./moves.ts";

export interface Frame {
  readonly facts: OmFacts;
  readonly goal: Goal;
  readonly options: PlanOptions;
  readonly nodes: readonly OmNode[];
  /** Of the cluster file: hooks.pauseTraffic and hooks.resumeTraffic. */
  readonly holdsTraffic: boolean;
}
export interface PlanSurroundings {
  readonly nodes: readonly OmNode[];
  readonly holdsTraffic: boolean;
}

export function plan(facts: OmFacts, goal: Goal, { nodes, holdsTraffic }: PlanSurroundings): Draft | Refusal {
  const options = planOptions(goal);
  if ("refused" in options) return options;
  if (options.fence === "hook" && !holdsTraffic)
    return {
      refused: "fence=hook needs the operator's commands",
      clear: "add hooks.pauseTraffic and hooks.resumeTraffic to the cluster file",
      object: "fence",
    };
  const frame: Frame = { facts, goal, options, nodes, holdsTraffic };
  if (goal.maintenance) return maintenanceTurns(frame, goal.maintenance);
  refuseSettings(facts, goal);
  const restarting = inOrder(facts, due(facts, goal));
  if (restarting.length === 0) return { refused: nothingToDo(facts, goal), clear: "nothing to do", code: "SW2109" };
  const tablets = groupsOf(
    restarting.filter((node) => facts.structure.nodes[node]?.role === "tablet"),
    options.parallelTablets,
  );
  const turns: Turn[] = [];
  const stage = stageTurn(frame, restarting);
  if (stage !== null) turns.push(stage);
  for (const node of restarting) {
    const role = facts.structure.nodes[node]?.role;
    if (role !== "tablet") {
      turns.push(otherTurn(frame, node));
      continue;
    }
    const group = tablets.find((each) => each[0] === node);
    if (group === undefined) continue;
    const turn = tabletTurn(frame, group);
    if ("refused" in turn) return turn;
    turns.push(turn);
  }
  return { turns };
}

const nothingToDo = (facts: OmFacts, goal: Goal): string => {
  const installed = [...new Set(Object.values(facts.structure.nodes).map((node) => node.installed ?? "?"))].join(", ");
  return goalKind(goal) === "configuration" ? "every node has these values already" : `every node runs ${installed} already`;
};
