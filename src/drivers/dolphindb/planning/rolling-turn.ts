// The grayscale upgrade: one host, all its nodes, in the order of facts 5.5. Pure.
import type { Item, Turn } from "../../../model/step.ts";
import { holding } from "../../../planner/kit.ts";
import { steps } from "../steps.ts";
import { exchange, readBack, whatHappens } from "./exchange.ts";
import type { Frame } from "./frame.ts";
import { metadataOnAbort } from "./metadata-on-abort.ts";
import { ofRole } from "./order.ts";

/** `nodes`: of that host, all of them or those that need it. */
export function rollingTurn(frame: Frame, host: string, nodes: readonly string[]): Turn {
  const { facts, goal, options } = frame;
  const data = ofRole(facts, nodes, "datanode", "computenode");
  const agents = ofRole(facts, nodes, "agent");
  const controllers = ofRole(facts, nodes, "controller");
  const leads = controllers.some((name) => name === facts.now.leader);
  const some = (names: readonly string[], ...items: readonly Item[]): readonly Item[] => (names.length === 0 ? [] : items);
  const down: readonly Item[] = [
    ...some(
      data,
      steps.drain(`drain ${host}`, { nodes: data, jobs: options.jobs }),
      steps.stopDataNodes(`stop data nodes ${host}`, { nodes: data, whole: true }),
    ),
    ...some(agents, steps.stopNodes(`stop agent ${host}`, { nodes: agents, after: data })),
    ...some(controllers, steps.stopNodes(`stop controller ${host}`, { nodes: controllers, after: data })),
  ];
  const up: readonly Item[] = [
    ...some(
      controllers,
      steps.startNodes(`start controller ${host}`, { nodes: controllers, ...metadataOnAbort(frame, controllers, "resync") }),
      // The other two carry on: nothing else of this host starts before its controller is one of them again.
      steps.ready(`controller ready ${host}`, { nodes: controllers, version: goal.version }),
    ),
    ...some(agents, steps.startNodes(`start agent ${host}`, { nodes: agents })),
    ...some(data, steps.startDataNodes(`start data nodes ${host}`, { nodes: data, ...metadataOnAbort(frame, data, "restore") })),
    steps.ready(
      `ready ${host}`,
      { nodes, version: goal.version },
      { commits: { of: "turn", why: `${host} serves again: an abort waits for its chunks first` } },
    ),
    ...readBack(frame, nodes),
  ];
  const units = steps.holdUnits(`units ${host}`, { host, nodes: [...agents, ...controllers] });
  const around = some([...agents, ...controllers], ...holding(units, "finish-then-release", ...down, ...exchange(frame, host, nodes), ...up));
  return {
    id: host,
    nodes,
    role: leads ? "host, leads" : "host",
    title: `${host}: ${whatHappens(frame, nodes)}; ${nodes.join(", ")}${leads ? "; another controller takes over" : ""}`,
    items: [
      ...holding(
        steps.suspendRecovery(`recovery ${host}`, { nodes: data }),
        "finish-then-release",
        ...(around.length > 0 ? around : [...down, ...exchange(frame, host, nodes), ...up]),
      ),
      steps.chunksStable(`chunks ${host}`),
    ],
  };
}
