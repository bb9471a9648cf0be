// recovertable of what is sick, and of nothing else; many partitions at a time.
import type { Acting, Look } from "../../../../model/driver.ts";
import { Refused, StillwaterError } from "../../../../model/errors.ts";
import { operation } from "../../../../planner/kit.ts";
import type { OmCluster } from "../../cluster.ts";
import type { Step } from "../../../../model/step.ts";
import { keptRowsOf } from "./keep-rows.ts";
import type { OmFacts } from "../../facts.ts";
import { withReplicasOf } from "../../prediction.ts";
import { effectTimeoutMs } from "../../rpc.ts";
import { nameOf, steps, type RecoverOverParams, type RecoverReplicasParams } from "../../steps.ts";
import { Goals } from "../goals.ts";
import { appearsWithinMs } from "../moving/judge.ts";
import { termToLead } from "../moving/move-leaders.ts";
import { concerns, isActive, keyOf, observe, ownOf, type Observation } from "../moving/observation.ts";
import { recovery, soughtIn, type Recovery, type Sought } from "./judge.ts";

const triesAtMost = 3;
/** What the nameserver or the tablet does afterwards, and may fail at each time it is asked. */
const mayFail: ReadonlySet<Recovery["is"]> = new Set<Recovery["is"]>(["recoverTable", "loadTable", "elect"]);
type Effect = Exclude<Recovery, { readonly is: "well" | "wait" | "diverged" }>;
const isEffect = (each: Recovery): each is Effect => each.is !== "well" && each.is !== "wait" && each.is !== "diverged";

/** When RecoverTable was last asked for, ms since 1970, by `ENDPOINT TID/PID`. */
type Asked = { readonly [replica: string]: { readonly at: number; readonly after: number } };
const placeOf = ({ view, replica }: Sought): string => `${replica.endpoint} ${keyOf(view.partition)}`;

async function send(cluster: OmCluster, { view, replica }: Sought, effect: Effect, context: Acting): Promise<void> {
  const { nameserver } = cluster.rpc;
  const { partition, storage } = view;
  const { endpoint } = replica;
  switch (effect.is) {
    case "markDead":
    case "markAlive":
      return context.send(null, async (fence) => nameserver.updateTableAlive(fence, partition, endpoint, effect.is === "markAlive"));
    case "recoverTable":
      return context.send(null, async (fence) => nameserver.recoverTable(fence, partition, endpoint));
    case "demote":
      return context.send(null, async (fence) => cluster.rpc.tablet(endpoint).changeRole(fence, partition, { mode: "kTableFollower" }));
    case "elect":
      return context.send(null, async (fence) => nameserver.changeLeader(fence, partition, null));
    case "loadTable":
      return context.send(null, async (fence) =>
        cluster.rpc.tablet(endpoint).loadTable(fence, {
          name: partition.name,
          tid: partition.tid,
          pid: partition.pid,
          storage: storage === "kUnknown" ? "kMemory" : storage,
        }),
      );
    case "recoverSnapshot":
      return context.send(null, async (fence) => cluster.rpc.tablet(endpoint).recoverSnapshot(fence, partition));
    case "giveBack": {
      const term = await termToLead(cluster, partition, endpoint, effect.followers);
      return context.send(null, async (fence) =>
        cluster.rpc.tablet(endpoint).changeRole(fence, partition, { mode: "kTableLeader", term, replicas: effect.followers }),
      );
    }
  }
}

interface Judged {
  readonly sought: Sought;
  readonly is: Recovery;
}
interface Verdicts {
  readonly seen: Observation;
  readonly all: readonly Judged[];
  /** What may be sent now: of each queue of the nameserver not more than it works off soon. */
  readonly now: readonly { readonly sought: Sought; readonly effect: Effect }[];
  readonly failed: readonly string[];
  /** Partitions of `failed`: what else there is of them waits in vain. */
  readonly given: ReadonlySet<string>;
}

export const recoverReplicasOperation = (cluster: OmCluster) => {
  const goals = new Goals();
  const tries = new Map<string, number>();

  async function judgeAll({ endpoint, partitions, concurrency }: RecoverReplicasParams, asked: Asked): Promise<Verdicts> {
    const seen = await observe(cluster.rpc, cluster.now());
    const all = soughtIn(seen, endpoint, partitions).map((sought): Judged => {
      const place = placeOf(sought);
      const is = recovery(seen, sought, (offset) => goals.of(place, offset), false);
      if (!sought.replica.alive) goals.forget(place);
      const last = asked[place];
      const invisible =
        last !== undefined &&
        seen.now - last.at < appearsWithinMs &&
        !seen.operations.some((each) => each.op_id > last.after && concerns(sought.view.partition, each));
      if (isEffect(is) && invisible) return { sought, is: { is: "wait", for: `what was asked for on ${nameOf(sought.view.partition)} to appear` } };
      return { sought, is };
    });
    const queued = new Map<number, number>();
    const queueOf = (pid: number): number => pid % Math.max(1, concurrency);
    for (const each of seen.operations) if (isActive(each)) queued.set(queueOf(each.pid), (queued.get(queueOf(each.pid)) ?? 0) + 1);
    const touched = new Set<string>();
    const failed: string[] = [];
    const given = new Set<string>();
    const now = all.flatMap(({ sought, is }) => {
      if (!isEffect(is)) return [];
      const { partition } = sought.view;
      if ((tries.get(placeOf(sought)) ?? 0) >= triesAtMost) {
        failed.push(`${nameOf(partition)} on ${sought.replica.endpoint} did not come back: ${failureOf(seen, sought)}`);
        given.add(keyOf(partition));
        return [];
      }
      // One thing at a time for a partition: what is right for one replica may depend on what became of another.
      if (touched.has(keyOf(partition))) return [];
      if (is.is === "recoverTable" || is.is === "elect") {
        const queue = queueOf(partition.pid);
        if ((queued.get(queue) ?? 0) >= 2) return [];
        queued.set(queue, (queued.get(queue) ?? 0) + 1);
      }
      touched.add(keyOf(partition));
      return [{ sought, effect: is }];
    });
    return { seen, all, now, failed, given };
  }

  return operation<OmFacts, RecoverReplicasParams, null, Asked>("recoverReplicas", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look(params, { receipt }): Promise<Look> {
      const { all, now, failed, given } = await judgeAll(params, receipt ?? {});
      if (now.length > 0) return { is: "open", why: `${String(now.length)} replicas to be recovered` };
      const waiting = all.filter(({ sought, is }) => is.is === "wait" && !given.has(keyOf(sought.view.partition)));
      const diverged = all.filter(({ is }) => is.is === "diverged");
      // A replica that its own divergence keeps away is no reason to wait for it.
      const first = waiting.at(0)?.is;
      if (first?.is === "wait")
        return { is: "waiting", for: waiting.length === 1 ? first.for : `${first.for}, and ${String(waiting.length - 1)} more replicas` };
      if (failed.length > 0) return { is: "open", why: failed.join("; ") };
      if (all.some(({ is }) => isEffect(is))) return { is: "waiting", for: "the nameserver's queues" };
      if (diverged.length > 0)
        return {
          is: "expand",
          // First what can be kept of them, then the question.
          into: diverged.flatMap(({ sought, is }, index) => asking(cluster, overOf(sought, is), String(index))),
        };
      return { is: "done", proof: { replicas: all.length } };
    },
    async act(params, { receipt }, context) {
      const asked = receipt ?? {};
      const { seen, now, failed } = await judgeAll(params, asked);
      if (now.length === 0 && failed.length > 0) throw new StillwaterError("SW2106", failed[0] ?? "", { why: failed });
      const after = seen.operations.at(-1)?.op_id ?? 0;
      const answers = await Promise.all(
        now.map(async ({ sought, effect }): Promise<StillwaterError | null> => {
          if (mayFail.has(effect.is)) tries.set(placeOf(sought), (tries.get(placeOf(sought)) ?? 0) + 1);
          try {
            await send(cluster, sought, effect, context);
            return null;
          } catch (error) {
            if (error instanceof StillwaterError) return error;
            throw error;
          }
        }),
      );
      const lost = answers.find((answer) => answer !== null && !(answer instanceof Refused));
      if (lost !== undefined && lost !== null) throw lost;
      const refused = answers.find((answer) => answer !== null);
      if (refused !== undefined && refused !== null && answers.every((answer) => answer !== null)) throw refused;
      const next: Record<string, Asked[string]> = { ...asked };
      now.forEach(({ sought, effect }, index) => {
        // A demotion likewise: a write that had passed its check is there by then.
        if (answers[index] === null && (effect.is === "recoverTable" || effect.is === "elect" || effect.is === "demote"))
          next[placeOf(sought)] = { at: seen.now, after };
      });
      return next;
    },
  });
};

const failureOf = ({ operations }: Observation, { view }: Sought): string => {
  const last = operations.findLast((each) => each.status === "kFailed" && concerns(view.partition, each));
  return last === undefined
    ? `asked ${String(triesAtMost)} times, and no operation failed`
    : `operation ${String(last.op_id)} (${last.op_type}) is kFailed`;
};
const overOf = ({ view, replica }: Sought, is: Recovery): RecoverOverParams => ({
  ...view.partition,
  endpoint: replica.endpoint,
  offset: is.is === "diverged" ? is.offset : 0,
  leaderBegan: is.is === "diverged" ? is.leaderBegan : 0,
});

function asking(cluster: OmCluster, over: RecoverOverParams, index: string): readonly Step[] {
  const node = cluster.at(over.endpoint);
  if (node === null) return [steps.recoverOver(`recover over ${index}`, over)];
  const { db, name, tid, pid, offset, leaderBegan } = over;
  const directory = keptRowsOf(node, over);
  return [
    steps.keepRows(`keep rows ${index}`, { node: node.name, db, name, tid, pid, offset, leaderBegan, directory }),
    steps.recoverOver(`recover over ${index}`, { ...over, kept: `${node.host.name}:${directory}` }),
  ];
}

/** What the walk of a plan takes for granted after `recoverReplicas` of a tablet: a condition of its own, because an act that is predicted costs a whole observation. */
export const recoveredOperation = (cluster: OmCluster) =>
  operation<OmFacts, Pick<RecoverReplicasParams, "endpoint">>("recovered", {
    async look({ endpoint }): Promise<Look> {
      const seen = await observe(cluster.rpc, cluster.now());
      // A recovery of the whole cluster cannot bring back what lives on a tablet that does not run.
      const sought = soughtIn(seen, endpoint, null);
      // Of every tablet: what lies on one that does not run comes back with its process, and the gate behind this step names that tablet.
      const able = endpoint === null ? sought.filter(({ replica }) => replica.healthy) : sought;
      // A tablet that does not answer is no proof that it has loaded anything.
      const sick = able.filter(({ replica }) => !replica.alive || ownOf(replica)?.normal !== true);
      const [first] = sick;
      if (first !== undefined) return { is: "waiting", for: `${nameOf(first.view.partition)} on ${first.replica.endpoint} to be alive and loaded` };
      return { is: "done" };
    },
    predict: (facts, { endpoint }) =>
      endpoint === null
        ? Object.values(facts.structure.nodes).reduce(
            (after, node) => (node.role === "tablet" ? withReplicasOf(after, node.endpoint, true) : after),
            facts,
          )
        : withReplicasOf(facts, endpoint, true),
  });

/** It was accepted that rows up to an offset are dropped, and it has more: nobody has said that of these. Null: it has not. */
function beyond({ offset, ...partition }: RecoverOverParams, { view, replica }: Sought): Extract<Look, { is: "unclear" }> | null {
  const own = ownOf(replica);
  if (replica.alive || own === null || own.offset <= offset) return null;
  const named = `${nameOf(partition)} on ${replica.endpoint}`;
  return {
    is: "unclear",
    known: [
      `${named} ends at offset ${String(own.offset)}, and was accepted up to ${String(offset)}`,
      `its leader began at ${String(view.term?.offset ?? 0)}`,
    ],
    unknown: ["whether the rows that it has taken since may be dropped too"],
  };
}

/** A person has accepted that the rows which only this replica has are dropped. */
export const recoverOverOperation = (cluster: OmCluster) => {
  const goals = new Goals();
  const find = async (params: RecoverOverParams): Promise<{ readonly seen: Observation; readonly sought: Sought; readonly is: Recovery } | null> => {
    const seen = await observe(cluster.rpc, cluster.now());
    const [sought] = soughtIn(seen, params.endpoint, [params]);
    if (sought === undefined) return null;
    return { seen, sought, is: recovery(seen, sought, (offset) => goals.of(placeOf(sought), offset), true) };
  };
  return operation<OmFacts, RecoverOverParams, null, { readonly at: number }>("recoverOver", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look(params, { receipt }): Promise<Look> {
      const found = await find(params);
      if (found === null) return { is: "done", proof: "the replica is gone" };
      if (found.is.is === "well") return { is: "done", proof: { dropped: { on: params.endpoint, from: params.leaderBegan, to: params.offset } } };
      if (found.is.is === "wait") return { is: "waiting", for: found.is.for };
      const more = beyond(params, found.sought);
      if (more !== null) return more;
      if (receipt !== null && found.seen.now - receipt.at < appearsWithinMs) return { is: "waiting", for: "its operation to appear" };
      return { is: "open" };
    },
    async act(params, _, context) {
      const found = await find(params);
      if (found === null || !isEffect(found.is) || beyond(params, found.sought) !== null) return { at: 0 };
      await send(cluster, found.sought, found.is, context);
      // Marking it dead is no operation: RecoverTable may follow at once.
      return { at: found.is.is === "recoverTable" || found.is.is === "demote" ? found.seen.now : 0 };
    },
  });
};
