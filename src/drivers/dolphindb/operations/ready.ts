// Back in service: the leading controller counts the node as alive (for a controller: it is in the Raft group), a data node says that it is initialised, and every
// node says of itself which version it runs, because pnodeRun(version) covers neither controllers nor agents (facts 0.7).
import type { Look } from "../../../model/driver.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts, Role } from "../facts.ts";
import { withServing } from "../prediction.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { Malformed } from "../wire/errors.ts";
import { textOf } from "../wire/read-value.ts";
import { inRaft, leaderView, type LeaderView } from "./leader-view.ts";
import { dataNodeReadiness } from "./readiness.ts";
import type { StartLimit } from "./start-limit.ts";

export const readyOperation = (cluster: DdCluster, limit: StartLimit) =>
  operation<DdFacts, StepParams["ready"]>("ready", {
    async look({ nodes, version }): Promise<Look> {
      const processes = await Promise.all(nodes.map(async (name) => ({ node: cluster.node(name), process: await readProcess(cluster.node(name)) })));
      const down = processes.flatMap(({ node, process }) => (process === null ? [node] : []));
      // It came up and ended since: nobody else brings it back while automatic restarts are off.
      if (down.length > 0) return { is: "expand", into: startAgain(down) };
      const view = await leaderView(cluster);
      const asked = await Promise.all(
        nodes.map(async (name) => {
          const missing = await missingOf(cluster, cluster.node(name), view);
          return { name, missing, words: missing === null ? await versionWords(cluster, name) : "" };
        }),
      );
      const waiting = asked.flatMap(({ name, missing, words }) => {
        if (missing !== null) return [missing];
        return version !== null && words.split(/\s+/)[0] !== version ? [`${name} to run ${version}; it answers as ${words}`] : [];
      });
      const versions = Object.fromEntries(asked.map(({ name, words }) => [name, words]));
      if (waiting.length > 0) return { is: "waiting", for: waiting.join("; ") };
      limit.ready(nodes);
      return { is: "done", proof: { leader: view.leader, versions } };
    },
    predict: (facts, { nodes, version }) => withServing(facts, nodes, version),
  });

function startAgain(down: readonly DdNode[]): readonly Item[] {
  const of = (...roles: readonly Role[]): readonly string[] => down.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  const [controllers, agents, data] = [of("controller"), of("agent"), of("datanode", "computenode")];
  return [
    ...(controllers.length === 0 ? [] : [steps.startNodes("start controllers again", { nodes: controllers })]),
    ...(agents.length === 0 ? [] : [steps.startNodes("start agents again", { nodes: agents })]),
    ...(data.length === 0 ? [] : [steps.startDataNodes("start data nodes again", { nodes: data })]),
  ];
}

/** What is missing before it counts as back; null: nothing. */
async function missingOf(cluster: DdCluster, node: DdNode, view: LeaderView): Promise<string | null> {
  switch (node.role) {
    case "datanode":
    case "computenode": {
      const readiness = await dataNodeReadiness(cluster, node, view, null);
      if (readiness.is === "starting") return readiness.what;
      return readiness.is === "down" ? `${node.name} to run` : null;
    }
    case "controller":
      return (await inRaft(cluster, node.name, view)) ? null : `${node.name} to be back in the Raft group`;
    case "agent":
      return view.alive.get(node.name) === true ? null : `the leading controller to know agent ${node.name}`;
  }
}

/** `2.00.8.12 2023.01.10`, and since 3.00 with platform and flavour behind it. */
async function versionWords(cluster: DdCluster, name: string): Promise<string> {
  const version = textOf(name, "version()", await cluster.rpc.call(name, "version"));
  if (!/^\d+\.\d+/.test(version)) throw new Malformed(name, "version() is not a version");
  return version;
}
