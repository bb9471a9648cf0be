// The rows of `inspect` and `status`. Pure.
import type { NodeView } from "../../model/facts.ts";
import type { DpFacts, DpState } from "./facts.ts";

export const nodeViews = (facts: DpFacts): readonly NodeView[] =>
  Object.entries(facts.structure.nodes).map(([name, { role, endpoint }]) => {
    const state = facts.now.states[name] ?? "unreachable";
    const version = role === "application" ? facts.structure.version : null;
    return { name, role, endpoint, version, installed: version, state: stateOf(state), detail: detailOf(facts, name, role).join(", ") };
  });

function stateOf(state: DpState): NodeView["state"] {
  switch (state) {
    case "serving":
      return "serving";
    case "starting":
    case "stopped":
      return "down";
    case "unreachable":
      return "unreachable";
  }
}
function detailOf({ now }: DpFacts, name: string, role: string): readonly string[] {
  const why = now.why[name];
  if (why !== undefined) return [why];
  switch (role) {
    case "application": {
      const { console, instances } = now;
      return [
        ...(console === "accessible" ? [] : [console === "maintenance" ? "users cannot log on: maintenance" : `logon page ${console}`]),
        ...(instances === null ? [] : [`${String(instances.running.length)} running`, `${String(instances.pending)} pending`]),
      ];
    }
    case "realtime": {
      const jobs = now.realtime ?? [];
      return [`${String(jobs.filter(({ state }) => state === "RUNNING").length)} of ${String(jobs.length)} jobs run`];
    }
    default:
      return [];
  }
}
