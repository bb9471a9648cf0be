// Back in service: the leading controller counts the node as alive (for a controller: it is in the Raft group), a data node says that it is initialised, and every
// node says of itself which version it runs, because pnodeRun(version) covers neither controllers nor agents (facts 0.7).
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { withServing } from "../prediction.ts";
import { lastLog, readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { Malformed } from "../wire/errors.ts";
import { textOf } from "../wire/read-value.ts";
import { leaderView, type LeaderView } from "./leader-view.ts";
import { dataNodeReadiness } from "./readiness.ts";

export const readyOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["ready"]>("ready", {
    async look({ nodes, version }): Promise<Look> {
      const view = await leaderView(cluster);
      const waiting: string[] = [];
      const versions: Record<string, string> = {};
      for (const name of nodes) {
        const node = cluster.node(name);
        const missing = await missingOf(cluster, node, view);
        if (missing !== null) {
          waiting.push(missing);
          continue;
        }
        const words = await versionWords(cluster, name);
        versions[name] = words;
        const [running] = words.split(/\s+/);
        if (version !== null && running !== version) waiting.push(`${name} to run ${version}; it answers as ${words}`);
      }
      if (waiting.length > 0) return { is: "waiting", for: waiting.join("; ") };
      return { is: "done", proof: { leader: view.leader, versions } };
    },
    predict: (facts, { nodes, version }) => withServing(facts, nodes, version),
  });

/** What is missing before it counts as back; null: nothing. */
async function missingOf(cluster: DdCluster, node: DdNode, view: LeaderView): Promise<string | null> {
  if (node.role === "datanode" || node.role === "computenode") {
    const readiness = await dataNodeReadiness(cluster, node, view, null);
    if (readiness.is === "starting") return readiness.what;
    return readiness.is === "down" ? `${node.name} to run; it ended: ${await lastLog(node)}` : null;
  }
  if ((await readProcess(node)) === null) return `${node.name} to run; it ended: ${await lastLog(node)}`;
  if (view.alive.get(node.name) === true) return null;
  return node.role === "controller" ? `${node.name} to be back in the Raft group` : `the leading controller to know agent ${node.name}`;
}

/** `2.00.8.12 2023.01.10`, and since 3.00 with platform and flavour behind it. */
async function versionWords(cluster: DdCluster, name: string): Promise<string> {
  const version = textOf(name, "version()", await cluster.rpc.call(name, "version"));
  if (!/^\d+\.\d+/.test(version)) throw new Malformed(name, "version() is not a version");
  return version;
}
