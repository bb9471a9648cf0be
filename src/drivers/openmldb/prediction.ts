// The facts once a step is done: what the checker walks a plan with. Pure.
import { leaderOf, type OmFacts, type OmNodeNow, type OmPartition, type OmReplica } from "./facts.ts";
import { keyOf } from "./operations/moving/observation.ts";
import type { Partition } from "./steps.ts";

const withNow = (facts: OmFacts, now: Partial<OmFacts["now"]>): OmFacts => ({ ...facts, now: { ...facts.now, ...now } });

export function withNode(facts: OmFacts, node: string, change: Partial<OmNodeNow>): OmFacts {
  const now = facts.now.nodes[node];
  return now === undefined ? facts : withNow(facts, { nodes: { ...facts.now.nodes, [node]: { ...now, ...change } } });
}

export function withPartition(facts: OmFacts, key: string, change: (partition: OmPartition) => OmPartition): OmFacts {
  const partition = facts.now.partitions[key];
  return partition === undefined ? facts : withNow(facts, { partitions: { ...facts.now.partitions, [key]: change(partition) } });
}
const offsetOf = (partition: OmPartition): number => leaderOf(partition)?.own?.offset ?? 0;

export const withLeader = (facts: OmFacts, key: string, endpoint: string): OmFacts =>
  withPartition(facts, key, (partition) => ({
    ...partition,
    replicas: partition.replicas.map((replica): OmReplica => {
      const leads = replica.endpoint === endpoint;
      return { ...replica, leads, own: replica.own === null ? null : { ...replica.own, mode: leads ? "leader" : "follower" } };
    }),
  }));

/** Every replica on that tablet: there and equal, or not there at all. `except`: left as they are. */
export function withReplicasOf(facts: OmFacts, endpoint: string, there: boolean, except: readonly Partition[] = []): OmFacts {
  const kept = new Set(except.map(keyOf));
  return withNow(facts, {
    partitions: Object.fromEntries(
      Object.entries(facts.now.partitions).map(([key, partition]) => [
        key,
        kept.has(key)
          ? partition
          : {
              ...partition,
              replicas: partition.replicas.map((replica): OmReplica => {
                if (replica.endpoint !== endpoint) return replica;
                if (!there) return { ...replica, own: null };
                const own = { offset: offsetOf(partition), mode: replica.leads ? ("leader" as const) : ("follower" as const), state: "kTableNormal" };
                return { ...replica, alive: true, own: replica.own ?? own };
              }),
            },
      ]),
    ),
  });
}

/** A replica that leads is deleted only once another leads: then that one does. */
export function withReplica(facts: OmFacts, partition: Partition & { readonly endpoint: string }, wanted: boolean): OmFacts {
  const { endpoint } = partition;
  return withPartition(facts, keyOf(partition), (each) => {
    const others = each.replicas.filter((replica) => replica.endpoint !== endpoint);
    const added = { endpoint, leads: false, alive: true, own: { offset: offsetOf(each), mode: "follower" as const, state: "kTableNormal" } };
    if (wanted) return { ...each, replicas: [...others, added] };
    const led = others.some(({ leads, alive }) => leads && alive);
    return {
      ...each,
      replicas: others.map((replica, index) =>
        led || index > 0 ? replica : { ...replica, leads: true, own: replica.own === null ? null : { ...replica.own, mode: "leader" as const } },
      ),
    };
  });
}

/** One of those that run leads. */
export function withNameserver(facts: OmFacts): OmFacts {
  const running = Object.entries(facts.structure.nodes).filter(
    ([name, node]) => node.role === "nameserver" && facts.now.nodes[name]?.process !== "down",
  );
  const leader = running.find(([, { endpoint }]) => endpoint === facts.now.nameserver) ?? running[0];
  return { ...facts, now: { ...facts.now, nameserver: leader?.[1].endpoint ?? null } };
}
