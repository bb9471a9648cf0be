import { isHealthy, type Context } from "./context.ts";
import type { TaskEnd } from "./leader-tasks.ts";
import { isAlive, partitionOf, type TermOffset } from "./metadata.ts";
import type { Operation, OpWork } from "./operation.ts";
import type { Operations } from "./operations.ts";

/** In place of an endpoint: whichever leader is marked as not alive when the task runs. */
export const OFFLINE_LEADER_ENDPOINT = "OFFLINE_LEADER_ENDPOINT";

/** Whether the log of a replica is a beginning of the leader's: its term and offset against the history of terms (MatchTermOffset). */
export function matchesTermOffset(history: readonly TermOffset[], hasTable: boolean, term: number, offset: number): boolean {
  if (!hasTable && offset === 0) return false;
  // A term that was noted twice counts as it was noted first.
  const terms = [...new Map(history.toReversed().map((one) => [one.term, one.offset]))].toSorted(([a], [b]) => a - b);
  const at = terms.findIndex(([one]) => one === term);
  const start = terms[at]?.[1];
  if (start === undefined) return false;
  if (start > offset) return terms.at(-1)?.[1] === offset + 1;
  const next = terms[at + 1];
  return next === undefined || next[1] > offset;
}

interface Replicas {
  readonly tid: number;
  readonly storageMode: string;
  readonly endpoint: string;
  /** Null: the partition has this replica alone. */
  readonly leader: string | null;
  readonly history: readonly TermOffset[];
}

/** Demotes an old leader, looks how far its log fits the new leader's, and asks for the one operation that brings the replica back. */
export async function recoverTable(context: Context, operations: Operations, operation: Operation): Promise<TaskEnd> {
  const { surroundings, client, lock } = context;
  const { work, name, db, pid, op_id } = operation.info;
  if (work.op_type !== "kRecoverTableOP" || !context.running) return "kFailed";
  const fail = (why: string): TaskEnd => {
    surroundings.log("WARNING", `${why}. name ${name} pid ${String(pid)} op_id ${String(op_id)}`);
    return "kFailed";
  };
  const found = await lock.run(() => replicas(context, operation, work.endpoint));
  if ("end" in found) {
    surroundings.log("WARNING", `${found.why}. name ${name} pid ${String(pid)} op_id ${String(op_id)}`);
    return found.end;
  }
  const { tid, storageMode, endpoint, leader, history } = found;
  const child = async (work_: OpWork): Promise<void> => {
    await lock.run(() => operations.create(work_, { name, db, pid }, { concurrency: work.concurrency, parent: op_id }));
  };

  // The offset is read before the old leader is demoted: what it takes in between is not in it.
  const own = await client.termPair(endpoint, tid, pid, storageMode);
  if (own === null) return fail(`GetTermPair failed. endpoint ${endpoint}`);
  if (leader === null) {
    await child(
      own.has_table ? { op_type: "kUpdatePartitionStatusOP", endpoint, is_leader: true, is_alive: true } : { op_type: "kReLoadTableOP", endpoint },
    );
    return "kDone";
  }
  if (own.has_table && own.is_leader && !(await client.does(endpoint, "ChangeRole", { tid, pid, mode: "kTableFollower", term: 0 })))
    return fail(`change role failed. endpoint ${endpoint}`);
  if (!own.has_table && !(await client.does(endpoint, "DeleteBinlog", { tid, pid, storage_mode: storageMode })))
    return fail(`delete binlog failed. endpoint ${endpoint}`);
  const matches = matchesTermOffset(history, own.has_table, own.term, own.offset);
  const manifest = await client.manifest(leader, tid, pid, storageMode);
  if (manifest === null) return fail("get manifest failed");
  const usable = matches && own.offset >= manifest.offset;
  surroundings.log(
    "INFO",
    `offset ${String(own.offset)} manifest offset ${String(manifest.offset)} matches ${String(matches)}. name ${name} pid ${String(pid)}`,
  );
  const loaded = usable ? "kReAddReplicaSimplifyOP" : "kReAddReplicaWithDropOP";
  const notLoaded = usable ? "kReAddReplicaNoSendOP" : "kReAddReplicaOP";
  await child({ op_type: own.has_table ? loaded : notLoaded, endpoint, offset_delta: work.offset_delta });
  return "kDone";
}

const failed = (why: string): { readonly end: "kFailed"; readonly why: string } => ({ end: "kFailed", why });

function replicas(context: Context, { info }: Operation, asked: string): Replicas | { readonly end: TaskEnd; readonly why: string } {
  const table = context.catalog.find(info.db, info.name);
  const partition = table === null ? null : partitionOf(table, info.pid);
  if (table === null || partition === null) return failed("not found table in table_info map");
  let endpoint = asked;
  let leader: string | null = null;
  let mine = false;
  for (const meta of partition.partition_meta) {
    if (meta.is_leader && isAlive(meta)) {
      if (!isHealthy(context, meta.endpoint)) return failed(`leader endpoint ${meta.endpoint} is offline`);
      leader = meta.endpoint;
    } else if (meta.is_leader && endpoint === OFFLINE_LEADER_ENDPOINT) endpoint = meta.endpoint;
    if (meta.endpoint !== endpoint) continue;
    if (isAlive(meta)) return { end: "kDone", why: `endpoint ${endpoint} is alive, need not recover` };
    if (!isHealthy(context, endpoint)) return failed(`endpoint ${endpoint} is offline`);
    mine = true;
  }
  const alone = partition.partition_meta.length === 1;
  if (!mine || (!alone && leader === null)) return failed("not has tablet");
  return {
    tid: table.tid,
    storageMode: table.storage_mode,
    endpoint,
    leader: alone ? null : leader,
    history: structuredClone(partition.term_offset),
  };
}
