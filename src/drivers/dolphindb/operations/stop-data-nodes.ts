// stopDataNode: asked of the leading controller, and since 3.00.2 answered before anything has happened (facts 1.3). The node first stops its heartbeats, waits
// for running transactions, writes out its caches, and then ends: only an ended process is stopped.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { replicasInRecovery } from "../observe-cluster.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { withDown } from "../prediction.ts";
import { logOf, readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { stablePolls, steps } from "../steps.ts";
import { integerOf } from "../wire/read-value.ts";
import * as scripts from "../wire/scripts.ts";
import { quoted } from "../wire/scripts.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";
import { askedOf, type ChunkQuestions } from "./chunks-stable.ts";
import { leaderView } from "./leader-view.ts";

/** A stop that was accepted shows only once the heartbeat is missed (dfsChunkNodeHeartBeatTimeout, 8 s). */
const unseenMs = 10_000;
const settleMs = effectTimeoutMs + unseenMs;
/** Milliseconds: millions of chunks are gone through. */
const aggregateTimeoutMs = 60_000;

export const aliases = (nodes: readonly DdNode[]): string => `[${nodes.map(({ alias }) => quoted(alias)).join(", ")}]`;

export interface WholeQuestions extends Pick<ChunkQuestions, "ask"> {
  /** Chunks with replicas on `others` that are behind: by the controller's word, and by these data nodes' own. */
  behind(own: readonly string[], others: readonly string[]): Promise<number>;
}

/**
 * Between the gate and this stop another host's node may have died and come back: its replicas are behind, recovery is suspended, and the only good ones may
 * be here. Then they are healed first. Replicas of this host that are behind do not matter: the others have good ones, and with recovery on while a node of
 * this host was away its chunks would be copied once too often.
 */
async function openOnceWhole(cluster: OpenedCluster, nodes: readonly string[], questions: WholeQuestions): Promise<Look> {
  const word = await questions.ask();
  if (word === null) return { is: "waiting", for: "a controller to lead: nobody can be asked about chunks" };
  const hosts = new Set(nodes.map((name) => cluster.node(name).hostName));
  const others = cluster.nodes.filter(({ role, hostName }) => role === "datanode" && !hosts.has(hostName)).map(({ name }) => name);
  const hereAlone = [...hosts].reduce((sum, host) => sum + (word.chunks.onOneHost[host] ?? 0), 0);
  const away = word.absent.filter((name) => others.includes(name)).length;
  const own = cluster.nodes.filter(({ role, hostName }) => role === "datanode" && hosts.has(hostName)).map(({ name }) => name);
  if (hereAlone + away === 0 && (await questions.behind(own, others)) === 0) return { is: "open" };
  return {
    is: "expand",
    into: [
      steps.resumeRecovery("resume recovery", []),
      steps.chunksStable("chunks", { ...stablePolls, resumes: true }),
      steps.suspendRecovery("suspend recovery", { nodes: [], again: true }),
    ],
  };
}

const wholeQuestions = (cluster: OpenedCluster): WholeQuestions => ({
  ask: () => askedOf(cluster).ask(),
  async behind(own, others) {
    const aliasesOf = (names: readonly string[]): readonly string[] => names.map((name) => cluster.node(name).alias);
    const leader = await cluster.rpc.leader();
    const factor = Number((await cluster.rpc.call(leader, "getConfig", ["dfsReplicationFactor"])) ?? 2);
    const count = async (what: string, script: string): Promise<number> =>
      integerOf(leader, what, await cluster.rpc.script(leader, script, aggregateTimeoutMs));
    if (own.length === 0 || others.length === 0) return 0;
    // More replicas than the factor are left behind by a recovery that came too late. Tasks are not counted: those of a node of this host that is down copy
    // its chunks to others, and to let them go on is to have these chunks once too often.
    const chunks = await count("chunks behind on other hosts", scripts.behindElsewhere(aliasesOf(own), factor + 2));
    return chunks + ((await replicasInRecovery(cluster, others)) ?? 0);
  },
});

export const stopDataNodesOperation = (cluster: OpenedCluster, questions: WholeQuestions = wholeQuestions(cluster)) => {
  const running = async (names: readonly string[]): Promise<readonly DdNode[]> => {
    const found: DdNode[] = [];
    for (const name of names) if ((await readProcess(cluster.node(name))) !== null) found.push(cluster.node(name));
    return found;
  };
  return operation<DdFacts, StepParams["stopDataNodes"], null, { readonly at: number; readonly asked: readonly string[] }>("stopDataNodes", {
    fenced: "host",
    settleMs,
    async look({ nodes, whole }, { receipt }, { now }): Promise<Look> {
      const left = await running(nodes);
      // That the leader misses its heartbeats comes seconds later, and matters only for its next start.
      if (left.length === 0) return { is: "done", proof: { ended: nodes } };
      const { alive } = await leaderView(cluster);
      const ending = left.filter(({ name }) => alive.get(name) !== true);
      // Right after the request they are still counted as alive, and on their way down: nothing is healed meanwhile.
      const asked = receipt !== null && now - receipt.at < settleMs;
      if (ending.length === 0) return whole === true && !asked ? await openOnceWhole(cluster, nodes, questions) : { is: "open" };
      const names = ending.map(({ name }) => name).join(", ");
      if (receipt !== null) return { is: "waiting", for: `${names} to end: transactions, caches and redo logs first` };
      // Only a person can tell a long redo replay from a node that hangs.
      const logs = ending.map((node) => `${logOf(node)} on ${node.hostName}`).join(", ");
      return {
        is: "waiting",
        for: `${names}, which the leading controller does not count as alive, to end or to be up: it may be starting or stopping, see ${logs}; Stillwater sends no kill -9`,
      };
    },
    async act({ nodes }, _, context) {
      const { leader, alive } = await leaderView(cluster);
      const due = (await running(nodes)).filter(({ name }) => alive.get(name) === true);
      const { host } = cluster.node(leader);
      if (due.length > 0) await context.send(host.name, (fence) => cluster.rpc.effect(leader, `stopDataNode(${aliases(due)})`, { host, fence }));
      return { at: context.now, asked: due.map(({ name }) => name) };
    },
    undo: ({ nodes, together, again }) =>
      again === true
        ? []
        : [steps.startDataNodes("start", { nodes, ...(together ? { together } : {}) }), steps.ready("ready", { nodes, version: null })],
    predict: (facts, { nodes, together }) => (together ? facts : withDown(facts, nodes)),
  });
};
