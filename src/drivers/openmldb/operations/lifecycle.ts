// bin/start.sh stop and start say success whatever happened (facts 3.2): the process and its registration are what counts.
import type { Look } from "../../../model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster, OmNode, ProcessFacts } from "../cluster.ts";
import type { OmFacts, StartMode } from "../facts.ts";
import { withNode, withReplicasOf } from "../prediction.ts";
import { readProcess } from "../processes.ts";
import { steps, type MoveAwayParams, type Partition, type ReadyParams, type StartParams, type StopParams } from "../steps.ts";
import { keyOf, leaderIn, observe } from "./moving/observation.ts";

/** start.sh waits up to 14 seconds for a component, and 12 for one that it cannot ask. */
const scriptTimeoutMs = 60_000;
/** What a component began before the stop still shows, milliseconds. */
const settleMs = 3_000;

const modeOf = ({ process }: ProcessFacts): StartMode | null => (process === "down" ? null : process === "background" ? "background" : "daemon");

/** Whether the cluster still counts it among those that serve; null: this role registers nothing. */
async function registered(cluster: OmCluster, node: OmNode): Promise<boolean | null> {
  if (node.role !== "tablet") return null;
  const rows = await cluster.rpc.nameserver.showTablet();
  return rows.some(({ endpoint, state }) => endpoint === node.endpoint && state === "kHealthy");
}

/** The last lines that the component wrote: they go with the message of a start that failed. */
async function lastLog(node: OmNode): Promise<string> {
  const tail = await node.host.query(["tail", "-n", "3", `${node.directory}/logs/${node.component}.log`]);
  return tail.code === 0 ? tail.stdout.trim().split("\n").join(" | ") : "";
}

async function script(node: OmNode, fence: Fence, ...args: readonly string[]): Promise<void> {
  const result = await node.host.run(fence, ["bash", "bin/start.sh", ...args], { directory: node.directory, timeoutMs: scriptTimeoutMs });
  if (result.code !== 0)
    throw new Refused(`bin/start.sh ${args.join(" ")} on ${node.name}: ${(result.stderr || result.stdout).trim()}`, {
      code: "SW3004",
      object: node.name,
    });
}

type WasRunning = { readonly mode: StartMode | null };

export const stopOperation = (cluster: OmCluster) =>
  operation<OmFacts, StopParams, WasRunning>("stop", {
    fenced: "host",
    settleMs,
    prepare: async ({ node }) => ({ mode: cluster.node(node).start ?? modeOf(await readProcess(cluster.node(node))) }),
    async look({ node, moving, unavailable }): Promise<Look> {
      const server = cluster.node(node);
      const facts = await readProcess(server);
      if (facts.process === "down") {
        const still = await registered(cluster, server);
        if (still === true) return { is: "waiting", for: `the registration of ${server.endpoint} to vanish` };
        return { is: "done", proof: { process: "gone", registration: still === null ? "none" : "gone" } };
      }
      const first = moving === null ? null : await toMoveFirst(cluster, server, moving, unavailable);
      return first ?? { is: "open" };
    },
    async act({ node }, _, context) {
      const server = cluster.node(node);
      const service = cluster.service(node);
      const facts = await readProcess(server);
      await context.send(server.host.name, async (fence) => {
        if (service !== null) return service.stop(fence);
        // A mon that crashed has left its pid behind, which may be anybody's by now: start.sh would end that one.
        const astray = facts.process === "daemon-lost-mon" || facts.stale.length > 0 || (await withoutPidFile(server));
        if (!astray || facts.pid === null) return script(server, fence, "stop", server.component);
        const killed = await server.host.run(fence, ["kill", "-TERM", String(facts.pid)], { timeoutMs: 10_000 });
        if (killed.code !== 0) throw new Refused(`kill ${String(facts.pid)} of ${node}: ${killed.stderr.trim()}`, { code: "SW3004", object: node });
        for (const path of pidFiles(server)) await server.host.removeFile(fence, path);
      });
      return null;
    },
    undo: ({ node, moving, unavailable, together }, { mode }) => [
      steps.start("start", { node, mode, unavailable, ...(together ? { together } : {}) }),
      steps.ready("ready", { node, version: null }),
      ...(moving === null
        ? []
        : [steps.recoverReplicas("recover", { endpoint: moving.endpoint, partitions: null, concurrency: moving.concurrency }, 64)]),
    ],
    predict(facts, { node, unavailable, together }) {
      if (together) return facts;
      const endpoint = facts.structure.nodes[node]?.endpoint ?? "";
      const down = withNode(facts, node, { process: "down", pid: null, monPid: null, running: null, state: "offline" });
      return facts.structure.nodes[node]?.role === "tablet" ? withReplicasOf(down, endpoint, false, unavailable) : down;
    },
  });

const pidFiles = ({ directory, component }: OmNode): readonly string[] => [
  `${directory}/bin/${component}.pid`,
  `${directory}/bin/${component}.pid.child`,
];
async function withoutPidFile(node: OmNode): Promise<boolean> {
  const found = await Promise.all(pidFiles(node).map((path) => node.host.readText(path)));
  return found.every((text) => text === null);
}

/** A table that was created since, or that somebody moved back. */
async function toMoveFirst(
  cluster: OmCluster,
  { name, endpoint }: OmNode,
  moving: NonNullable<StopParams["moving"]>,
  unavailable: readonly Partition[],
): Promise<Look | null> {
  const accepted = new Set(unavailable.map(keyOf));
  const seen = await observe(cluster.rpc, cluster.now());
  const led = [...seen.partitions].filter(([key, view]) => leaderIn(view)?.endpoint === endpoint && !accepted.has(key));
  if (led.length === 0) return null;
  const params: MoveAwayParams = {
    node: name,
    endpoint,
    avoid: moving.avoid,
    fence: moving.fence,
    concurrency: moving.concurrency,
    which: led.map(([, { partition }]) => partition),
    returns: false,
  };
  return { is: "expand", into: [steps.moveAway("move what it leads again", params, led.length)] };
}

export const startOperation = (cluster: OmCluster) =>
  operation<OmFacts, StartParams, null, { readonly started: number }>("start", {
    fenced: "host",
    settleMs,
    async look({ node }, { receipt }): Promise<Look> {
      const server = cluster.node(node);
      const facts = await readProcess(server);
      if (facts.process !== "down") {
        if (server.role === "tablet" && (await registered(cluster, server)) !== true) return { is: "waiting", for: `${server.endpoint} to register` };
        return { is: "done", proof: { process: facts.process, pid: facts.pid } };
      }
      const first = await beforeStart(cluster, server);
      if (first !== null) return { is: "waiting", for: first };
      if (receipt === null) return { is: "open" };
      return { is: "open", why: `${node} ended after its start: ${await lastLog(server)}` };
    },
    async act({ node, mode }, { receipt }, context) {
      const server = cluster.node(node);
      const service = cluster.service(node);
      const { stale } = await readProcess(server);
      const daemon = (server.start ?? mode) === "daemon";
      await context.send(server.host.name, async (fence) => {
        if (service !== null) return service.start(fence);
        // start.sh takes the pid in such a file for the component, says "already running" and starts nothing.
        for (const path of stale) await server.host.removeFile(fence, path);
        return script(server, fence, "start", server.component, ...(daemon ? ["mon"] : []));
      });
      const started = (receipt?.started ?? 0) + 1;
      if (started >= 3 && (await readProcess(server)).process === "down")
        throw new StillwaterError("SW2106", `${node} was started ${String(started)} times and ended each time: ${await lastLog(server)}`, {
          object: node,
        });
      return { started };
    },
    undo: ({ node, unavailable = [], together }) => [steps.stop("stop", { node, moving: null, unavailable, ...(together ? { together } : {}) })],
  });

/** What must hold before a component may be started; null: nothing is missing. */
async function beforeStart(cluster: OmCluster, node: OmNode): Promise<string | null> {
  // Its old registration outlives it by the session time-out: a start before that ends with -110 (upstream #2439).
  if (node.role === "tablet" && (await registered(cluster, node)) === true)
    return `the registration of ${node.endpoint} to vanish before its next start`;
  if (node.role !== "nameserver") return null;
  try {
    // A nameserver that has never seen a tablet does not recover it, and ends when too few are there (facts 0.10).
    const offline = (await cluster.rpc.nameserver.showTablet()).filter(({ state }) => state === "kOffline").map(({ endpoint }) => endpoint);
    return offline.length === 0 ? null : `tablet ${offline.join(", ")} to be back: a nameserver is never started while a tablet is down`;
  } catch (error) {
    // Nobody else can be asked: waiting for a leader would leave the cluster without any.
    if (error instanceof Unreachable && (await noOtherRuns(cluster, node))) return null;
    throw error;
  }
}

async function noOtherRuns(cluster: OmCluster, node: OmNode): Promise<boolean> {
  const others = cluster.nodes.filter(({ role, name }) => role === "nameserver" && name !== node.name);
  return (await Promise.all(others.map((other) => readProcess(other)))).every(({ process }) => process === "down");
}

export const readyOperation = (cluster: OmCluster) =>
  operation<OmFacts, ReadyParams>("ready", {
    async look({ node, version }): Promise<Look> {
      const server = cluster.node(node);
      const facts = await readProcess(server);
      if (facts.process === "down") return { is: "waiting", for: `${node} to run; it ended: ${await lastLog(server)}` };
      if ((await registered(cluster, server)) === false) return { is: "waiting", for: `${server.endpoint} to register` };
      // A standby taskmanager opens no port before it leads (facts 2.9): its process and its release are all that can be seen.
      const silent = server.role === "taskmanager" && (await standsBy(cluster, server));
      const running = silent ? null : await cluster.rpc.version(server.address);
      if (running === null && !silent) return { is: "waiting", for: `${server.address} to answer` };
      if (running !== null && version !== null && running !== version)
        return { is: "waiting", for: `${node} to answer as ${version}; it answers as ${running}` };
      return { is: "done", proof: { version: running, process: facts.process } };
    },
    predict(facts, { node, version }) {
      const { role } = facts.structure.nodes[node] ?? { role: "tablet" };
      const state = role === "tablet" ? "healthy" : role === "nameserver" ? (facts.now.nameserver === null ? "leader" : "standby") : "answers";
      const up = withNode(facts, node, { process: "background", running: version ?? facts.structure.nodes[node]?.installed ?? null, state });
      return up;
    },
  });

async function standsBy(cluster: OmCluster, node: OmNode): Promise<boolean> {
  const others = cluster.nodes.filter(({ role, name }) => role === "taskmanager" && name !== node.name);
  const answers = await Promise.all(others.map(({ address }) => cluster.rpc.version(address)));
  return answers.some((version) => version !== null);
}
