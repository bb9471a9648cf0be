import type { NodeView } from "../model/facts.ts";
import type { Goal } from "../model/goal.ts";

/**
 * Where the cluster is not seen to be what the run was for, one line each: a step that was left out, a node that went back by itself. The journal's
 * "succeeded" says that every step ended, not that the goal was reached. Pure.
 */
export function goalMissed(goal: Pick<Goal, "version" | "only">, after: readonly NodeView[]): readonly string[] {
  if (after.length === 0) return ["the goal: the cluster could not be read after the run"];
  const { version, only } = goal;
  if (version === null) return [];
  return after
    .filter((node) => (only === null || only.includes(node.name)) && node.version !== version)
    .map((node) => `the goal: ${node.name} ${node.version === null ? "does not tell its version" : `runs ${node.version}, not ${version}`}`);
}
