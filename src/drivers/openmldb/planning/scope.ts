// Which nodes a goal is about, and in which order they take their turns (OM-8). Pure.
import { goalKind, type Goal } from "../../../model/goal.ts";
import { nodesOf, type OmFacts, type Role, type StartMode } from "../facts.ts";
import { changesFor } from "../settings/scope.ts";

const order: readonly Role[] = ["nameserver", "tablet", "apiserver", "taskmanager"];

export const inScope = (facts: OmFacts, goal: Goal): readonly string[] =>
  Object.keys(facts.structure.nodes).filter((node) => goal.only === null || goal.only.includes(node));

export const needsVersion = (facts: OmFacts, node: string, version: string): boolean => {
  const running = facts.now.nodes[node]?.running ?? version;
  return facts.structure.nodes[node]?.installed !== version || running !== version;
};
/** A value that its file has already needs no restart; what a file says cannot always be read, and then it is set. */
export function needsSettings(facts: OmFacts, goal: Goal, node: string): boolean {
  const now = facts.structure.nodes[node]?.settings;
  return Object.entries(changesFor(facts, goal, node)).some(([key, value]) => now === undefined || (now[key] ?? null) !== value);
}

/** The nodes that must restart. */
export function due(facts: OmFacts, goal: Goal): readonly string[] {
  const { version } = goal;
  const kind = goalKind(goal);
  return inScope(facts, goal).filter(
    (node) => (version !== null && needsVersion(facts, node, version)) || needsSettings(facts, goal, node) || (kind === "restart" && goal.restart),
  );
}

/** Nameservers first, the standbys before the leader; then tablets, apiservers, taskmanagers, again the standbys first. */
export function inOrder(facts: OmFacts, nodes: readonly string[]): readonly string[] {
  const leads = (node: string): number => {
    const endpoint = facts.structure.nodes[node]?.endpoint;
    return facts.now.nodes[node]?.state === "leader" || (endpoint !== undefined && endpoint === facts.now.nameserver) ? 1 : 0;
  };
  return order.flatMap((role) =>
    nodesOf(facts, role)
      .filter((node) => nodes.includes(node))
      .toSorted((a, b) => leads(a) - leads(b)),
  );
}

/** As it is found running (OM-5); a component that has lost its mon gets one again (OM-7). Null: it is down, and the cluster file decides. */
export function foundMode(facts: OmFacts, node: string): StartMode | null {
  switch (facts.now.nodes[node]?.process) {
    case "daemon":
    case "daemon-lost-mon":
      return "daemon";
    case "background":
      return "background";
    case "down":
    case undefined:
      return null;
  }
}
