// The rows of `inspect` and `status`. Pure.
import type { NodeView } from "../../model/facts.ts";
import type { DdFacts, DdNodeNow } from "./facts.ts";

export const nodeViews = (facts: DdFacts): readonly NodeView[] =>
  Object.entries(facts.structure.nodes).map(([name, { role, endpoint, installed }]) => {
    const now = facts.now.nodes[name];
    return {
      name,
      role,
      endpoint,
      version: now?.running ?? null,
      installed,
      state: now === undefined ? "unreachable" : stateOf(now),
      detail: now === undefined ? "" : words(now).join(", "),
    };
  });

function stateOf({ state }: DdNodeNow): NodeView["state"] {
  switch (state) {
    case "serving":
      return "serving";
    case "starting":
    case "draining":
    case "down":
      return "down";
    case "unreachable":
      return "unreachable";
  }
}
function words({ state, leads, restartIntervalS, runningJobs, connections }: DdNodeNow): readonly string[] {
  return [
    ...(state === "starting" ? ["not initialised yet"] : state === "draining" ? ["shutting down gracefully"] : []),
    ...(leads ? ["leads"] : []),
    ...(restartIntervalS !== null && restartIntervalS > 0 ? [`restarts data nodes after ${String(restartIntervalS)} s`] : []),
    ...(runningJobs !== null && runningJobs > 0 ? [`${String(runningJobs)} jobs`] : []),
    ...(connections !== null && connections > 0 ? [`${String(connections)} connections`] : []),
  ];
}
