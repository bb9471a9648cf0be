// What can be made to go wrong in a lab of processes.
import { numberIn, parseFaultWords, usagesOf, type FaultShape, type FaultShapes } from "../../kit/fault-words.ts";
import { WireZooKeeperPort } from "./zookeeper-port.ts";
import { LabClient } from "./ask.ts";
import { readLabFile, type LabFile, type LabNode } from "./lab-file.ts";
import { NETWORK_PAGE, type NetworkFault } from "../../kit/lab-network.ts";
import { isAlive, processesBelow, type LabProcess } from "../../kit/process-table.ts";
import { REPLICATION_PAGE } from "../logic/tablet/tablet.ts";

export type LabFault =
  /** SIGKILL to the component; `mon`: to its keeper, which leaves the component alone (OM-7). */
  | { readonly kind: "kill"; readonly node: string; readonly what: "component" | "mon" }
  /** SIGSTOP and SIGCONT: the process is there and does nothing. */
  | { readonly kind: "freeze" | "thaw"; readonly node: string }
  /** Nothing goes between the node and that peer; `*`: nobody at all. ZooKeeper is still reached. */
  | { readonly kind: "cut"; readonly node: string; readonly from: string }
  /** Requests whose path ends so are served, and the answer is lost. */
  | { readonly kind: "lose-reply"; readonly node: string; readonly path: string; readonly count: number }
  | { readonly kind: "delay"; readonly node: string; readonly ms: number }
  /** From that tablet to one follower, or to all (`*`). */
  | { readonly kind: "slow-replication"; readonly node: string; readonly to: string; readonly delayMs?: number; readonly perSecond?: number }
  /** The node's session with ZooKeeper ends now. */
  | { readonly kind: "expire-session"; readonly node: string }
  /** The next such task of the leading nameserver fails. */
  | { readonly kind: "fail-task"; readonly task: string; readonly op?: string }
  | { readonly kind: "delay-task"; readonly task: string; readonly op?: string; readonly ms: number }
  /** Upstream issue 2849: the call to that follower fails after the others have taken the higher term. */
  | { readonly kind: "fail-follow-of-no-one"; readonly node: string }
  /** Takes back what was done to network, replication and tasks. */
  | { readonly kind: "clear" };

const onNode = (kind: "freeze" | "thaw" | "expire-session" | "fail-follow-of-no-one", usage: string): FaultShape<LabFault> => ({
  usage,
  parse: ([node]) => (node === undefined ? null : { kind, node }),
});
const optionalOp = (named: ReadonlyMap<string, string>): { readonly op?: string } => {
  const op = named.get("op");
  return op === undefined ? {} : { op };
};
const shapes: FaultShapes<LabFault> = {
  kill: {
    usage: "kill NODE [mon]",
    parse: ([node, what = "component"]) => (node === undefined || (what !== "component" && what !== "mon") ? null : { kind: "kill", node, what }),
  },
  freeze: onNode("freeze", "freeze NODE"),
  thaw: onNode("thaw", "thaw NODE"),
  cut: { usage: "cut NODE [NODE]", parse: ([node, from = "*"]) => (node === undefined ? null : { kind: "cut", node, from }) },
  "lose-reply": {
    usage: "lose-reply NODE METHOD [count=N]",
    parse: ([node, path], named) =>
      node === undefined || path === undefined ? null : { kind: "lose-reply", node, path, count: numberIn(named, "count") ?? 1 },
  },
  delay: {
    usage: "delay NODE ms=N",
    parse: ([node], named) => {
      const ms = numberIn(named, "ms");
      return node === undefined || ms === null ? null : { kind: "delay", node, ms };
    },
  },
  "slow-replication": {
    usage: "slow-replication TABLET [TABLET] [ms=N] [per-second=N]",
    parse: ([node, to = "*"], named) => {
      const [delayMs, perSecond] = [numberIn(named, "ms"), numberIn(named, "per-second")];
      if (node === undefined || (delayMs === null && perSecond === null)) return null;
      return {
        kind: "slow-replication",
        node,
        to,
        ...(delayMs === null ? {} : { delayMs }),
        ...(perSecond === null ? {} : { perSecond }),
      };
    },
  },
  "expire-session": onNode("expire-session", "expire-session NODE"),
  "fail-task": {
    usage: "fail-task TASK [op=TYPE]",
    parse: ([task], named) => (task === undefined ? null : { kind: "fail-task", task, ...optionalOp(named) }),
  },
  "delay-task": {
    usage: "delay-task TASK ms=N [op=TYPE]",
    parse: ([task], named) => {
      const ms = numberIn(named, "ms");
      return task === undefined || ms === null ? null : { kind: "delay-task", task, ms, ...optionalOp(named) };
    },
  },
  "fail-follow-of-no-one": onNode("fail-follow-of-no-one", "fail-follow-of-no-one TABLET"),
  clear: { usage: "clear", parse: () => ({ kind: "clear" }) },
};
export const faultUsages: readonly string[] = usagesOf(shapes);
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
    case "kill": {
      const { pid } = signal(lab, fault.node, fault.what, "SIGKILL");
      return `lab: ${fault.what} of ${fault.node}, pid ${String(pid)}, was killed (SIGKILL)`;
    }
    case "freeze":
    case "thaw": {
      const { pid } = signal(lab, fault.node, "component", fault.kind === "freeze" ? "SIGSTOP" : "SIGCONT");
      return `lab: ${fault.node}, pid ${String(pid)}, ${fault.kind === "freeze" ? "does nothing any more" : "goes on"}`;
    }
    case "cut": {
      const peer = fault.from === "*" ? "*" : nodeOf(lab, fault.from).endpoint;
      await network(client, nodeOf(lab, fault.node), { kind: "cut", peer });
      return `lab: nothing goes between ${fault.node} and ${fault.from === "*" ? "anybody" : fault.from}`;
    }
    case "lose-reply":
      await network(client, nodeOf(lab, fault.node), { kind: "lose-reply", path: fault.path, count: fault.count });
      return `lab: the next ${String(fault.count)} answers of ${fault.node} to ${fault.path} are lost`;
    case "delay":
      await network(client, nodeOf(lab, fault.node), { kind: "delay", ms: fault.ms });
      return `lab: ${fault.node} serves every request ${String(fault.ms)} ms late`;
    case "slow-replication": {
      const to = fault.to === "*" ? "*" : nodeOf(lab, fault.to).endpoint;
      const pace = {
        endpoint: to,
        ...(fault.delayMs === undefined ? {} : { delay_ms: fault.delayMs }),
        ...(fault.perSecond === undefined ? {} : { per_second: fault.perSecond }),
      };
      await page(client, nodeOf(lab, fault.node), REPLICATION_PAGE, pace);
      return `lab: ${fault.node} replicates slowly to ${fault.to === "*" ? "all its followers" : fault.to}`;
    }
    case "expire-session": {
      const path = await ephemeralOf(lab, nodeOf(lab, fault.node));
      const answer = path === null ? null : await client.post(lab.zookeeper.control, "/expire", path);
      if (path === null || answer === null) throw new Error(`${fault.node} has nothing registered at ZooKeeper`);
      return `lab: the session of ${fault.node} that owned ${path} is over`;
    }
    case "fail-task":
    case "delay-task":
      await task(client, fault);
      return `lab: the next ${fault.task} ${fault.kind === "fail-task" ? "fails" : `begins ${String(fault.ms)} ms late`}`;
    case "fail-follow-of-no-one":
      await task(client, { kind: fault.kind, endpoint: nodeOf(lab, fault.node).endpoint });
      return `lab: ${fault.node} does not hear of the next change of leader`;
    case "clear":
      await clear(lab, client);
      return "lab: network, replication and tasks are as they should be";
  }
}

/** Error for a name that the lab does not have. */
function nodeOf(lab: LabFile, name: string): LabNode {
  const found = lab.nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`the lab has no node ${name}; it has ${lab.nodes.map((node) => node.name).join(", ")}`);
  return found;
}

/** The component's own process, or the one that keeps it alive; null: there is none. */
export function processOfNode({ role, component, directory }: LabNode, what: "component" | "mon" = "component"): LabProcess | null {
  const mark = role === "taskmanager" ? "--role=taskmanager" : `--flagfile=./conf/${component}.flags`;
  const isKeeper = ({ command }: LabProcess): boolean => / \S*\/?bin\/mon /.test(` ${command} `);
  const found = processesBelow(directory).filter((one) =>
    what === "mon" ? isKeeper(one) && one.command.includes(`/${component}.pid`) : !isKeeper(one) && one.command.includes(mark),
  );
  return found[0] ?? null;
}

function signal(lab: LabFile, name: string, what: "component" | "mon", which: NodeJS.Signals): LabProcess {
  const found = processOfNode(nodeOf(lab, name), what);
  if (found === null || !isAlive(found)) throw new Error(`${name} has no ${what === "mon" ? "mon" : "process"}`);
  process.kill(found.pid, which);
  return found;
}

async function page(client: LabClient, { name, endpoint }: LabNode, path: string, body: unknown): Promise<void> {
  if ((await client.post(endpoint, path, JSON.stringify(body))) === null) throw new Error(`${name} does not answer at ${endpoint}`);
}
const network = (client: LabClient, node: LabNode, fault: NetworkFault | null): Promise<void> => page(client, node, NETWORK_PAGE, fault);
const task = (client: LabClient, fault: object | null): Promise<unknown> => client.ask("LabFault", { fault });

async function clear(lab: LabFile, client: LabClient): Promise<void> {
  for (const node of lab.nodes) {
    // A standby taskmanager has no port, and who is down has nothing to take back.
    if ((await client.post(node.endpoint, NETWORK_PAGE, "null")) === null) continue;
    if (node.role === "tablet") await page(client, node, REPLICATION_PAGE, { clear: true });
  }
  if ((await client.leader()) !== null) await task(client, null);
}

/** The ephemeral node of that component; null: none. */
async function ephemeralOf({ zookeeper: { endpoint, rootPath } }: LabFile, node: LabNode): Promise<string | null> {
  if (node.role === "tablet") return `${rootPath}/nodes/${node.endpoint}`;
  const session = await new WireZooKeeperPort(endpoint).connect(10_000);
  try {
    if (node.role === "taskmanager")
      return (await session.get(`${rootPath}/taskmanager/leader`)) === node.endpoint ? `${rootPath}/taskmanager/leader` : null;
    for (const name of await session.children(`${rootPath}/leader`))
      if ((await session.get(`${rootPath}/leader/${name}`)) === node.endpoint) return `${rootPath}/leader/${name}`;
    return null;
  } finally {
    await session.close();
  }
}
