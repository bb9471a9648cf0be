// The three tasks of kChangeLeaderOP. None of them speaks to the old leader: it goes on acknowledging until it is recovered (facts 4.1).
import type { ChangeRoleRequest } from "../tablet-messages.ts";
import { isHealthy, type Context } from "./context.ts";
import { isAlive, leaderOf, partitionOf } from "./metadata.ts";
import type { ChangeLeader, Operation } from "./operation.ts";

export type TaskEnd = "kDone" | "kFailed";

const changeOf = ({ info }: Operation): ChangeLeader | null => (info.work.op_type === "kChangeLeaderOP" ? info.work : null);

/** Every alive follower takes a higher term; the new leader is one with the largest offset, or the candidate, whose offset nobody compares. */
export async function selectLeader(context: Context, operation: Operation): Promise<TaskEnd> {
  const { surroundings, store, client, catalog, faults } = context;
  const change = changeOf(operation);
  if (change === null) return "kFailed";
  const { name, db, pid, op_id } = operation.info;
  const fail = (why: string): TaskEnd => {
    surroundings.log("WARNING", `${why}. name ${name} pid ${String(pid)} op_id ${String(op_id)}`);
    return "kFailed";
  };
  const { tid, follower, candidate_leader: candidate } = change;
  if (candidate !== null && !follower.includes(candidate)) return fail(`candidate_leader ${candidate} is not follower`);
  const term = await context.lock.run(async () => {
    if (context.autoFailover) {
      const table = catalog.find(db, name);
      if (table === null) return fail("not found table in table_info map");
      if (leaderOf(table, pid) !== null) return fail("leader is alive, need not changeleader");
    }
    if (!(await store.write("table/term", String(context.term + 2)))) return fail("update leader id node failed");
    context.term += 2;
    return context.term - 1;
  });
  if (typeof term !== "number") return term;
  for (const endpoint of follower) if (!isHealthy(context, endpoint)) return fail(`endpoint ${endpoint} is offline`);
  const offsets: { readonly endpoint: string; readonly offset: number }[] = [];
  for (const endpoint of follower) {
    const offset = faults.failsFollowOfNoOne(endpoint) ? null : await client.followOfNoOne(endpoint, tid, pid, term);
    if (offset === null) return fail(`followOfNoOne failed. endpoint ${endpoint}`);
    surroundings.log("INFO", `FollowOfNoOne ok. term ${String(term)} offset ${String(offset)} name ${name} pid ${String(pid)} endpoint ${endpoint}`);
    offsets.push({ endpoint, offset });
  }
  const max = Math.max(...offsets.map(({ offset }) => offset));
  const first = offsets.filter(({ offset }) => offset === max);
  const leader = candidate ?? first[Math.floor(surroundings.random() * first.length)]?.endpoint;
  if (leader === undefined) return fail("no follower");
  operation.info.work = { op_type: "kChangeLeaderOP", ...change, selected: { leader, offset: max, term: term + 1 } };
  surroundings.log("INFO", `new leader is ${leader}. name ${name} pid ${String(pid)} offset ${String(max)}`);
  return "kDone";
}

/** From here on the new leader takes rows. */
export async function changeLeader(context: Context, operation: Operation): Promise<TaskEnd> {
  const change = changeOf(operation);
  if (change === null || change.selected === null) return "kFailed";
  const { leader, term } = change.selected;
  if (!isHealthy(context, leader)) {
    context.surroundings.log("WARNING", `endpoint ${leader} is offline`);
    return "kFailed";
  }
  const request: ChangeRoleRequest = {
    tid: change.tid,
    pid: operation.info.pid,
    mode: "kTableLeader",
    term,
    replicas: change.follower.filter((endpoint) => endpoint !== leader),
  };
  return (await context.client.does(leader, "ChangeRole", request)) ? "kDone" : "kFailed";
}

/** Two replicas are marked as leader afterwards: the old one, not alive, and the new one. */
export async function updateLeaderInfo(context: Context, operation: Operation): Promise<TaskEnd> {
  const change = changeOf(operation);
  if (change === null || change.selected === null) return "kFailed";
  const { leader, term, offset } = change.selected;
  const { name, db, pid } = operation.info;
  return await context.lock.run(async () => {
    const table = context.catalog.find(db, name);
    const partition = table === null ? null : partitionOf(table, pid);
    if (table === null || partition === null) return "kFailed";
    const old = partition.partition_meta.findLast((meta) => meta.is_leader && isAlive(meta));
    if (old !== undefined) old.is_alive = false;
    const next = partition.partition_meta.find((meta) => meta !== old && meta.endpoint === leader);
    if (next === undefined) return "kFailed";
    next.is_leader = true;
    partition.term_offset.push({ term, offset: offset + 1 });
    if (!(await context.store.writeTable(table))) return "kFailed";
    context.surroundings.log("INFO", `change leader success. name ${name} pid ${String(pid)} new leader ${leader}`);
    return "kDone";
  });
}
