// The turn of a nameserver, an apiserver or a taskmanager: none of them holds rows. Pure.
import type { Item, Turn } from "../../../model/step.ts";
import { steps } from "../steps.ts";
import { exchange, readBack, whatHappens } from "./exchange.ts";
import type { Frame } from "./plan.ts";
import { foundMode } from "./scope.ts";

export function otherTurn(frame: Frame, node: string): Turn {
  const { facts, goal, options } = frame;
  const structure = facts.structure.nodes[node];
  const role = structure?.role ?? "apiserver";
  const leads = role === "nameserver" && structure?.endpoint === facts.now.nameserver;
  const before: readonly Item[] = role === "taskmanager" ? [steps.jobs(`jobs ${node}`, { node, jobs: options.jobs })] : [];
  const after: readonly Item[] =
    role === "nameserver" ? [steps.nameserverLeads(`leader after ${node}`, { sessionTimeoutMs: facts.now.settings.sessionTimeoutMs })] : [];
  return {
    id: node,
    nodes: [node],
    role: leads ? "nameserver, leads" : role,
    title: leads ? `${whatHappens(frame, node)}: another nameserver takes over, confirmed twice` : whatHappens(frame, node),
    items: [
      ...before,
      steps.stop(`stop ${node}`, { node, moving: null, unavailable: [] }),
      ...exchange(frame, node),
      steps.start(`start ${node}`, { node, mode: foundMode(facts, node) }),
      steps.ready(
        `ready ${node}`,
        { node, version: goal.version },
        { commits: { of: "turn", why: `${node} serves: nothing of this turn is left to undo` } },
      ),
      ...readBack(frame, node),
      ...after,
    ],
  };
}
