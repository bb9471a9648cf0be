// Many partitions on their way at once: what to send now. Pure.
import { nameOf, type MoveLeadersParams, type Partition } from "../../steps.ts";
import { appearsWithinMs, isMoving, judge, type Effect, type Verdict, type Watching } from "./judge.ts";
import type { LeftBehind, MovesProof, Notes } from "./notes.ts";
import { concerns, isActive, keyOf, leaderIn, ownOf, type Observation, type OperationView } from "./observation.ts";

export type Decision =
  /** On different partitions, to be sent together. */
  | { readonly is: "act"; readonly effects: readonly Effect[]; readonly eligible: readonly string[] }
  | { readonly is: "waiting"; readonly for: string; readonly eligible: readonly string[] }
  | { readonly is: "failed"; readonly why: readonly string[] }
  /** Everything else is moved; these need another fence. */
  | { readonly is: "escalate"; readonly partitions: readonly Partition[] }
  | { readonly is: "done"; readonly proof: MovesProof };

export function decide(params: MoveLeadersParams, notes: Notes, seen: Observation, watching: Watching): Decision {
  const partitions = params.partitions.toSorted((a, b) => a.tid - b.tid || a.pid - b.pid);
  const load = leadersOf(seen);
  const judging = (mayBegin: (partition: Partition) => boolean, partition: Partition): Verdict =>
    judge({ params, seen, watching, load, mayBegin, crowded }, partition, notes[keyOf(partition)] ?? null);
  const queues = new Queues(params.concurrency, seen);
  const ours = (each: OperationView): boolean => isMoving(each) && partitions.some((partition) => concerns(partition, each));
  const foreign = new Queues(params.concurrency, { operations: seen.operations.filter((each) => isActive(each) && !ours(each)) });
  const crowded = (partition: Partition): boolean => !foreign.free(partition);
  // What was begun is finished before anything else begins in the same queue: a fenced partition must not wait behind another's recovery.
  for (const partition of partitions) {
    const { is } = judging(() => false, partition);
    if ((is === "act" || is === "wait") && begun(params, notes, seen, partition)) queues.take(partition);
  }
  const verdicts = new Map<Partition, Verdict>();
  const effects: Effect[] = [];
  for (const partition of partitions) {
    const verdict = judging((each) => queues.free(each), partition);
    verdicts.set(partition, verdict);
    if (verdict.is !== "act") continue;
    effects.push(verdict.effect);
    if (verdict.begins) queues.take(partition);
    if (verdict.effect.do === "changeLeader") load.set(verdict.effect.to, (load.get(verdict.effect.to) ?? 0) + 1);
  }
  const all = [...verdicts.values()];
  const waits = all.filter((verdict) => verdict.is === "wait");
  const eligible = partitions
    .filter((partition) => {
      const verdict = verdicts.get(partition);
      return verdict?.is === "wait" && verdict.eligible;
    })
    .map(keyOf);
  if (effects.length > 0) return { is: "act", effects, eligible };
  const [first] = waits;
  if (first !== undefined)
    return { is: "waiting", for: waits.length === 1 ? first.for : `${first.for}, and ${String(waits.length - 1)} more partitions`, eligible };
  const failed = all.filter((verdict) => verdict.is === "failed");
  if (failed.length > 0) return { is: "failed", why: failed.map(({ why }) => why) };
  const lagging = partitions.filter((partition) => verdicts.get(partition)?.is === "lagging");
  if (lagging.length > 0) return { is: "escalate", partitions: lagging };
  return { is: "done", proof: proofOf(params, notes, seen, verdicts) };
}

/** Fenced for its move, moved with its old leader not yet back, or asked for and not visible yet. */
function begun({ from, to }: MoveLeadersParams, notes: Notes, seen: Observation, partition: Partition): boolean {
  const view = seen.partitions.get(keyOf(partition));
  const leader = view === undefined ? null : leaderIn(view);
  if (view === undefined || leader === null) return false;
  if (ownOf(leader)?.mode === "follower") return true;
  const isThere = to === null ? leader.endpoint !== from : leader.endpoint === to;
  if (isThere && view.replicas.some(({ leads, alive }) => leads && !alive)) return true;
  const note = notes[keyOf(partition)];
  return (
    note !== undefined &&
    seen.now - note.sentAt < appearsWithinMs &&
    !seen.operations.some((operation) => operation.op_id > note.after && concerns(partition, operation))
  );
}

/** The nameserver works on one operation at a time in each of its queues, and a partition's queue is its number modulo the concurrency; additions of replicas share the first one (facts 2.8). */
class Queues {
  readonly #concurrency: number;
  readonly #busy = new Set<number>();
  constructor(concurrency: number, { operations }: Pick<Observation, "operations">) {
    this.#concurrency = Math.max(1, concurrency);
    for (const operation of operations) if (isActive(operation)) this.take(operation.op_type === "kAddReplicaOP" ? { pid: 0 } : operation);
  }
  free({ pid }: Pick<Partition, "pid">): boolean {
    return !this.#busy.has(pid % this.#concurrency);
  }
  take({ pid }: Pick<Partition, "pid">): void {
    this.#busy.add(pid % this.#concurrency);
  }
}

function leadersOf(seen: Observation): Map<string, number> {
  const load = new Map<string, number>();
  for (const view of seen.partitions.values()) {
    const leader = leaderIn(view);
    if (leader !== null) load.set(leader.endpoint, (load.get(leader.endpoint) ?? 0) + 1);
  }
  return load;
}

function proofOf({ fence }: MoveLeadersParams, notes: Notes, seen: Observation, verdicts: ReadonlyMap<Partition, Verdict>): MovesProof {
  const leftBehind: LeftBehind[] = [];
  const alarms: string[] = [];
  const moved = [...verdicts].flatMap(([partition, verdict]) => {
    const note = notes[keyOf(partition)];
    if (verdict.is === "leftBehind")
      leftBehind.push({ partition: nameOf(partition), tid: partition.tid, pid: partition.pid, on: verdict.on, why: verdict.why });
    if (verdict.is !== "moved" || note === undefined) return [];
    if (note.proof === null) {
      alarms.push(`${nameOf(partition)}: its old leader ${note.from} was recovered before its last offset was compared, and not by this run`);
      return [];
    }
    const dropped = seen.operations.find(
      (each) => each.op_id > note.after && each.op_type === "kReAddReplicaWithDropOP" && concerns(partition, each),
    );
    if (dropped !== undefined && fence !== "none" && note.proof.lost === 0)
      alarms.push(
        `${nameOf(partition)}: operation ${String(dropped.op_id)} (kReAddReplicaWithDropOP) dropped the old leader's data: the nameserver took it for diverged`,
      );
    return [note.proof];
  });
  return { moved, leftBehind, alarms };
}
