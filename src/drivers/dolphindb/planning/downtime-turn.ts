// The regular upgrade (facts 1.2): every node goes down, data nodes first, then agents, then controllers; all installations are exchanged; then the other way
// round. Nodes of one role go together on all hosts. Pure.
import type { Item, Turn } from "../../../model/step.ts";
import { holding } from "../../../planner/kit.ts";
import { nodesOn } from "../facts.ts";
import { steps } from "../steps.ts";
import { exchange, proofOfNothingWritten, readBack, whatHappens } from "./exchange.ts";
import type { Frame } from "./frame.ts";
import { metadataOnAbort } from "./metadata-on-abort.ts";
import { ofRole } from "./order.ts";

export function downtimeTurn(frame: Frame, hosts: readonly string[]): Turn {
  const { facts, goal, options } = frame;
  const nodes = hosts.flatMap((host) => nodesOn(facts, host));
  const data = ofRole(facts, nodes, "datanode", "computenode");
  const agents = ofRole(facts, nodes, "agent");
  const controllers = ofRole(facts, nodes, "controller");
  const together = true;
  const items: readonly Item[] = [
    steps.drain("drain", { nodes: data, jobs: options.jobs }),
    steps.stopDataNodes("stop data nodes", { nodes: data, together }),
    ...proofOfNothingWritten(frame),
    steps.stopNodes("stop agents", { nodes: agents, after: data, together }),
    steps.stopNodes("stop controllers", { nodes: controllers, after: data, together }),
    ...hosts.flatMap((host) => exchange(frame, host, nodesOn(facts, host))),
    steps.startNodes("start controllers", { nodes: controllers, ...metadataOnAbort(frame, controllers, "restore"), together }),
    steps.ready("controllers ready", { nodes: controllers, version: goal.version }),
    steps.startNodes("start agents", { nodes: agents, together }),
    steps.startDataNodes("start data nodes", { nodes: data, ...metadataOnAbort(frame, data, "restore"), together }),
    steps.ready(
      "ready",
      { nodes, version: goal.version },
      { commits: { of: "turn", why: "the whole cluster serves again: an abort waits for its chunks first" } },
    ),
    ...readBack(frame, nodes),
  ];
  // Around everything, host after host: what was taken last is put back first.
  const held = hosts.reduceRight<readonly Item[]>((inner, host) => {
    const managed = ofRole(facts, nodesOn(facts, host), "agent", "controller");
    return managed.length === 0 ? inner : holding(steps.holdUnits(`units ${host}`, { host, nodes: managed }), "finish-then-release", ...inner);
  }, items);
  return {
    id: "cluster",
    nodes,
    role: "whole cluster",
    title: `every node stopped; ${whatHappens(frame, nodes)}; nothing is served meanwhile`,
    items: [...holding(steps.suspendRecovery("recovery", { nodes: data }), "finish-then-release", ...held), steps.chunksStable("chunks")],
  };
}
