// What can be made to go wrong in a lab of processes.
import { numberIn, parseFaultWords, type FaultShape, type FaultShapes } from "../../kit/fault-words.ts";
import { NETWORK_PAGE, type NetworkFault } from "../../kit/lab-network.ts";
import { isAlive, type LabProcess } from "../../kit/process-table.ts";
import { faultNames, type FaultName } from "../logic/faults.ts";
import { LabClient } from "./ask.ts";
import { hostsOf, nodeOf, readLabFile, type LabFile, type LabNode } from "./lab-file.ts";
import { processOfNode } from "./server-process.ts";

export type LabFault =
  /** SIGKILL. */
  | { readonly kind: "kill"; readonly node: string }
  /** SIGTERM: it stops gracefully. */
  | { readonly kind: "terminate"; readonly node: string }
  /** SIGSTOP and SIGCONT: the process is there and does nothing. */
  | { readonly kind: "freeze" | "thaw"; readonly node: string }
  /** Nothing goes between the node and that peer; `*`: nobody at all, clients included. */
  | { readonly kind: "cut"; readonly node: string; readonly from: string }
  /** Every node of one host and every one of the other. */
  | { readonly kind: "cut-hosts"; readonly one: string; readonly other: string }
  /** Requests with that text in what they ask are served, and the answer is lost. */
  | { readonly kind: "lose-reply"; readonly node: string; readonly words: string; readonly count: number }
  | { readonly kind: "delay"; readonly node: string; readonly ms: number }
  /** A defect of the server itself, until its process ends. */
  | { readonly kind: "defect"; readonly node: string; readonly defect: FaultName }
  /** Takes back what was done to the network, and defects. */
  | { readonly kind: "clear" };

const onNode = (kind: "kill" | "terminate" | "freeze" | "thaw"): FaultShape<LabFault> => ({
  usage: `${kind} NODE`,
  parse: ([node]) => (node === undefined ? null : { kind, node }),
});
const shapes: FaultShapes<LabFault> = {
  kill: onNode("kill"),
  terminate: onNode("terminate"),
  freeze: onNode("freeze"),
  thaw: onNode("thaw"),
  cut: { usage: "cut NODE [NODE]", parse: ([node, from = "*"]) => (node === undefined ? null : { kind: "cut", node, from }) },
  "cut-hosts": {
    usage: "cut-hosts HOST HOST",
    parse: ([one, other]) => (one === undefined || other === undefined ? null : { kind: "cut-hosts", one, other }),
  },
  "lose-reply": {
    usage: "lose-reply NODE FUNCTION [count=N]",
    parse: ([node, words], named) =>
      node === undefined || words === undefined ? null : { kind: "lose-reply", node, words, count: numberIn(named, "count") ?? 1 },
  },
  delay: {
    usage: "delay NODE ms=N",
    parse: ([node], named) => {
      const ms = numberIn(named, "ms");
      return node === undefined || ms === null ? null : { kind: "delay", node, ms };
    },
  },
  defect: {
    usage: `defect NODE ${faultNames.join("|")}`,
    parse: ([node, name]) => {
      const defect = faultNames.find((each) => each === name);
      return node === undefined || defect === undefined ? null : { kind: "defect", node, defect };
    },
  },
  clear: { usage: "clear", parse: () => ({ kind: "clear" }) },
};
/** Words as typed after `lab fault`. Error with the usage when they are not understood. */
export const parseFault = (words: readonly string[]): LabFault => parseFaultWords(shapes, words);

/** Does it, and says in one line what was done. Error when it could not be. */
export async function inject(directory: string, fault: LabFault): Promise<string> {
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  try {
    return await done(lab, client, fault);
  } finally {
    client.close();
  }
}

async function done(lab: LabFile, client: LabClient, fault: LabFault): Promise<string> {
  switch (fault.kind) {
    case "kill":
      return `lab: ${fault.node}, pid ${String(signal(lab, fault.node, "SIGKILL").pid)}, was killed (SIGKILL)`;
    case "terminate":
      return `lab: ${fault.node}, pid ${String(signal(lab, fault.node, "SIGTERM").pid)}, was told to stop (SIGTERM)`;
    case "freeze":
      return `lab: ${fault.node}, pid ${String(signal(lab, fault.node, "SIGSTOP").pid)}, does nothing any more`;
    case "thaw":
      return `lab: ${fault.node}, pid ${String(signal(lab, fault.node, "SIGCONT").pid)}, goes on`;
    case "cut": {
      const peer = fault.from === "*" ? "*" : nodeOf(lab, fault.from).endpoint;
      await network(client, nodeOf(lab, fault.node), { kind: "cut", peer });
      return `lab: nothing goes between ${fault.node} and ${fault.from === "*" ? "anybody" : fault.from}`;
    }
    case "cut-hosts": {
      const [one, other] = [nodesOn(lab, fault.one), nodesOn(lab, fault.other)];
      // A cut is felt by the process that has it, in both directions.
      for (const node of one.filter((each) => processOfNode(each) !== null))
        for (const { endpoint } of other) await network(client, node, { kind: "cut", peer: endpoint });
      return `lab: nothing goes between ${fault.one} and ${fault.other}`;
    }
    case "lose-reply":
      await network(client, nodeOf(lab, fault.node), { kind: "lose-reply", path: fault.words, count: fault.count });
      return `lab: the next ${String(fault.count)} answers of ${fault.node} to ${fault.words} are lost`;
    case "delay":
      await network(client, nodeOf(lab, fault.node), { kind: "delay", ms: fault.ms });
      return `lab: ${fault.node} serves every request ${String(fault.ms)} ms late`;
    case "defect":
      await page(client, nodeOf(lab, fault.node), "/lab/fault", { set: fault.defect });
      return `lab: ${fault.node} has the defect ${fault.defect}`;
    case "clear":
      for (const node of lab.nodes) {
        // Who is down has nothing to take back.
        if ((await client.page(node.endpoint, NETWORK_PAGE, null)) === null) continue;
        for (const defect of faultNames) await page(client, node, "/lab/fault", { clear: defect });
      }
      return "lab: network and servers are as they should be";
  }
}

/** Error for a host that the lab does not have. */
function nodesOn(lab: LabFile, host: string): readonly LabNode[] {
  const found = lab.nodes.filter((node) => node.host === host);
  if (found.length === 0) throw new Error(`the lab has no host ${host}; it has ${hostsOf(lab).join(", ")}`);
  return found;
}

function signal(lab: LabFile, name: string, which: NodeJS.Signals): LabProcess {
  const found = processOfNode(nodeOf(lab, name));
  if (found === null || !isAlive(found)) throw new Error(`${name} has no process`);
  process.kill(found.pid, which);
  return found;
}

async function page(client: LabClient, { name, endpoint }: LabNode, path: string, body: unknown): Promise<void> {
  if ((await client.page(endpoint, path, body)) === null) throw new Error(`${name} does not answer at ${endpoint}`);
}
const network = (client: LabClient, node: LabNode, fault: NetworkFault): Promise<void> => page(client, node, NETWORK_PAGE, fault);
