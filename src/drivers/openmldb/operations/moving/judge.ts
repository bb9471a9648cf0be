// One partition on its way to another leader: what comes next for it. Pure. The protocol is that of facts 4.2.
import { nameOf, type MoveLeadersParams, type Partition } from "../../steps.ts";
import type { Note, MoveProof } from "./notes.ts";
import { queuedAtMostMs } from "./stuck.ts";
import {
  concerns,
  isActive,
  keyOf,
  leaderIn,
  ownOf,
  replicaOn,
  type Observation,
  type OperationView,
  type PartitionView,
  type ReplicaView,
} from "./observation.ts";

/** The operation of a request that was answered shows up in the nameserver's list within that time, in milliseconds, or there is none. */
export const appearsWithinMs = 2_000;
/** How often a change of leader is asked for again, and a fence set again, before it is given up. */
export const changesAtMost = 3;
export const fencesAtMost = 6;
export const recoveriesAtMost = 3;

export type Effect =
  /** ChangeRole to follower: only that partition refuses writes; its replication stops. */
  | { readonly do: "fence"; readonly key: string; readonly on: string }
  /** ChangeRole to leader, in the term that it has. */
  | { readonly do: "giveBack"; readonly key: string; readonly on: string; readonly followers: readonly string[] }
  /** ChangeRole to follower of one that does not lead any more: it accepts no more writes. */
  | { readonly do: "demote"; readonly key: string; readonly on: string }
  | {
      readonly do: "changeLeader";
      readonly key: string;
      readonly from: string;
      /** An endpoint, or `auto`. */
      readonly to: string;
      readonly frozen: number | null;
      readonly candidate: number | null;
    }
  /** Only into the journal: it stands there before RecoverTable is sent. */
  | { readonly do: "note"; readonly key: string; readonly proof: MoveProof }
  | { readonly do: "recoverTable"; readonly key: string; readonly on: string }
  /** Of an operation that nobody works on any more, or of one of ours that does not get its turn. */
  | { readonly do: "cancelOp"; readonly key: string; readonly operation: number };

export type Verdict =
  /** Led where it should be, and its old leader follows. */
  | { readonly is: "moved" }
  | { readonly is: "gone" }
  | { readonly is: "leftBehind"; readonly on: string; readonly why: string }
  /** Its follower never has everything for a moment: it needs a fence that lets replication go on. */
  | { readonly is: "lagging" }
  | { readonly is: "failed"; readonly why: string }
  /** `begins`: it takes a slot of the nameserver's tasks; everything else goes on with what was begun. */
  | { readonly is: "act"; readonly effect: Effect; readonly begins: boolean }
  /** `eligible`: it would begin if only its follower had everything. */
  | { readonly is: "wait"; readonly for: string; readonly eligible?: true };

/** What only this process knows; a crash forgets it, and nothing but time is lost. */
export interface Watching {
  /** The offset on that tablet has been the same over two looks, far enough apart for a request that was under way. */
  stable(endpoint: string, key: string): boolean;
  /** It could have begun for long, and its follower never had everything. */
  lags(key: string): boolean;
  /** Since this process began. */
  tries(key: string, what: "changeLeader" | "fence" | "recoverTable"): number;
  /** Nobody works on that operation any more. */
  stuck(operation: OperationView): boolean;
}
export interface Situation {
  readonly params: MoveLeadersParams;
  readonly seen: Observation;
  readonly watching: Watching;
  /** Leaders by endpoint, those included that are on their way. */
  readonly load: ReadonlyMap<string, number>;
  /** Whether a new move may begin in the queue of this partition. */
  mayBegin(partition: Partition): boolean;
  /** Somebody else's operation stands in the queue of this partition: what is asked for now waits until it ends. */
  readonly crowded: (partition: Partition) => boolean;
}

const wait = (what: string): Verdict => ({ is: "wait", for: what });
const go = (effect: Effect): Verdict => ({ is: "act", effect, begins: false });

export const activeOn = ({ operations }: Observation, partition: Partition): OperationView | null =>
  operations.find((operation) => isActive(operation) && concerns(partition, operation)) ?? null;

/** Of the operations that came after a request of ours: the newest of that type. */
const ours = ({ operations }: Observation, partition: Partition, note: Note, type: string): OperationView | null =>
  operations.findLast((operation) => operation.op_id > note.after && operation.op_type === type && concerns(partition, operation)) ?? null;

export function judge(situation: Situation, partition: Partition, note: Note | null): Verdict {
  const { seen, params } = situation;
  const view = seen.partitions.get(keyOf(partition));
  if (view === undefined) return { is: "gone" };
  const active = activeOn(seen, partition);
  if (active !== null) return besides(situation, view, active, note);
  const leader = leaderIn(view);
  if (leader === null) return wait(`${nameOf(partition)} to have a leader that is alive`);
  const there = params.to === null ? leader.endpoint !== params.from && !params.avoid.includes(leader.endpoint) : leader.endpoint === params.to;
  return there ? rejoin(situation, view, leader, note) : leave(situation, view, leader, note);
}

/** Operations of a move itself, ours or not: a leader that gets its role back in the middle of one would be a second one. */
const moving: ReadonlySet<string> = new Set(["kChangeLeaderOP", "kRecoverTableOP"]);
export const isMoving = ({ op_type }: Pick<OperationView, "op_type">): boolean => moving.has(op_type) || op_type.startsWith("kReAddReplica");

/** An operation is under way on it. A partition does not stay fenced for as long as somebody else's takes. */
function besides({ seen, watching, crowded }: Situation, view: PartitionView, active: OperationView, note: Note | null): Verdict {
  const { partition } = view;
  const key = keyOf(partition);
  const isOurs = note?.sent === "changeLeader" && active.op_type === "kChangeLeaderOP" && active.op_id > note.after;
  const waitsInVain = isOurs && active.status === "kInited" && seen.now - note.sentAt >= queuedAtMostMs && crowded(partition);
  if (watching.stuck(active) || waitsInVain) return go({ do: "cancelOp", key, operation: active.op_id });
  const back = givenBackBesides(view, active);
  return back === null ? wait(`${active.op_type} ${String(active.op_id)} of ${nameOf(partition)}`) : go({ do: "giveBack", key, ...back });
}

/** Of a partition that is fenced while an operation is under way that moves nothing. Null: the operation is waited for. */
export function givenBackBesides(view: PartitionView, active: OperationView): { readonly on: string; readonly followers: readonly string[] } | null {
  const leader = leaderIn(view);
  const others = view.replicas.filter((replica) => replica !== leader);
  const fenced = ownOf(leader)?.mode === "follower" && others.every((each) => ownOf(each)?.mode !== "leader");
  if (leader === null || !fenced || isMoving(active)) return null;
  // A replica that is being added is loaded and not alive yet: it must not be left out.
  const followers = others.filter((each) => !each.leads && (each.alive || ownOf(each) !== null)).map(({ endpoint }) => endpoint);
  return { on: leader.endpoint, followers };
}

// ------------------------------------------------------------------------------------------------ it leads where it should

function rejoin({ seen, params, watching }: Situation, view: PartitionView, leader: ReplicaView, note: Note | null): Verdict {
  const { partition } = view;
  const key = keyOf(partition);
  // After a change two rows say leader, and the dead one is the old one.
  const old =
    view.replicas.find((replica) => replica !== leader && replica.leads && !replica.alive) ??
    [note?.from, params.from].map((endpoint) => (endpoint == null ? null : replicaOn(view, endpoint))).find((each) => each != null && !each.alive) ??
    null;
  if (old === null) return { is: "moved" };
  const [own, now] = [ownOf(old), ownOf(leader)];
  if (old.own === "unknown") return wait(`${old.endpoint} to answer`);
  if (own === null) return { is: "leftBehind", on: old.endpoint, why: "it has not loaded the partition, so its offset is not known" };
  if (now === null || now.mode !== "leader") return wait(`${leader.endpoint} to lead ${nameOf(partition)}`);
  if (own.mode === "leader") return go({ do: "demote", key, on: old.endpoint });
  if (!watching.stable(old.endpoint, key)) return wait(`the last offset of ${nameOf(partition)} on ${old.endpoint}`);
  if (view.term === null) return { is: "leftBehind", on: old.endpoint, why: "no term_offset says where the new leader began" };
  const { term, offset: began } = view.term;
  const lost = own.offset - (began - 1);
  const frozen = note?.frozen ?? null;
  const fits = lost === 0 && now.offset >= own.offset && (frozen === null || frozen === own.offset);
  if (!fits && params.fence !== "none")
    return {
      is: "leftBehind",
      on: old.endpoint,
      why: `it ends at offset ${String(own.offset)}${frozen === null || frozen === own.offset ? "" : `, and did at ${String(frozen)} when it was fenced`}; ${leader.endpoint} began at ${String(began)} in term ${String(term)}, and is at ${String(now.offset)}`,
    };
  if (note?.sent === "recoverTable" && seen.now - note.sentAt < appearsWithinMs && ours(seen, partition, note, "kRecoverTableOP") === null)
    return wait(`RecoverTable of ${nameOf(partition)} to appear`);
  if (note?.proof == null || note.proof.term !== term || note.proof.oldLeader !== own.offset) {
    const { fence } = params;
    const proof: MoveProof = {
      partition: nameOf(partition),
      tid: partition.tid,
      pid: partition.pid,
      from: old.endpoint,
      to: leader.endpoint,
      fence,
      term,
      began,
      frozen,
      oldLeader: own.offset,
      candidate: note?.candidate ?? null,
      lost: Math.max(0, lost),
    };
    return go({ do: "note", key, proof });
  }
  // The operation of a tablet that is not registered fails at once.
  for (const { endpoint, healthy } of [old, leader]) if (!healthy) return wait(`${endpoint} to be registered`);
  if (watching.tries(key, "recoverTable") >= recoveriesAtMost)
    return {
      is: "failed",
      why: `RecoverTable of ${nameOf(partition)} on ${old.endpoint} failed ${String(recoveriesAtMost)} times: ${lastFailure(seen, partition)}`,
    };
  return go({ do: "recoverTable", key, on: old.endpoint });
}

// ------------------------------------------------------------------------------------------------ it still leads where it should not

function leave(situation: Situation, view: PartitionView, leader: ReplicaView, note: Note | null): Verdict {
  const { seen, params, watching } = situation;
  const { partition } = view;
  const [key, own] = [keyOf(partition), ownOf(leader)];
  if (leader.own === "unknown") return wait(`${leader.endpoint} to answer`);
  if (own === null) return wait(`${leader.endpoint} to load ${nameOf(partition)}`);
  if (!own.normal) return wait(`${nameOf(partition)} on ${leader.endpoint} to be kTableNormal`);
  if (note?.sent === "changeLeader" && seen.now - note.sentAt < appearsWithinMs && ours(seen, partition, note, "kChangeLeaderOP") === null)
    return wait(`ChangeLeader of ${nameOf(partition)} to appear`);

  const usurper = view.replicas.find((replica) => replica !== leader && ownOf(replica)?.mode === "leader");
  if (usurper !== undefined) return halfWay(situation, view, leader, usurper);

  const followers = view.replicas.filter((replica) => replica !== leader && replica.alive);
  const candidate = bestOf(situation, followers);
  const fenced = own.mode === "follower";
  const giveBack = go({ do: "giveBack", key, on: leader.endpoint, followers: followers.map(({ endpoint }) => endpoint) });
  if (watching.tries(key, "changeLeader") >= changesAtMost)
    return fenced
      ? giveBack
      : { is: "failed", why: `ChangeLeader of ${nameOf(partition)} failed ${String(changesAtMost)} times: ${lastFailure(seen, partition)}` };
  if (candidate === null) return fenced ? giveBack : wait(noCandidate(params, view, leader));
  const behind = own.offset - candidate.own.offset;
  // The two were read one after the other, so only at rest does it say something.
  if (behind < 0 && (!watching.stable(leader.endpoint, key) || !watching.stable(candidate.endpoint, key)))
    return wait(`the offsets of ${nameOf(partition)} to be read at rest`);
  if (behind < 0)
    return {
      is: "failed",
      why: `${nameOf(partition)}: the follower ${candidate.endpoint} is at offset ${String(candidate.own.offset)}, its leader ${leader.endpoint} at ${String(own.offset)}: a change would make them diverge unseen`,
    };
  const change = (to: string): Effect => ({
    do: "changeLeader",
    key,
    from: leader.endpoint,
    to,
    frozen: params.fence === "none" ? null : own.offset,
    candidate: candidate.own.offset,
  });

  if (fenced) {
    if (!watching.stable(leader.endpoint, key)) return wait(`the last offset of ${nameOf(partition)} on ${leader.endpoint}`);
    // A write slipped in before the fence: it can only be replicated with the role given back.
    return behind > 0 || situation.crowded(partition) ? giveBack : go(change(candidate.endpoint));
  }
  if (!situation.mayBegin(partition)) return wait(`its place among ${String(params.concurrency)} operations at a time`);
  switch (params.fence) {
    case "none":
      return { is: "act", effect: change(params.to ?? "auto"), begins: true };
    case "partition":
      if (watching.tries(key, "fence") >= fencesAtMost || watching.lags(key)) return { is: "lagging" };
      if (behind > 0) return { is: "wait", for: lag(partition, candidate, behind), eligible: true };
      return { is: "act", effect: { do: "fence", key, on: leader.endpoint }, begins: true };
    case "tablet":
    case "hook":
      if (params.fence === "tablet" && !seen.writeFenced.has(leader.endpoint)) return wait(`the fence of ${leader.endpoint}`);
      if (behind > 0) return wait(lag(partition, candidate, behind));
      if (!watching.stable(leader.endpoint, key)) return wait(`the last offset of ${nameOf(partition)} on ${leader.endpoint}`);
      // SetMode is lifted by the nameserver whenever a tablet comes or goes (facts 4.2), also between this look and the change: the partition's own fence is not.
      return { is: "act", effect: params.fence === "tablet" ? { do: "fence", key, on: leader.endpoint } : change(candidate.endpoint), begins: true };
  }
}

const lag = (partition: Partition, candidate: ReplicaView, behind: number): string =>
  `${candidate.endpoint} to catch up on ${nameOf(partition)}: ${String(behind)} behind`;
const noCandidate = ({ to, avoid }: MoveLeadersParams, { partition, replicas }: PartitionView, leader: ReplicaView): string => {
  const others = replicas.filter((replica) => replica !== leader);
  const why = others.map(
    ({ endpoint, alive, healthy, own }) =>
      `${endpoint} ${avoid.includes(endpoint) ? "goes too" : !alive ? "is not alive" : !healthy ? "is offline" : typeof own === "string" ? `is ${own}` : "is loading"}`,
  );
  return `${to ?? "a follower"} to be able to lead ${nameOf(partition)}${why.length === 0 ? ": there is no other replica" : `: ${why.join(", ")}`}`;
};
const lastFailure = ({ operations }: Observation, partition: Partition): string => {
  const failed = operations.findLast((operation) => operation.status === "kFailed" && concerns(partition, operation));
  return failed === undefined ? "no operation was created" : `operation ${String(failed.op_id)} is kFailed (${failed.op_type})`;
};

/**
 * The nameserver has made a follower the leader and has not written it down: its operation died between the two. No client knows of that leader; with
 * nothing of its own it is made a follower again, and the change is asked for once more.
 */
function halfWay({ watching }: Situation, { partition }: PartitionView, leader: ReplicaView, usurper: ReplicaView): Verdict {
  const key = keyOf(partition);
  const [own, other] = [ownOf(leader), ownOf(usurper)];
  const both = `${usurper.endpoint} leads ${nameOf(partition)} by its own word, ${leader.endpoint} by the nameserver's`;
  if (!watching.stable(leader.endpoint, key) || !watching.stable(usurper.endpoint, key)) return wait(both);
  // Behind its fence the leader has all that the other could have been given, and may have more if it has none.
  return own !== null && other !== null && other.offset <= own.offset ? go({ do: "demote", key, on: usurper.endpoint }) : { is: "failed", why: both };
}

interface Candidate extends ReplicaView {
  readonly own: Exclude<ReplicaView["own"], string>;
}
/** Healthy, alive, loaded; the one with the highest offset, and of those that are equal the one that leads least. */
function bestOf({ params, load }: Situation, followers: readonly ReplicaView[]): Candidate | null {
  const able = followers.filter(
    (replica): replica is Candidate =>
      replica.healthy &&
      typeof replica.own !== "string" &&
      replica.own.normal &&
      replica.own.mode === "follower" &&
      (params.to === null ? !params.avoid.includes(replica.endpoint) : replica.endpoint === params.to),
  );
  const order = (a: Candidate, b: Candidate): number =>
    b.own.offset - a.own.offset || (load.get(a.endpoint) ?? 0) - (load.get(b.endpoint) ?? 0) || (a.endpoint < b.endpoint ? -1 : 1);
  return able.toSorted(order)[0] ?? null;
}
