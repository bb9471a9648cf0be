// What the leading controller says of every node: getClusterPerf(true) (facts 2). Only the leader is asked, and one question at a time: several at once on
// several controllers can hang them (facts 1.3).
import type { DdCluster } from "../cluster.ts";
import { integerIn, rowsOf, textIn } from "../wire/read-value.ts";

export interface LeaderView {
  /** Name of the controller that leads. */
  readonly leader: string;
  /** By name in the cluster file: whether the leader counts it as alive (state 1). A node that it does not list is absent. */
  readonly alive: ReadonlyMap<string, boolean>;
}

/** Throws Unreachable when no controller leads, Malformed when the answer is not a table of nodes. */
export async function leaderView(cluster: DdCluster): Promise<LeaderView> {
  const leader = await cluster.rpc.leader();
  const answer = await cluster.rpc.call(leader, "getClusterPerf", [true]);
  const alive = new Map<string, boolean>();
  for (const row of rowsOf(leader, "getClusterPerf(true)", answer, ["name", "state"])) {
    const node = cluster.aliased(textIn(row, "name") ?? "");
    if (node !== null) alive.set(node.name, integerIn(row, "state") === 1);
  }
  return { leader, alive };
}

/**
 * Whether a controller takes part in the Raft group by its own word: it names the leader. The leader's list alone is not enough, which shows a controller as
 * alive for seconds after it went down, or came back.
 */
export async function inRaft(cluster: DdCluster, controller: string, { leader, alive }: LeaderView): Promise<boolean> {
  if (alive.get(controller) !== true) return false;
  return (await cluster.rpc.call(controller, "getActiveMaster")) === cluster.node(leader).alias;
}
