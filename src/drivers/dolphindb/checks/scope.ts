// Which nodes and hosts a goal touches, as the prechecks see it. Pure.
import { goalKind, type Goal } from "../../../model/goal.ts";
import { nodesOn, type DdFacts, type Role } from "../facts.ts";
import { restartsFor } from "../settings/scope.ts";

export const hostsOf = (facts: DdFacts): readonly string[] => [...new Set(Object.values(facts.structure.nodes).map(({ host }) => host))];

/** The installation of a host is shared by its nodes, so a host whose node is named is touched as a whole. */
export function touchedHosts(facts: DdFacts, goal: Goal): readonly string[] {
  const { only } = goal;
  if (only === null) return hostsOf(facts);
  return hostsOf(facts).filter((host) => nodesOn(facts, host).some((name) => only.includes(name)));
}
export const touched = (facts: DdFacts, goal: Goal): readonly string[] => touchedHosts(facts, goal).flatMap((host) => nodesOn(facts, host));
export const rolesOn = (facts: DdFacts, host: string, role: Role): readonly string[] =>
  nodesOn(facts, host).filter((name) => facts.structure.nodes[name]?.role === role);

/** A change of settings may need no restart at all; everything else takes hosts down. */
export const takesDown = (goal: Goal): boolean => goalKind(goal) !== "configuration";
/** Nodes stop for it: also for a setting that counts only from the next start on. */
export const stops = (facts: DdFacts, goal: Goal): boolean => takesDown(goal) || restartsFor(facts, goal).length > 0;
/** The way back of an earlier run: older than what runs, and its level was judged when it went forward. */
export const goesBack = (goal: Goal): boolean => goal.options["release"] === "kept";
export const upgrades = (goal: Goal): boolean => goal.version !== null && !goesBack(goal);

/** The oldest version that runs (or is installed) on what is touched; null: none is known. */
export function versionNow(facts: DdFacts, goal: Goal, compare: (a: string, b: string) => number): string | null {
  const known = touched(facts, goal).flatMap((name) => {
    const version = facts.now.nodes[name]?.running ?? facts.structure.nodes[name]?.installed ?? null;
    return version === null ? [] : [version];
  });
  return known.toSorted(compare)[0] ?? null;
}
