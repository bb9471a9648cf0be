// One replica on its way back: only what is sick is touched, unlike recoverdata, which makes every follower of a partition resynchronise. Pure.
import { nameOf, type Partition } from "../../steps.ts";
import { activeOn } from "../moving/judge.ts";
import { keyOf, leaderIn, ownOf, type Observation, type PartitionView, type ReplicaView } from "../moving/observation.ts";

export type Recovery =
  | { readonly is: "well" }
  | { readonly is: "wait"; readonly for: string }
  /** The metadata calls it alive and the tablet has not loaded it: RecoverTable refuses what is alive (311). */
  | { readonly is: "markDead" }
  | { readonly is: "recoverTable" }
  /** It does not lead any more and takes writes still: what it takes while the nameserver recovers it would be dropped unseen. */
  | { readonly is: "demote" }
  /** It leads by the metadata, is not loaded, and no other may have more: loaded as it lies on its disk. */
  | { readonly is: "loadTable" }
  /** An operation failed while it sent its snapshot: it makes none any more, and no leader can be moved. */
  | { readonly is: "recoverSnapshot" }
  /** No replica leads that is alive; this one has the largest offset. */
  | { readonly is: "markAlive" }
  /** It is alive, has the largest offset, and was no leader. */
  | { readonly is: "elect" }
  /** It leads by the metadata, and is fenced: nobody accepts writes. */
  | { readonly is: "giveBack"; readonly followers: readonly string[] }
  /** It has rows that its leader does not have. */
  | { readonly is: "diverged"; readonly offset: number; readonly leaderBegan: number };

export interface Sought {
  readonly view: PartitionView;
  readonly replica: ReplicaView;
}

const waits = (what: string): Recovery => ({ is: "wait", for: what });

/** `goal`: what the leader had when this replica was first seen alive. `accepted`: a person has said that its own rows may be dropped. */
export function recovery(seen: Observation, { view, replica }: Sought, goal: (leaderOffset: number) => number, accepted: boolean): Recovery {
  const { partition } = view;
  const active = activeOn(seen, partition);
  if (active !== null) return waits(`${active.op_type} ${String(active.op_id)} of ${nameOf(partition)}`);
  if (!replica.healthy) return waits(`${replica.endpoint} to be registered`);
  if (replica.own === "unknown") return waits(`${replica.endpoint} to answer`);
  const own = ownOf(replica);
  if (own?.paused) return { is: "recoverSnapshot" };
  if (own !== null && !own.normal) return waits(`${replica.endpoint} to load ${nameOf(partition)}`);
  const leader = leaderIn(view);
  if (leader === null) return leaderless(view, replica);
  if (leader.endpoint === replica.endpoint) return leading(view, replica);
  if (own === null) {
    // A row that is alive and not loaded: the tablet was restarted. One that is not alive: whatever an old leader has beyond its successor is on its disk only.
    if (replica.alive) return { is: "markDead" };
    const from = replica.leads ? ownRowsFrom(view, replica.known) : null;
    if (!accepted && from !== null) return { is: "diverged", offset: replica.known, leaderBegan: from };
    return ownOf(leader)?.mode === "leader" ? { is: "recoverTable" } : waits(`${leader.endpoint} to lead ${nameOf(partition)}`);
  }
  const first = ownOf(leader);
  if (first?.mode !== "leader") return waits(`${leader.endpoint} to lead ${nameOf(partition)}`);
  if (!replica.alive) {
    // Its last word is what it has when it takes no more.
    if (own.mode === "leader") return { is: "demote" };
    const from = (replica.leads ? ownRowsFrom(view, own.offset) : null) ?? (own.offset > first.offset ? first.offset + 1 : null);
    return from === null || accepted ? { is: "recoverTable" } : { is: "diverged", offset: own.offset, leaderBegan: Math.min(from, first.offset + 1) };
  }
  if (own.mode === "leader") return waits(`${replica.endpoint} to follow ${leader.endpoint} on ${nameOf(partition)}`);
  const wanted = goal(first.offset);
  return own.offset >= wanted
    ? { is: "well" }
    : waits(`${replica.endpoint} to have ${nameOf(partition)} up to offset ${String(wanted)}; it is at ${String(own.offset)}`);
}

/**
 * The first offset of what a former leader took beyond its successor; null: nothing. A leader that ends where another one began has nothing of its own
 * (term_offset, facts 4.1); one that ends within a later term has: leaders changed again since, and each began at the end of the one before.
 */
function ownRowsFrom({ starts }: PartitionView, offset: number): number | null {
  // The first leader of all began at 0 (facts 6.2).
  const successors = starts.filter((start) => start > 0);
  if (successors.includes(offset + 1)) return null;
  return successors.filter((start) => start <= offset).at(-1) ?? null;
}

/** The nameserver's leader, as its own tablet sees it. */
function leading(view: PartitionView, replica: ReplicaView): Recovery {
  const own = ownOf(replica);
  if (own?.mode === "leader") return { is: "well" };
  const others = view.replicas.filter((each) => each !== replica && each.alive && each.own !== "absent");
  const ahead = own === null ? undefined : others.find((each) => (ownOf(each)?.offset ?? 0) > own.offset);
  // Followers skip what they believe to have: the two would diverge unseen (facts 4.2).
  if (ahead !== undefined)
    return waits(`a person to choose: ${ahead.endpoint} has more of ${nameOf(view.partition)} than ${replica.endpoint}, which should lead it`);
  if (own !== null)
    return others.some((each) => ownOf(each)?.mode === "leader")
      ? waits(`${replica.endpoint} to lead ${nameOf(view.partition)} again`)
      : { is: "giveBack", followers: others.map(({ endpoint }) => endpoint) };
  // The only replica: the nameserver itself loads it. With others, RecoverTable would throw its disk away: it is loaded from there, and the others follow.
  return view.replicas.length === 1 ? { is: "markDead" } : { is: "loadTable" };
}

/** Nobody leads: the one with the largest offset comes back first, as it is (facts 3.4, backup.md). */
function leaderless(view: PartitionView, replica: ReplicaView): Recovery {
  if (view.replicas.length === 1) return replica.alive ? { is: "markDead" } : { is: "recoverTable" };
  const silent = view.replicas.find((each) => each.own === "unknown" || !each.healthy);
  if (silent !== undefined) return waits(`${silent.endpoint}: whether it has the largest offset of ${nameOf(view.partition)}`);
  const offsetOf = (each: ReplicaView): number => ownOf(each)?.offset ?? each.known;
  // Of those with the same offset the one that led; then by name, so that every look names the same.
  const [best] = view.replicas.toSorted(
    (a, b) => offsetOf(b) - offsetOf(a) || Number(b.leads) - Number(a.leads) || (a.endpoint < b.endpoint ? -1 : 1),
  );
  if (best?.endpoint !== replica.endpoint) return waits(`${best?.endpoint ?? "a replica"} to lead ${nameOf(view.partition)}`);
  if (ownOf(replica) === null) return { is: "loadTable" };
  return replica.alive ? { is: "elect" } : { is: "markAlive" };
}

/** The replicas that a step is about. */
export function soughtIn(seen: Observation, endpoint: string | null, partitions: readonly Partition[] | null): readonly Sought[] {
  const keys = partitions === null ? null : new Set(partitions.map(keyOf));
  return [...seen.partitions].flatMap(([key, view]) =>
    keys !== null && !keys.has(key)
      ? []
      : view.replicas.filter((replica) => endpoint === null || replica.endpoint === endpoint).map((replica) => ({ view, replica })),
  );
}
