// Whatever became of a move: on every partition one leader accepts writes, and no other does. What the dead man's rule does within seconds. Pure.
import type { Partition } from "../../steps.ts";
import { nameOf } from "../../steps.ts";
import { activeOn, givenBackBesides } from "./judge.ts";
import { leaderIn, ownOf, keyOf, type Observation, type OperationView, type PartitionView } from "./observation.ts";

export type Settling =
  | { readonly is: "settled" }
  | { readonly is: "waiting"; readonly for: string }
  | { readonly is: "unclear"; readonly known: string; readonly unknown: string }
  /** An operation that nobody works on any more is in the way. */
  | { readonly is: "cancelOp"; readonly operation: number }
  /** It does not lead, or leads below the term of its followers: it becomes a follower. */
  | { readonly is: "demote"; readonly on: string }
  | { readonly is: "giveBack"; readonly on: string; readonly followers: readonly string[] };

/** Terms by endpoint, as the tablets say them; absent: not asked, or not loaded. */
export type Terms = ReadonlyMap<string, number>;

export function settling(
  seen: Observation,
  partition: Partition,
  terms: Terms,
  stuck: (operation: OperationView) => boolean = () => false,
): Settling {
  const view = seen.partitions.get(keyOf(partition));
  if (view === undefined) return { is: "settled" };
  const active = activeOn(seen, partition);
  if (active !== null && stuck(active)) return { is: "cancelOp", operation: active.op_id };
  if (active !== null) {
    const back = givenBackBesides(view, active);
    return back === null ? { is: "waiting", for: `${active.op_type} ${String(active.op_id)} of ${nameOf(partition)}` } : { is: "giveBack", ...back };
  }
  const leader = leaderIn(view);
  if (leader === null) return { is: "waiting", for: `${nameOf(partition)} to have a leader that is alive` };
  const own = ownOf(leader);
  if (own === null) return { is: "waiting", for: `${leader.endpoint}, which leads ${nameOf(partition)}, to answer for it` };
  const other = view.replicas.find((replica) => replica !== leader && ownOf(replica)?.mode === "leader");
  if (other !== undefined) return twoLeaders(view, leader.endpoint, own, other.endpoint, ownOf(other)?.offset ?? 0, terms);
  const followers = view.replicas
    .filter((replica) => replica !== leader && replica.alive && replica.own !== "absent")
    .map(({ endpoint }) => endpoint);
  if (own.mode === "follower") return { is: "giveBack", on: leader.endpoint, followers };
  const ownTerm = terms.get(leader.endpoint);
  const ahead = followers.some((endpoint) => (terms.get(endpoint) ?? 0) > (ownTerm ?? Number.POSITIVE_INFINITY));
  // A change that failed half-way has given them its term: they refuse whatever their leader sends, and say nothing (upstream #2849).
  return ahead ? { is: "demote", on: leader.endpoint } : { is: "settled" };
}

function twoLeaders(
  { partition }: PartitionView,
  leader: string,
  own: { readonly offset: number; readonly mode: "leader" | "follower" },
  other: string,
  otherOffset: number,
  terms: Terms,
): Settling {
  const [term, otherTerm] = [terms.get(leader), terms.get(other)];
  if (term === undefined || otherTerm === undefined) return { is: "waiting", for: `the terms of ${leader} and ${other} on ${nameOf(partition)}` };
  // The nameserver's leader has the higher term: the other is an old one that never heard of it, and what it still accepts is lost.
  if (own.mode === "leader" && term > otherTerm) return { is: "demote", on: other };
  // Promoted and never written down: no client knows of it, so it has nothing of its own.
  if (otherTerm > term && otherOffset <= own.offset) return { is: "demote", on: other };
  return {
    is: "unclear",
    known: `${nameOf(partition)}: ${leader} leads by the nameserver's word (term ${String(term)}, offset ${String(own.offset)}), ${other} by its own (term ${String(otherTerm)}, offset ${String(otherOffset)})`,
    unknown: "which of them has acknowledged rows that the other does not have",
  };
}
