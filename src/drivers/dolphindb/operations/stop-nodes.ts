// Agents and controllers end by SIGTERM, or by their service. A controller that does not exit is a known fault of several releases (facts 1.3): it is never
// killed with -9 here, a person is told.
import type { Look } from "../../../model/driver.ts";
import { Refused } from "../../../model/errors.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { withDown } from "../prediction.ts";
import { readProcess, type NodeProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";

/** What was begun before the signal still shows, milliseconds. */
const settleMs = 3_000;
/** Longer than an ordinary exit takes: from here on the alert says what may be behind it. */
const longMs = 20_000;

/** Node to the process that was asked to end, and when. */
type Asked = { readonly at: number; readonly boots: { readonly [node: string]: string } };

export const stopNodesOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["stopNodes"], null, Asked>("stopNodes", {
    fenced: "host",
    settleMs,
    answersSettle: true,
    async look({ nodes, after, together }, { receipt }, { now }): Promise<Look> {
      const left = await running(cluster, nodes);
      if (left.length === 0) return { is: "done", proof: { ended: nodes } };
      const unasked = left.filter(({ node, process }) => receipt?.boots[node.name] !== process.boot);
      if (unasked.length > 0) {
        const first = await dataNodesFirst(cluster, after, together);
        if (first.length > 0) return { is: "expand", into: first };
        const again = receipt === null ? [] : unasked.filter(({ node }) => receipt.boots[node.name] !== undefined);
        if (again.length === 0) return { is: "open" };
        return { is: "open", why: `${again.map(({ node }) => node.name).join(", ")} came back: something else starts it` };
      }
      const late = receipt !== null && now - receipt.at > longMs;
      return {
        is: "waiting",
        for: left.map(({ node, process }) => `${node.name} (process ${String(process.pid)}) to exit${late ? unwilling(node) : ""}`).join("; "),
      };
    },
    async act({ nodes }, { receipt }, context) {
      const boots: Record<string, string> = {};
      for (const { node, process } of await running(cluster, nodes)) {
        boots[node.name] = process.boot;
        // Asked already, and not gone yet: once is enough.
        if (receipt?.boots[node.name] === process.boot) continue;
        const service = cluster.service(node.name);
        await context.send(node.host.name, async (fence) => {
          if (service !== null) return service.stop(fence);
          const killed = await node.host.run(fence, ["kill", "-TERM", String(process.pid)], { timeoutMs: 10_000 });
          if (killed.code !== 0 && (await readProcess(node))?.boot === process.boot)
            throw new Refused(`kill -TERM ${String(process.pid)} of ${node.name}: ${killed.stderr.trim()}`, { code: "SW3004", object: node.name });
        });
      }
      return { at: context.now, boots };
    },
    undo: ({ nodes, together }) => [steps.startNodes("start", { nodes, ...(together ? { together } : {}) })],
    predict: (facts, { nodes, together }) => (together ? facts : withDown(facts, nodes)),
  });

interface Running {
  readonly node: DdNode;
  readonly process: NodeProcess;
}
async function running(cluster: DdCluster, names: readonly string[]): Promise<readonly Running[]> {
  const found: Running[] = [];
  for (const name of names) {
    const node = cluster.node(name);
    const process = await readProcess(node);
    if (process !== null) found.push({ node, process });
  }
  return found;
}

/** Data nodes that were stopped and run again: without their agent, or their controller, nobody could stop them gracefully. */
async function dataNodesFirst(cluster: DdCluster, after: readonly string[], together: true | undefined): Promise<readonly Item[]> {
  const again = (await running(cluster, after)).map(({ node }) => node.name);
  return again.length === 0 ? [] : [steps.stopDataNodes("stop data nodes again", { nodes: again, again: true, ...(together ? { together } : {}) })];
}

function unwilling({ role, host }: DdNode): string {
  if (role !== "controller") return "";
  return (
    ` since more than ${String(longMs / 1_000)} s. Known: with lanCluster=0 a follower does not shut down gracefully before 3.00.3.3, 3.00.4.1 and 3.00.5; with` +
    ` lanCluster=1 a controller may not exit before 3.00.4.3. Stillwater sends no kill -9: look at its log on ${host.name}; if it has nothing left to do, end it yourself`
  );
}
