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
import { replicationChecks } from "./replication.ts";
import { stops, touched } from "./scope.ts";
import { streamingChecks } from "./streaming.ts";
import { subscriptionChecks } from "./subscriptions.ts";
import { volumeChecks } from "./volumes.ts";

export async function examine(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  if (!stops(facts, goal)) return memberChecks(cluster, facts);
  const nodes = touched(facts, goal).map((name) => cluster.node(name));
  const found = await Promise.all([
    licenceChecks(cluster, facts, goal, answeringOf(facts, nodes)),
    pluginChecks(cluster, facts, goal, nodes),
    streamingChecks(cluster, facts, goal),
    subscriptionChecks(cluster, facts, goal),
    leaderChecks(cluster, facts, goal),
    fileChecks(cluster, facts, nodes),
    hostChecks(cluster, facts, goal, nodes),
  ]);
  return found.flat();
}

/** One after the other: several questions at once can hang a controller (facts 1.3). */
async function leaderChecks(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  const found = [await memberChecks(cluster, facts), await volumeChecks(cluster, facts, goal), await replicationChecks(cluster, facts)];
  return found.flat();
}

/** One node of each host that answers; the licence is a host's. */
const answeringOf = (facts: DdFacts, nodes: readonly DdNode[]): readonly DdNode[] => [
  ...new Map(nodes.filter(({ name }) => facts.now.nodes[name]?.state === "serving").map((node) => [node.hostName, node])).values(),
];
