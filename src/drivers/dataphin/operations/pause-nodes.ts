// PausePhysicalNode and ResumePhysicalNode (facts 2.5, 3.2): a paused node's instances keep their status and are not dispatched. What WE paused is written
// down before the first one is; a node that somebody else has paused is left alone on both ways.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import type { NodesByProject, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { pauseNodes, resumeNodes } from "../wire/operations/nodes.ts";
import { byProject, inBatches } from "./batches.ts";
import { pendingIn, runningIn } from "./work.ts";

/** Nodes of one request. */
const BATCH = 100;
/** A request that was cut off may still arrive; ms. */
const SETTLE_MS = 15_000;

type BeforePause = { readonly nodes: NodesByProject };
const has = (nodes: NodesByProject, project: string, node: string): boolean => nodes[project]?.includes(node) ?? false;
const countOf = (nodes: NodesByProject): number => Object.values(nodes).flat().length;

export const pauseNodesOperation = (cluster: DpCluster) =>
  operation<DpFacts, StepParams["pauseNodes"], BeforePause>("pauseNodes", {
    fenced: "unfenced",
    settleMs: SETTLE_MS,
    answersSettle: true,
    async prepare({ projects }) {
      const [running, waiting, paused] = await Promise.all([
        runningIn(cluster, projects),
        pendingIn(cluster, projects, false),
        pendingIn(cluster, projects, true),
      ]);
      // Of a node that somebody else has paused, an instance that runs may not tell.
      const theirs = new Set(paused.map(({ nodeId }) => nodeId));
      const nodes: Record<string, readonly string[]> = {};
      for (const [project, instances] of byProject([...running, ...waiting])) {
        const ids = new Set(instances.map(({ nodeId }) => nodeId).filter((id) => id !== "" && !theirs.has(id)));
        if (ids.size > 0) nodes[project] = [...ids].toSorted();
      }
      return { nodes };
    },
    async look({ projects }, { before }): Promise<Look> {
      if (countOf(before.nodes) === 0) return { is: "done", proof: { paused: {} } };
      // What runs already is not held by a pause.
      const open = (await pendingIn(cluster, projects, false)).filter(({ project, nodeId }) => has(before.nodes, project, nodeId));
      if (open.length === 0) return { is: "done", proof: { paused: before.nodes } };
      const names = [...new Set(open.map(({ node }) => node))];
      return { is: "open", why: `${String(names.length)} of ${String(countOf(before.nodes))} nodes are not paused: ${names.slice(0, 5).join(", ")}` };
    },
    act: async (_, { before }, context) => {
      for (const [project, ids] of Object.entries(before.nodes))
        for (const nodeIds of inBatches(ids, BATCH))
          await context.send(null, (fence) => pauseNodes(cluster.api, fence, { project, environment: cluster.environment, nodeIds }));
      return null;
    },
    undo: (_, { nodes }) => (countOf(nodes) === 0 ? [] : [steps.resumeNodes("resume", { nodes })]),
  });

type Resumed = { readonly resumed: number };

export const resumeNodesOperation = (cluster: DpCluster) =>
  operation<DpFacts, StepParams["resumeNodes"], null, Resumed>("resumeNodes", {
    fenced: "unfenced",
    settleMs: SETTLE_MS,
    answersSettle: true,
    async look({ nodes }, { receipt }): Promise<Look> {
      // A node none of whose instances is left says nothing of itself, and resuming twice does no harm: so every node is told at least once.
      if (receipt === null) return { is: "open" };
      const still = (await pendingIn(cluster, Object.keys(nodes), true)).filter(({ project, nodeId }) => has(nodes, project, nodeId));
      if (still.length > 0) return { is: "open", why: `still paused: ${[...new Set(still.map(({ node }) => node))].slice(0, 5).join(", ")}` };
      return { is: "done", proof: { resumed: nodes } };
    },
    act: async ({ nodes }, _, context) => {
      for (const [project, ids] of Object.entries(nodes))
        for (const nodeIds of inBatches(ids, BATCH))
          await context.send(null, (fence) => resumeNodes(cluster.api, fence, { project, environment: cluster.environment, nodeIds }));
      return { resumed: countOf(nodes) };
    },
  });
