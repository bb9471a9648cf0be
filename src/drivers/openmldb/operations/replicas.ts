// addreplica and delreplica, for tables of one replica. An operation that is done says only that the new follower lags less than 100 000 entries.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster } from "../cluster.ts";
import { leaderOf, type OmFacts } from "../facts.ts";
import { withLeader, withReplica } from "../prediction.ts";
import { effectTimeoutMs } from "../rpc.ts";
import { nameOf, steps, type ReplicaParams } from "../steps.ts";
import { activeOn, appearsWithinMs } from "./moving/judge.ts";
import { concerns, keyOf, leaderIn, observe, ownOf, replicaOn, type Observation, type PartitionView } from "./moving/observation.ts";
import { Goals } from "./goals.ts";

type Asked = { readonly at: number };
/** How often an addition or a deletion is asked for before a person must look. */
const triesAtMost = 3;
class Tries {
  readonly #tries = new Map<string, number>();
  /** Error SW2106 when it was asked for often enough: with the operation that failed. */
  next(what: string, params: ReplicaParams, seen: Observation): void {
    const key = `${params.endpoint} ${keyOf(params)}`;
    const made = this.#tries.get(key) ?? 0;
    if (made >= triesAtMost) {
      const last = seen.operations.findLast((each) => each.status === "kFailed" && concerns(params, each));
      const why = last === undefined ? "no operation of it failed" : `operation ${String(last.op_id)} (${last.op_type}) is kFailed`;
      throw new StillwaterError(
        "SW2106",
        `${what} of ${nameOf(params)} on ${params.endpoint} was asked for ${String(made)} times and does not hold: ${why}`,
        {
          object: nameOf(params),
          remedy: `See the logs of the leading nameserver and of ${params.endpoint}: too little memory there, or a snapshot that cannot be sent. Then resume, or abort.`,
        },
      );
    }
    this.#tries.set(key, made + 1);
  }
}
const underWay = (seen: Observation, params: ReplicaParams, receipt: Asked | null): string | null => {
  const active = activeOn(seen, params);
  if (active !== null) return `${active.op_type} ${String(active.op_id)} of ${nameOf(params)}`;
  return receipt !== null && seen.now - receipt.at < appearsWithinMs ? `an operation on ${nameOf(params)} to appear` : null;
};

/** The leader, when no operation is left that would end what an AddReplica that failed has paused. */
function pausedIn(view: PartitionView): string | null {
  const leader = leaderIn(view);
  return leader !== null && ownOf(leader)?.paused === true ? leader.endpoint : null;
}

export const addReplicaOperation = (cluster: OmCluster) => {
  const goals = new Goals();
  const tries = new Tries();
  return operation<OmFacts, ReplicaParams, { readonly existed: boolean }, Asked>("addReplica", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async prepare(params) {
      const view = (await observe(cluster.rpc, cluster.now())).partitions.get(keyOf(params));
      return { existed: view !== undefined && replicaOn(view, params.endpoint) !== null };
    },
    async look(params, { receipt }): Promise<Look> {
      const { endpoint } = params;
      const seen = await observe(cluster.rpc, cluster.now());
      const view = seen.partitions.get(keyOf(params));
      if (view === undefined) return { is: "done", proof: "the table was dropped" };
      const running = underWay(seen, params, receipt);
      if (running !== null) return { is: "waiting", for: running };
      const leader = leaderIn(view);
      const replica = replicaOn(view, endpoint);
      if (replica !== null && leader?.endpoint === endpoint) return { is: "done", proof: "it leads" };
      if (replica === null || !replica.alive) return { is: "open" };
      const [own, first] = [ownOf(replica), leader === null ? null : ownOf(leader)];
      if (own === null || first === null) return { is: "waiting", for: `${nameOf(params)} on ${endpoint}` };
      const goal = goals.of(`${endpoint} ${keyOf(params)}`, first.offset);
      if (own.offset < goal)
        return { is: "waiting", for: `${endpoint} to have ${nameOf(params)} up to offset ${String(goal)}; it is at ${String(own.offset)}` };
      return { is: "done", proof: { offset: own.offset, leader: goal } };
    },
    async act(params, _, context) {
      const { endpoint } = params;
      const seen = await observe(cluster.rpc, cluster.now());
      const view = seen.partitions.get(keyOf(params));
      const there = view !== undefined && replicaOn(view, endpoint) !== null;
      tries.next("AddReplica", params, seen);
      await context.send(null, async (fence) =>
        // An addition that failed half-way leaves its row: asked for again, the nameserver refuses it (317).
        there ? cluster.rpc.nameserver.recoverTable(fence, params, endpoint) : cluster.rpc.nameserver.addReplica(fence, params, endpoint),
      );
      return { at: cluster.now() };
    },
    // Somebody else's replica is not ours to delete.
    undo: (params, { existed }) => (existed ? [] : [steps.delReplica("delete", params)]),
    predict: (facts, params) => withReplica(facts, params, true),
  });
};

export const delReplicaOperation = (cluster: OmCluster) => {
  const tries = new Tries();
  return operation<OmFacts, ReplicaParams, null, Asked>("delReplica", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look(params, { receipt }): Promise<Look> {
      const { endpoint } = params;
      const seen = await observe(cluster.rpc, cluster.now());
      const view = seen.partitions.get(keyOf(params));
      const running = underWay(seen, params, receipt);
      if (running !== null) return { is: "waiting", for: running };
      if (view === undefined) return { is: "done" };
      const leader = leaderIn(view);
      if (pausedIn(view) !== null) return { is: "open", why: `${nameOf(params)} makes no snapshots any more on ${leader?.endpoint ?? ""}` };
      if (replicaOn(view, endpoint) === null) return { is: "done" };
      // Never the only one that is left, and never the one that leads (102).
      if (leader === null || leader.endpoint === endpoint) return { is: "waiting", for: `another tablet than ${endpoint} to lead ${nameOf(params)}` };
      return { is: "open" };
    },
    async act(params, _, context) {
      const seen = await observe(cluster.rpc, cluster.now());
      const view = seen.partitions.get(keyOf(params));
      tries.next("DelReplica", params, seen);
      const paused = view === undefined ? null : pausedIn(view);
      if (paused !== null) {
        await context.send(null, async (fence) => cluster.rpc.tablet(paused).recoverSnapshot(fence, params));
        return { at: 0 };
      }
      await context.send(null, async (fence) => cluster.rpc.nameserver.delReplica(fence, params, params.endpoint));
      return { at: cluster.now() };
    },
    /** It waits for another tablet to lead, so afterwards one does. */
    predict(facts, params) {
      const key = keyOf(params);
      const partition = facts.now.partitions[key];
      const heir = partition?.replicas.find(({ endpoint, alive }) => endpoint !== params.endpoint && alive);
      const leads = partition !== undefined && leaderOf(partition)?.endpoint === params.endpoint;
      return withReplica(leads && heir !== undefined ? withLeader(facts, key, heir.endpoint) : facts, params, false);
    },
  });
};
