// Controllers and agents start by their script, in their directory (facts 1.4), or by their service. Up means here: it answers. Whether a controller is back in the
// Raft group is the question of `ready`, because the first of a whole cluster cannot be.
import type { Look } from "../../../model/driver.ts";
import { Refused } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { withServing } from "../prediction.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { Malformed, ServerRefused } from "../wire/errors.ts";
import { metadataBack } from "./metadata-back.ts";
import { logsOf, type StartLimit } from "./start-limit.ts";

/** The script returns before the process shows under its own name, milliseconds. */
const settleMs = 3_000;
const scriptTimeoutMs = 60_000;

export const startNodesOperation = (cluster: DdCluster, limit: StartLimit) => {
  const down = async (names: readonly string[]): Promise<readonly DdNode[]> => {
    const found: DdNode[] = [];
    for (const name of names) if ((await readProcess(cluster.node(name))) === null) found.push(cluster.node(name));
    return found;
  };

  return operation<DdFacts, StepParams["startNodes"], null, { readonly starts: number }>("startNodes", {
    fenced: "host",
    settleMs,
    async look({ nodes }, { receipt }): Promise<Look> {
      const absent = await down(nodes);
      if (absent.length > 0) return receipt === null ? { is: "open" } : { is: "open", why: `ended after being started: ${await logsOf(absent)}` };
      const boots: Record<string, string> = {};
      for (const name of nodes) {
        await answers(cluster, name);
        boots[name] = (await readProcess(cluster.node(name)))?.boot ?? "";
      }
      return { is: "done", proof: { boots } };
    },
    async act({ nodes }, { receipt }, context) {
      const absent = await down(nodes);
      await limit.count(absent);
      for (const node of absent) {
        const service = cluster.service(node.name);
        const script = node.role === "agent" ? "startAgent.sh" : "startController.sh";
        await context.send(node.host.name, async (fence) => {
          if (service !== null) return service.start(fence);
          const result = await node.host.run(fence, ["sh", script], { directory: node.clusterDirectory, timeoutMs: scriptTimeoutMs });
          if (result.code !== 0)
            throw new Refused(`${script} on ${node.host.name}: ${(result.stderr || result.stdout).trim()}`, { code: "SW3004", object: node.name });
        });
      }
      return { starts: (receipt?.starts ?? 0) + 1 };
    },
    undo: ({ nodes, metadata, together }) => [
      steps.stopNodes("stop", { nodes, after: [], ...(together ? { together } : {}) }),
      ...metadataBack(metadata),
    ],
    predict: (facts, { nodes }) => withServing(facts, nodes),
  });
};

/** Any answer of a DolphinDB server will do, also an error: a controller without a leader refuses most things. Throws while there is none. */
async function answers(cluster: DdCluster, node: string): Promise<void> {
  try {
    await cluster.rpc.call(node, "version");
  } catch (error) {
    if (error instanceof Malformed || !(error instanceof ServerRefused)) throw error;
  }
}
