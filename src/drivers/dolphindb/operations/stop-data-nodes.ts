// stopDataNode: asked of the leading controller, and since 3.00.2 answered before anything has happened (facts 1.3). The node first stops its heartbeats, waits
// for running transactions, writes out its caches, and then ends: only an ended process is stopped.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { withDown } from "../prediction.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { quoted } from "../wire/scripts.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";
import { askedOf, type ChunkQuestions } from "./chunks-stable.ts";
import { leaderView } from "./leader-view.ts";

/** A stop that was accepted shows only once the heartbeat is missed (dfsChunkNodeHeartBeatTimeout, 8 s). */
const unseenMs = 10_000;

export const aliases = (nodes: readonly DdNode[]): string => `[${nodes.map(({ alias }) => quoted(alias)).join(", ")}]`;

/**
 * Between the gate and this stop another host's node may have died and come back: its chunks are behind, recovery is suspended, and the only good replicas
 * may be here. Then they are healed first.
 */
async function openOnceWhole({ ask }: Pick<ChunkQuestions, "ask">): Promise<Look> {
  const word = await ask();
  if (word === null) return { is: "waiting", for: "a controller to lead: nobody can be asked about chunks" };
  const { chunks, replicasInRecovery, absent } = word;
  const sick = chunks.recovering + chunks.underReplicated + chunks.unequal + (replicasInRecovery ?? 0) + absent.length;
  if (sick === 0) return { is: "open" };
  return {
    is: "expand",
    into: [steps.resumeRecovery("resume recovery", []), steps.chunksStable("chunks"), steps.suspendRecovery("suspend recovery", [])],
  };
}

export const stopDataNodesOperation = (cluster: OpenedCluster, questions: Pick<ChunkQuestions, "ask"> = askedOf(cluster)) => {
  const running = async (names: readonly string[]): Promise<readonly DdNode[]> => {
    const found: DdNode[] = [];
    for (const name of names) if ((await readProcess(cluster.node(name))) !== null) found.push(cluster.node(name));
    return found;
  };
  return operation<DdFacts, StepParams["stopDataNodes"], null, { readonly asked: readonly string[] }>("stopDataNodes", {
    fenced: "host",
    settleMs: effectTimeoutMs + unseenMs,
    async look({ nodes, whole }, { receipt }): Promise<Look> {
      const left = await running(nodes);
      // That the leader misses its heartbeats comes seconds later, and matters only for its next start.
      if (left.length === 0) return { is: "done", proof: { ended: nodes } };
      const { alive } = await leaderView(cluster);
      const ending = left.filter(({ name }) => alive.get(name) !== true);
      if (ending.length === 0) return whole === true && receipt === null ? await openOnceWhole(questions) : { is: "open" };
      const names = ending.map(({ name }) => name).join(", ");
      return {
        is: "waiting",
        for:
          receipt === null
            ? `${names}, which the leading controller does not count as alive, to end or to be up: it may be starting or stopping`
            : `${names} to end: transactions, caches and redo logs first`,
      };
    },
    async act({ nodes }, _, context) {
      const { leader, alive } = await leaderView(cluster);
      const due = (await running(nodes)).filter(({ name }) => alive.get(name) === true);
      const { host } = cluster.node(leader);
      if (due.length > 0) await context.send(host.name, (fence) => cluster.rpc.effect(leader, `stopDataNode(${aliases(due)})`, { host, fence }));
      return { asked: due.map(({ name }) => name) };
    },
    undo: ({ nodes, together }) => [
      steps.startDataNodes("start", { nodes, ...(together ? { together } : {}) }),
      steps.ready("ready", { nodes, version: null }),
    ],
    predict: (facts, { nodes, together }) => (together ? facts : withDown(facts, nodes)),
  });
};
