// Which nodes a goal touches, as the prechecks see it. Pure.
import { goalKind, type Goal } from "../../../model/goal.ts";
import type { OmFacts, Role } from "../facts.ts";
import { changesFor } from "../settings/scope.ts";

export function touched(facts: OmFacts, goal: Goal): readonly string[] {
  const { maintenance } = goal;
  if (maintenance) return "node" in maintenance ? [maintenance.node] : [];
  const named = Object.keys(facts.structure.nodes).filter((name) => goal.only === null || goal.only.includes(name));
  const configuration = goalKind(goal) === "configuration";
  return configuration ? named.filter((name) => Object.keys(changesFor(facts, goal, name)).length > 0) : named;
}
export const touchedOf = (facts: OmFacts, goal: Goal, role: Role): readonly string[] =>
  touched(facts, goal).filter((name) => facts.structure.nodes[name]?.role === role);

/** Sickness is what these are for: there it is told, and stops nobody. */
export const heals = ({ maintenance }: Goal): boolean => maintenance?.is === "recover" || maintenance?.is === "restore";
