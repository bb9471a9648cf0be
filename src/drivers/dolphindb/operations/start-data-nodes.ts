// startDataNode: asked of the leading controller, which asks the agent on the node's host. Nothing of an accepted start shows for a while, and a node that cannot
// start (a plugin of another version, a licence that has expired) ends again: its log then goes with the alert.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { writtenSoFar } from "../observe-cluster.ts";
import { withServing } from "../prediction.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";
import { leaderView, type LeaderView } from "./leader-view.ts";
import { metadataBack } from "./metadata-back.ts";
import { countMarkers, dataNodeReadiness, type BeforeStart, type Readiness } from "./readiness.ts";
import { logsOf, type StartLimit } from "./start-limit.ts";
import { aliases } from "./stop-data-nodes.ts";

/** From an accepted start until the agent has started the process. */
const unseenMs = 10_000;
/** Heartbeats are missed after 8 s (dfsChunkNodeHeartBeatTimeout); up to 2.00.7 a node could count as alive for ever after its graceful stop (facts 1.3). */
const missedMs = 60_000;

type Before = {
  readonly nodes: { readonly [node: string]: BeforeStart };
  /** Chunks and versions before anybody could write again; null: putting copies back loses nothing that the other hosts have. */
  readonly written: string | null;
};
type Judged = { readonly node: DdNode; readonly readiness: Readiness };

export const startDataNodesOperation = (cluster: DdCluster, limit: StartLimit) => {
  const judge = async (names: readonly string[], view: LeaderView, before: Before["nodes"]): Promise<readonly Judged[]> => {
    const judged: Judged[] = [];
    for (const name of names) {
      const node = cluster.node(name);
      judged.push({ node, readiness: await dataNodeReadiness(cluster, node, view, before[name] ?? null) });
    }
    return judged;
  };
  /** Since when nodes that are down are counted as alive, in this process; null: none is. */
  let goneSince: number | null = null;
  return operation<DdFacts, StepParams["startDataNodes"], Before, { readonly starts: number }>("startDataNodes", {
    fenced: "host",
    settleMs: effectTimeoutMs + unseenMs,
    async prepare({ nodes: names, metadata, together }) {
      const nodes: Record<string, BeforeStart> = {};
      for (const name of names) {
        const node = cluster.node(name);
        nodes[name] = { boot: (await readProcess(node))?.boot ?? null, markers: await countMarkers(node) };
      }
      return { nodes, written: metadata !== undefined && together ? await writtenSoFar(cluster, await cluster.rpc.leader(), "all") : null };
    },
    async look({ nodes }, { before, receipt }, { now }): Promise<Look> {
      const view = await leaderView(cluster);
      const judged = await judge(nodes, view, before.nodes);
      const starting = judged.flatMap(({ readiness }) => (readiness.is === "starting" ? [readiness.what] : []));
      if (starting.length > 0) return { is: "waiting", for: starting.join("; ") };
      const down = judged.flatMap(({ node, readiness }) => (readiness.is === "down" ? [node] : []));
      if (down.length > 0) {
        const agent = await absentAgent(cluster, down, view);
        if (agent !== null) return { is: "waiting", for: agent };
        const counted = down.filter(({ name }) => view.alive.get(name) === true).map(({ name }) => name);
        goneSince = counted.length === 0 ? null : (goneSince ?? now);
        if (goneSince !== null && now - goneSince < missedMs)
          return { is: "waiting", for: `the leading controller to see that ${counted.join(", ")} ended: it starts nothing that it believes alive` };
        return receipt === null ? { is: "open" } : { is: "open", why: `ended after being started: ${await logsOf(down)}` };
      }
      return {
        is: "done",
        proof: {
          initialised: judged.map(({ node, readiness }) => ({
            node: node.name,
            boot: readiness.is === "ready" ? readiness.boot : null,
            marker: readiness.is === "ready" ? readiness.marker : null,
          })),
        },
      };
    },
    async act({ nodes }, { receipt }, context) {
      const { leader } = await leaderView(cluster);
      const down: DdNode[] = [];
      for (const name of nodes) if ((await readProcess(cluster.node(name))) === null) down.push(cluster.node(name));
      const { host } = cluster.node(leader);
      await limit.count(down);
      if (down.length > 0) await context.send(host.name, (fence) => cluster.rpc.effect(leader, `startDataNode(${aliases(down)})`, { host, fence }));
      return { starts: (receipt?.starts ?? 0) + 1 };
    },
    // What clients wrote since is not in the copies: with only some nodes down the other hosts must have it.
    undo: ({ nodes, metadata, together }, { written }) => [
      steps.stopDataNodes("stop", { nodes, ...(together ? { together } : metadata === undefined ? {} : { whole: true }) }),
      ...(written === null ? [] : [steps.nothingWritten("nothing written", { since: written, of: "all" })]),
      ...metadataBack(metadata),
    ],
    predict: (facts, { nodes }) => withServing(facts, nodes),
  });
};

/** "agent does not exist" is what the controller says of a start before the agent is known to it. Null: every agent is there. */
async function absentAgent(cluster: DdCluster, nodes: readonly DdNode[], { alive }: LeaderView): Promise<string | null> {
  const hosts = new Set(nodes.map(({ hostName }) => hostName));
  for (const agent of cluster.nodes.filter(({ role, hostName }) => role === "agent" && hosts.has(hostName)))
    if (alive.get(agent.name) !== true)
      return (await readProcess(agent)) === null
        ? `agent ${agent.name} to run: without it nothing on ${agent.hostName} can be started`
        : `the leading controller to know agent ${agent.name}`;
  return null;
}
