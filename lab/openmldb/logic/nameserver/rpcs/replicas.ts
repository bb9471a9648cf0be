// Rpcs that ask for an operation on replicas. None of them says which operation it asked for (facts 2.5).
import type { Fields, Method } from "../../brpc.ts";
import { isHealthy, type Context } from "../context.ts";
import { createChangeLeader } from "../endpoints.ts";
import { isAlive, leaderOf, partitionOf, type TableInfo } from "../metadata.ts";
import type { CreateFailure, Operations } from "../operations.ts";
import { OK, type Refusal } from "../tables.ts";
import { leads, leadsByHand } from "./leads.ts";

const FAILURES: Readonly<Record<CreateFailure, Refusal>> = {
  "set-zk-failed": { code: 304, msg: "set zk failed" },
  "create-op-failed": { code: 305, msg: "create op failed" },
  "add-op-data-failed": { code: 306, msg: "add op data failed" },
};
const NO_TABLE: Refusal = { code: 100, msg: "table does not exist" };
const NOT_HEALTHY: Refusal = { code: 303, msg: "tablet is not healthy" };

interface Named {
  readonly name: string;
  readonly db?: string;
}
interface Replica extends Named {
  readonly pid?: number;
  readonly pid_group?: readonly number[];
  readonly endpoint: string;
}
const NAMED: Fields = { name: "string" };
const REPLICA: Fields = { name: "string", endpoint: "string" };
const GROUP: Fields = { db: "string", pid: "number", pid_group: "list" };

export function replicas(context: Context, operations: Operations): Readonly<Record<string, Method>> {
  const { catalog, lock } = context;
  const pids = ({ pid = 0, pid_group = [] }: Replica): readonly number[] =>
    pid_group.length > 0 ? [...new Set(pid_group)].toSorted((a, b) => a - b) : [pid];
  return {
    ChangeLeader: leadsByHand(
      context,
      { ...NAMED, pid: "number" },
      { db: "string", candidate_leader: "string" },
      (request: Named & { readonly pid: number; readonly candidate_leader?: string }) => lock.run(() => changeLeader(request)),
    ),
    RecoverTable: leadsByHand(
      context,
      { ...REPLICA, pid: "number" },
      { db: "string" },
      (request: Named & { readonly pid: number; readonly endpoint: string }) => lock.run(() => recoverTable(request)),
    ),
    AddReplicaNS: leads(context, REPLICA, GROUP, (request: Replica) => lock.run(() => addReplica(request))),
    DelReplicaNS: leads(context, REPLICA, GROUP, (request: Replica) => lock.run(() => delReplica(request))),
    Migrate: leadsByHand(
      context,
      { ...NAMED, src_endpoint: "string", des_endpoint: "string" },
      { db: "string", pid: "list" },
      (request: Named & { readonly src_endpoint: string; readonly des_endpoint: string; readonly pid?: readonly number[] }) =>
        lock.run(() => migrate(request)),
    ),
    MakeSnapshotNS: leads(context, { ...NAMED, pid: "number" }, { db: "string" }, ({ name, db = "", pid }: Named & { readonly pid: number }) =>
      lock.run(async () => {
        if (catalog.find(db, name) === null) return NO_TABLE;
        return ended(await operations.create({ op_type: "kMakeSnapshotOP" }, { name, db, pid }));
      }),
    ),
    UpdateTableAliveStatus: leadsByHand(
      context,
      { ...REPLICA, is_alive: "boolean" },
      { db: "string", pid: "number" },
      (request: Named & { readonly endpoint: string; readonly pid?: number; readonly is_alive: boolean }) => lock.run(() => updateAlive(request)),
    ),
  };

  async function changeLeader({
    name,
    db = "",
    pid,
    candidate_leader: candidate,
  }: Named & { readonly pid: number; readonly candidate_leader?: string }): Promise<Refusal> {
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    const partition = partitionOf(table, pid);
    if (partition === null) return { code: 308, msg: "pid does not exist" };
    const metas = partition.partition_meta;
    if (metas.length === 1) return { code: 134, msg: "no follower" };
    if (candidate === undefined && leaderOf(table, pid) !== null) return { code: 309, msg: "leader is alive" };
    if (!metas.some((meta) => isAlive(meta) && !meta.is_leader)) return { code: 310, msg: "no alive follower" };
    const created = await createChangeLeader(context, operations, table, pid, { candidate: candidate === "auto" ? null : (candidate ?? null) });
    return created === "failed" ? FAILURES["create-op-failed"] : OK;
  }

  async function recoverTable({ name, db = "", pid, endpoint }: Named & { readonly pid: number; readonly endpoint: string }): Promise<Refusal> {
    if (!context.tablets.has(endpoint)) return { code: 302, msg: "endpoint does not exist" };
    if (!isHealthy(context, endpoint)) return NOT_HEALTHY;
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    const meta = partitionOf(table, pid)?.partition_meta.find((one) => one.endpoint === endpoint);
    if (meta === undefined) return { code: 308, msg: "pid does not exist" };
    if (isAlive(meta)) return { code: 311, msg: "table is alive, need not recover" };
    const { checkBinlogSyncProgressDelta: offset_delta, taskConcurrency: concurrency } = context.flags;
    // That it could not be created is said to nobody.
    await operations.create(
      { op_type: "kRecoverTableOP", endpoint, is_leader: meta.is_leader, offset_delta, concurrency },
      { name, db, pid },
      { concurrency },
    );
    return OK;
  }

  async function addReplica(request: Replica): Promise<Refusal> {
    const { name, db = "", endpoint } = request;
    if (!isHealthy(context, endpoint)) return NOT_HEALTHY;
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    const group = pids(request);
    if (outside(table, group)) return { code: 307, msg: "invalid parameter" };
    const there = group.find((pid) => partitionOf(table, pid)?.partition_meta.some((meta) => meta.endpoint === endpoint));
    if (there !== undefined) return { code: 317, msg: `pid ${String(there)} is exist in ${endpoint}` };
    for (const pid of group) {
      const result = ended(await operations.create({ op_type: "kAddReplicaOP", endpoint }, { name, db, pid }, { concurrency: 1 }));
      if (result.code !== 0) return result;
    }
    return OK;
  }

  async function delReplica(request: Replica): Promise<Refusal> {
    const { name, db = "", endpoint } = request;
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    if (!isHealthy(context, endpoint)) return NOT_HEALTHY;
    const group = pids(request);
    if (outside(table, group)) return { code: 307, msg: "max pid is greater than partition size" };
    for (const pid of group) {
      const meta = partitionOf(table, pid)?.partition_meta.find((one) => one.endpoint === endpoint);
      if (meta === undefined) return { code: 308, msg: `pid ${String(pid)} is not in ${endpoint}` };
      // An old leader that is not alive is marked as leader, too: it cannot be deleted before it is recovered.
      if (meta.is_leader) return { code: 102, msg: `can not del leader. pid ${String(pid)} endpoint ${endpoint}` };
    }
    for (const pid of group)
      if (typeof (await operations.create({ op_type: "kDelReplicaOP", endpoint }, { name, db, pid })) === "string")
        return FAILURES["create-op-failed"];
    return OK;
  }

  async function migrate({
    name,
    db = "",
    src_endpoint,
    des_endpoint,
    pid: group = [],
  }: Named & { readonly src_endpoint: string; readonly des_endpoint: string; readonly pid?: readonly number[] }): Promise<Refusal> {
    if (!isHealthy(context, src_endpoint)) return { code: 318, msg: "src_endpoint does not exist or not healthy" };
    if (!isHealthy(context, des_endpoint)) return { code: 319, msg: "des_endpoint does not exist or not healthy" };
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    const where = `name[${name}]`;
    for (const pid of group) {
      const alive = partitionOf(table, pid)?.partition_meta.filter(isAlive) ?? [];
      const leader = leaderOf(table, pid);
      const refuse = (msg: string): Refusal => ({ code: 320, msg });
      if (leader === null) return refuse(`leader endpoint is empty. ${where} pid[${String(pid)}]`);
      if (leader === src_endpoint) return refuse(`cannot migrate leader. ${where} pid[${String(pid)}]`);
      if (!isHealthy(context, leader)) return refuse(`leader[${leader}] is offline. ${where} pid[${String(pid)}]`);
      if (!alive.some(({ endpoint }) => endpoint === src_endpoint))
        return refuse(`src_endpoint[${src_endpoint}] has not partition[${String(pid)}]. ${where}`);
      if (alive.some(({ endpoint }) => endpoint === des_endpoint))
        return refuse(`partition[${String(pid)}] is already in des_endpoint[${des_endpoint}]. ${where}`);
    }
    for (const pid of group) await operations.create({ op_type: "kMigrateOP", src_endpoint, des_endpoint }, { name, db, pid });
    return OK;
  }

  async function updateAlive({
    name,
    db = "",
    endpoint,
    pid,
    is_alive,
  }: Named & { readonly endpoint: string; readonly pid?: number; readonly is_alive: boolean }): Promise<Refusal> {
    if (!context.tablets.has(endpoint)) return { code: 302, msg: "endpoint does not exist" };
    const table = catalog.find(db, name);
    if (table === null) return NO_TABLE;
    const copy = structuredClone(table);
    const meant = copy.table_partition
      .filter((partition) => pid === undefined || partition.pid === pid)
      .flatMap(({ partition_meta }) => partition_meta.filter((meta) => meta.endpoint === endpoint));
    if (meant.length === 0) return { code: 321, msg: "no pid has update" };
    for (const meta of meant) meta.is_alive = is_alive;
    if (!(await context.store.writeTable(copy))) return FAILURES["set-zk-failed"];
    table.table_partition = copy.table_partition;
    return OK;
  }
}

const ended = (created: object | CreateFailure): Refusal => (typeof created === "string" ? FAILURES[created] : OK);
const outside = (table: TableInfo, pids: readonly number[]): boolean => pids.some((pid) => pid > table.table_partition.length - 1);
