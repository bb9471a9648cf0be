// changeleader and recovertable of many partitions in one step: a state machine for each, judged anew at every look.
import { Refused, StillwaterError } from "../../../../model/errors.ts";
import type { Acting, Look } from "../../../../model/driver.ts";
import type { Item, Step } from "../../../../model/step.ts";
import { holding, operation } from "../../../../planner/kit.ts";
import type { OmCluster } from "../../cluster.ts";
import type { OmFacts } from "../../facts.ts";
import { effectTimeoutMs } from "../../rpc.ts";
import { nameOf, steps, type MoveLeadersParams, type Partition } from "../../steps.ts";
import { decide, type Decision } from "./decide.ts";
import type { Effect } from "./judge.ts";
import type { Note, Notes } from "./notes.ts";
import { keyOf, leaderIn, observe, replicaOn, type Observation } from "./observation.ts";
import { restartedTablets } from "./restarted.ts";
import { Tracker } from "./tracker.ts";

/** As the engine's memory; both sides of a move have the same parameters only if they are the same move. */
const trackerKey = (params: MoveLeadersParams): string => JSON.stringify(params);

export const moveLeadersOperation = (cluster: OmCluster) => {
  const { rpc } = cluster;
  const trackers = new Map<string, Tracker>();
  const trackerOf = (params: MoveLeadersParams): Tracker => {
    const key = trackerKey(params);
    const tracker = trackers.get(key) ?? new Tracker();
    trackers.set(key, tracker);
    return tracker;
  };

  async function seeing(params: MoveLeadersParams, notes: Notes): Promise<{ readonly seen: Observation; readonly decision: Decision }> {
    const seen = await observe(rpc, cluster.now(), params.fence === "tablet" ? await fencedTablets(params) : []);
    const tracker = trackerOf(params);
    tracker.look(seen);
    const decision = decide(params, notes, seen, tracker);
    if (decision.is === "act" || decision.is === "waiting") tracker.eligible(decision.eligible);
    return { seen, decision };
  }
  /** The tablets whose fence this move relies on: the leaders of what is still to be moved. */
  async function fencedTablets({ from, partitions }: MoveLeadersParams): Promise<readonly string[]> {
    if (from !== null) return [from];
    const keys = new Set(partitions.map(keyOf));
    const seen = await rpc.nameserver.showTables();
    const leaders = seen.flatMap(({ tid, table_partition }) =>
      table_partition
        .filter(({ pid }) => keys.has(keyOf({ tid, pid })))
        .flatMap(({ partition_meta }) => partition_meta.filter(({ is_leader, is_alive }) => is_leader && is_alive).map(({ endpoint }) => endpoint)),
    );
    return [...new Set(leaders)];
  }

  async function send(effect: Effect, partition: Partition, context: Acting): Promise<void> {
    switch (effect.do) {
      case "note":
        return;
      case "fence":
      case "demote":
        return context.send(null, async (fence) => rpc.tablet(effect.on).changeRole(fence, partition, { mode: "kTableFollower" }));
      case "giveBack": {
        const term = await termToLead(cluster, partition, effect.on, effect.followers);
        return context.send(null, async (fence) =>
          rpc.tablet(effect.on).changeRole(fence, partition, { mode: "kTableLeader", term, replicas: effect.followers }),
        );
      }
      case "changeLeader":
        return context.send(null, async (fence) => rpc.nameserver.changeLeader(fence, partition, effect.to));
      case "recoverTable":
        return context.send(null, async (fence) => rpc.nameserver.recoverTable(fence, partition, effect.on));
      case "cancelOp":
        return context.send(null, async (fence) => rpc.nameserver.cancelOp(fence, effect.operation));
    }
  }

  return operation<OmFacts, MoveLeadersParams, null, Notes>("moveLeaders", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look(params, { receipt }): Promise<Look> {
      const { seen, decision } = await seeing(params, receipt ?? {});
      switch (decision.is) {
        case "act":
          return { is: "open", why: wordsOf(params, decision.effects) };
        case "waiting": {
          const restarted = restartedTablets(
            seen,
            params.partitions.flatMap((partition) => seen.partitions.get(keyOf(partition)) ?? []),
          );
          return restarted.length === 0
            ? { is: "waiting", for: decision.for }
            : { is: "expand", into: restarted.map((endpoint) => recoverAll(seen, endpoint, params.concurrency)) };
        }
        case "failed":
          return { is: "open", why: decision.why.join("; ") };
        case "escalate":
          return { is: "expand", into: await withTabletsFenced(cluster, params, decision.partitions) };
        case "done":
          return { is: "done", proof: decision.proof };
      }
    },
    async act(params, { receipt }, context) {
      const notes = receipt ?? {};
      const { seen, decision } = await seeing(params, notes);
      if (decision.is === "failed") throw new StillwaterError("SW2106", decision.why[0] ?? "", { why: decision.why });
      if (decision.is !== "act") return notes;
      const tracker = trackerOf(params);
      const answers = await Promise.all(
        decision.effects.map(async (effect): Promise<StillwaterError | null> => {
          const partition = partitionOf(params, effect.key);
          if (effect.do === "fence" || effect.do === "changeLeader" || effect.do === "recoverTable") tracker.tried(effect.key, effect.do);
          try {
            await send(effect, partition, context);
            return null;
          } catch (error) {
            if (error instanceof StillwaterError) return error;
            throw error;
          }
        }),
      );
      // Nobody knows what came of an effect without an answer: then all of it is looked at again once nothing can arrive any more.
      const lost = answers.find((answer) => answer !== null && !(answer instanceof Refused));
      if (lost !== undefined && lost !== null) throw lost;
      const refused = answers.filter((answer) => answer !== null);
      if (refused.length > 0 && refused.length === answers.length) throw refused[0] ?? new Refused("refused");
      const next: Record<string, Note> = { ...notes };
      decision.effects.forEach((effect, index) => {
        const note = answers[index] === null ? noted(effect, notes[effect.key], seen) : null;
        if (note !== null) next[effect.key] = note;
      });
      return next;
    },
    undo: ({ from, fence, concurrency, partitions, returns }) =>
      from === null || !returns ? [] : [steps.moveBack("back", { endpoint: from, fence, concurrency, partitions })],
  });
};

const partitionOf = (params: MoveLeadersParams, key: string): Partition => {
  const partition = params.partitions.find((each) => keyOf(each) === key);
  if (partition === undefined) throw new StillwaterError("SW9999", `No partition ${key} is moved here.`);
  return partition;
};

function noted(effect: Effect, note: Note | undefined, { now, operations }: Observation): Note | null {
  const after = operations.at(-1)?.op_id ?? 0;
  switch (effect.do) {
    case "changeLeader":
      return {
        from: effect.from,
        to: effect.to,
        frozen: effect.frozen,
        candidate: effect.candidate,
        sentAt: now,
        after,
        sent: "changeLeader",
        proof: null,
      };
    case "note":
      return {
        from: effect.proof.from,
        to: effect.proof.to,
        frozen: effect.proof.frozen,
        candidate: effect.proof.candidate,
        sentAt: note?.sentAt ?? 0,
        after: note?.after ?? after,
        sent: note?.sent ?? "changeLeader",
        proof: effect.proof,
      };
    case "recoverTable":
      return note === undefined ? null : { ...note, sentAt: now, after, sent: "recoverTable" };
    case "fence":
    case "giveBack":
    case "demote":
    case "cancelOp":
      return null;
  }
}

/**
 * The term in which a leader that was fenced leads again: its own, unless a change of leader that failed has given its followers a higher one
 * (FollowOfNoOne, upstream #2849), below which they refuse everything it sends. Throws when one of them leads.
 */
export async function termToLead(cluster: OmCluster, partition: Partition, leader: string, followers: readonly string[]): Promise<number> {
  const { tid, pid } = partition;
  const own = await cluster.rpc.tablet(leader).termPair(tid, pid);
  const others = await Promise.all(followers.map((endpoint) => cluster.rpc.tablet(endpoint).termPair(tid, pid)));
  if (own === null) throw new Refused(`${leader} has not loaded ${nameOf(partition)}`);
  if (others.some((pair) => pair?.leads)) throw new Refused(`${nameOf(partition)} is led by another tablet already`);
  return Math.max(own.term, ...others.map((pair) => pair?.term ?? 0));
}

/** Everything of that tablet: what else it leads cannot be written to either until it is loaded. */
function recoverAll(seen: Observation, endpoint: string, concurrency: number): Step {
  const held = [...seen.partitions.values()].filter((view) => replicaOn(view, endpoint) !== null);
  return steps.recoverReplicas(`recover ${endpoint}`, { endpoint, partitions: null, concurrency }, held.length);
}

/** Replication goes on under SetMode: what never caught up between two writes does so now. */
async function withTabletsFenced(cluster: OmCluster, params: MoveLeadersParams, partitions: readonly Partition[]): Promise<readonly Item[]> {
  const { partitions: all } = await observe(cluster.rpc, cluster.now());
  const leaders = partitions.flatMap((partition) => {
    const view = all.get(keyOf(partition));
    const leader = view === undefined ? null : leaderIn(view);
    return leader === null ? [] : [leader.endpoint];
  });
  return underTabletFences([...new Set(leaders)], [steps.moveLeaders("fenced", { ...params, fence: "tablet", partitions })]);
}
/** Each of these tablets refuses writes around the items. */
export const underTabletFences = (endpoints: readonly string[], items: readonly Item[]): readonly Item[] =>
  endpoints.reduceRight<readonly Item[]>(
    (inside, endpoint) => holding(steps.tabletFence(`fence ${endpoint}`, { endpoint, fenced: true }), "release", ...inside),
    items,
  );

const words: Readonly<Record<Effect["do"], string>> = {
  fence: "fence",
  giveBack: "give the role back",
  demote: "demote the old leader",
  changeLeader: "changeleader",
  note: "compare the offsets",
  recoverTable: "recovertable",
  cancelOp: "cancelop",
};
/** Partitions by their names, as many as a line bears. */
const namedAtMost = 3;
const wordsOf = (params: MoveLeadersParams, effects: readonly Effect[]): string =>
  [...new Set(effects.map((effect) => effect.do))]
    .map((each) => {
      const names = effects.filter((effect) => effect.do === each).map((effect) => nameOf(partitionOf(params, effect.key)));
      const more = names.length - namedAtMost;
      return `${words[each]} ${names.slice(0, namedAtMost).join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
    })
    .join("; ");
