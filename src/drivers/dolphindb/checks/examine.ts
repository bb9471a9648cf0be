// Prechecks that ask servers and hosts about this goal (facts 5.4); read-only, asked for once when planning.
import type { Goal } from "../../../model/goal.ts";
import type { Check } from "../../../model/facts.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { fileChecks } from "./files.ts";
import { hostChecks } from "./hosts.ts";
import { licenceChecks } from "./licence.ts";
import { memberChecks } from "./members.ts";
import { pluginChecks } from "./plugins.ts";
import { stops, touched } from "./scope.ts";
import { streamingChecks } from "./streaming.ts";

export async function examine(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  if (!stops(facts, goal)) return memberChecks(cluster, facts);
  const nodes = touched(facts, goal).map((name) => cluster.node(name));
  const found = await Promise.all([
    memberChecks(cluster, facts),
    licenceChecks(cluster, facts, goal, answeringOf(facts, nodes)),
    pluginChecks(cluster, facts, goal, nodes),
    streamingChecks(cluster, facts, goal),
    fileChecks(cluster, facts, nodes),
    hostChecks(cluster, facts, goal, nodes),
  ]);
  return found.flat();
}

/** One node of each host that answers; the licence is a host's. */
const answeringOf = (facts: DdFacts, nodes: readonly DdNode[]): readonly DdNode[] => [
  ...new Map(nodes.filter(({ name }) => facts.now.nodes[name]?.state === "serving").map((node) => [node.hostName, node])).values(),
];
