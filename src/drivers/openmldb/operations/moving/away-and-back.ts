// pre-upgrade and post-upgrade of one tablet: which leaders go, and under which fence. What they expand into does the moving.
import type { Look } from "../../../../model/driver.ts";
import type { Item } from "../../../../model/step.ts";
import { holding, operation } from "../../../../planner/kit.ts";
import type { OmCluster } from "../../cluster.ts";
import { leaderOf, type OmFacts, type OmPartition } from "../../facts.ts";
import { withLeader } from "../../prediction.ts";
import { nameOf, steps, type MoveAwayParams, type MoveBackParams, type MoveLeadersParams, type Partition } from "../../steps.ts";
import { underTabletFences } from "./move-leaders.ts";
import { recovery } from "../recovering/judge.ts";
import { keyOf, leaderIn, observe, ownOf, replicaOn, type Observation, type PartitionView } from "./observation.ts";

/** What a step writes into the journal after each act tells of all its partitions, so that a step of a thousand would write a thousand times a thousand lines. */
export const movedTogetherAtMost = 128;

/** The guard outside, so that it is the last to be lifted; the fence inside it; the moves inside that. */
export function fencedMoves(params: MoveLeadersParams, leaders: readonly string[]): readonly Item[] {
  const { fence, partitions } = params;
  const count = Math.ceil(partitions.length / movedTogetherAtMost);
  const moves = Array.from({ length: count }, (_, index) => {
    const together = partitions.slice(index * movedTogetherAtMost, (index + 1) * movedTogetherAtMost);
    return steps.moveLeaders(index === 0 ? "move" : `move ${String(index + 1)}`, { ...params, partitions: together });
  });
  if (fence === "none") return moves;
  const inside =
    fence === "tablet"
      ? underTabletFences(leaders, moves)
      : fence === "hook"
        ? holding(steps.traffic("pause", { paused: true }), "release", ...moves)
        : moves;
  return holding(steps.guardLeaders("guard", { partitions }), "release", ...inside);
}

const movable = ({ endpoint, avoid, which }: MoveAwayParams, view: PartitionView): boolean => {
  if (which === "all") return true;
  if (which === "replicated") return view.replicas.some((replica) => replica.endpoint !== endpoint && !avoid.includes(replica.endpoint));
  return which.some((partition) => keyOf(partition) === keyOf(view.partition));
};

export const moveAwayOperation = (cluster: OmCluster) =>
  operation<OmFacts, MoveAwayParams>("moveAway", {
    async look(params): Promise<Look> {
      const { endpoint, avoid, fence, concurrency, returns } = params;
      const seen = await observe(cluster.rpc, cluster.now());
      const led = [...seen.partitions.values()].filter((view) => leaderIn(view)?.endpoint === endpoint && movable(params, view));
      if (led.length === 0) return { is: "done" };
      const partitions = led.map(({ partition }) => partition);
      return { is: "expand", into: fencedMoves({ from: endpoint, to: null, avoid, fence, concurrency, partitions, returns }, [endpoint]) };
    },
    /** No act of its own, so this costs no observation. */
    predict(facts, { endpoint, avoid, which }) {
      const goes = (key: string, partition: OmPartition): boolean =>
        typeof which === "string"
          ? which === "all" || partition.replicas.some((replica) => replica.endpoint !== endpoint && !avoid.includes(replica.endpoint))
          : which.some((each) => keyOf(each) === key);
      let after = facts;
      for (const [key, partition] of Object.entries(facts.now.partitions)) {
        if (leaderOf(partition)?.endpoint !== endpoint || !goes(key, partition)) continue;
        const heir = partition.replicas.find((replica) => replica.endpoint !== endpoint && !avoid.includes(replica.endpoint) && replica.alive);
        if (heir !== undefined) after = withLeader(after, key, heir.endpoint);
      }
      return after;
    },
  });

/** A replica with rows that its leader does not have stays as it is: to lead again it would have to drop them, and nobody has said that it may. */
function mayReturn(seen: Observation, view: PartitionView, endpoint: string): boolean {
  const replica = replicaOn(view, endpoint);
  return replica !== null && recovery(seen, { view, replica }, (offset) => offset, false).is !== "diverged";
}

export const moveBackOperation = (cluster: OmCluster) =>
  operation<OmFacts, MoveBackParams>("moveBack", {
    async look({ endpoint, fence, concurrency, partitions }): Promise<Look> {
      const seen = await observe(cluster.rpc, cluster.now());
      const views = partitions.flatMap((partition) => seen.partitions.get(keyOf(partition)) ?? []);
      const away = views.filter((view) => leaderIn(view)?.endpoint !== endpoint && mayReturn(seen, view, endpoint));
      if (away.length === 0) {
        const isLed = (view: PartitionView): boolean => leaderIn(view)?.endpoint === endpoint;
        const names = (some: readonly PartitionView[]): readonly string[] => some.map(({ partition }) => nameOf(partition));
        return { is: "done", proof: { led: names(views.filter(isLed)), notReturned: names(views.filter((view) => !isLed(view))) } };
      }
      const of = (some: readonly PartitionView[]): readonly Partition[] => some.map(({ partition }) => partition);
      const sick = away.filter((view) => {
        const replica = replicaOn(view, endpoint);
        return replica?.alive !== true || ownOf(replica) === null;
      });
      if (sick.length > 0)
        return { is: "expand", into: [steps.recoverReplicas("recover", { endpoint, partitions: of(sick), concurrency }, sick.length)] };
      const leaders = [...new Set(away.flatMap((view) => leaderIn(view)?.endpoint ?? []))];
      const params = { from: null, to: endpoint, avoid: [], fence, concurrency, partitions: of(away), returns: false };
      return { is: "expand", into: fencedMoves(params, leaders) };
    },
    predict: (facts, { endpoint, partitions }) => partitions.reduce((after, partition) => withLeader(after, keyOf(partition), endpoint), facts),
  });
