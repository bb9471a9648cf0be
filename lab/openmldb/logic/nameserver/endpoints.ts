// What is done to every partition of one tablet: OfflineEndpoint and RecoverEndpoint, by an operator or by auto_failover (facts 2.5, 3.3).
import type { Context } from "./context.ts";
import { isAlive, leaderOf, type TableInfo } from "./metadata.ts";
import type { Operations } from "./operations.ts";
import { OFFLINE_LEADER_ENDPOINT } from "./recover-table-task.ts";

/**
 * kChangeLeaderOP; under the lock. `nobody`: no alive follower on a healthy tablet, so that nothing was created, and the caller says "ok" all the same.
 * `restoring`: the candidate counts as a follower before it is one.
 */
export async function createChangeLeader(
  context: Context,
  operations: Operations,
  table: TableInfo,
  pid: number,
  { candidate, restoring = false, concurrency }: { readonly candidate: string | null; readonly restoring?: boolean; readonly concurrency?: number },
): Promise<"ok" | "nobody" | "failed"> {
  const metas = table.table_partition.find((partition) => partition.pid === pid)?.partition_meta ?? [];
  const follower = metas.flatMap((meta) =>
    isAlive(meta) && !meta.is_leader && context.tablets.get(meta.endpoint)?.state === "kHealthy" ? [meta.endpoint] : [],
  );
  if (restoring && candidate !== null && !follower.includes(candidate)) follower.push(candidate);
  if (follower.length === 0) return "nobody";
  if (candidate !== null && !follower.includes(candidate)) return "failed";
  const created = await operations.create(
    { op_type: "kChangeLeaderOP", tid: table.tid, follower, candidate_leader: candidate, selected: null },
    { name: table.name, db: table.db, pid },
    concurrency === undefined ? {} : { concurrency },
  );
  return typeof created === "string" ? "failed" : "ok";
}

/** Works on live tablets too. Under the lock. */
export async function offlineEndpoint(context: Context, operations: Operations, endpoint: string, concurrency: number): Promise<void> {
  for (const table of context.catalog.all())
    for (const { pid, partition_meta: metas } of table.table_partition) {
      const meta = metas.find((one) => one.endpoint === endpoint);
      if (meta === undefined) continue;
      const target = { name: table.name, db: table.db, pid };
      if (metas.length === 1) {
        await operations.create({ op_type: "kUpdatePartitionStatusOP", endpoint, is_leader: true, is_alive: false }, target, { concurrency });
        continue;
      }
      const leader = leaderOf(table, pid);
      if (meta.is_leader || leader === null) {
        if (leader === null || leader === endpoint) await createChangeLeader(context, operations, table, pid, { candidate: null, concurrency });
      } else await operations.create({ op_type: "kOfflineReplicaOP", endpoint }, target, { concurrency });
    }
}

/** `restoring`: leaders come back to the tablet, and "recovered" means equal offsets. Under the lock. */
export async function recoverEndpoint(
  context: Context,
  operations: Operations,
  endpoint: string,
  { restoring, concurrency }: { readonly restoring: boolean; readonly concurrency: number },
): Promise<void> {
  const delta = context.flags.checkBinlogSyncProgressDelta;
  for (const table of context.catalog.all())
    for (const { pid, partition_meta: metas } of table.table_partition) {
      const meta = metas.find((one) => one.endpoint === endpoint);
      if (meta === undefined || (isAlive(meta) && metas.length > 1)) continue;
      const target = { name: table.name, db: table.db, pid };
      const leads = meta.is_leader;
      await operations.create({ op_type: "kRecoverTableOP", endpoint, is_leader: leads, offset_delta: restoring ? 0 : delta, concurrency }, target, {
        concurrency,
      });
      if (!restoring || !leads) continue;
      await createChangeLeader(context, operations, table, pid, { candidate: endpoint, restoring, concurrency });
      await operations.create(
        { op_type: "kRecoverTableOP", endpoint: OFFLINE_LEADER_ENDPOINT, is_leader: true, offset_delta: delta, concurrency },
        target,
        { concurrency },
      );
    }
}

/** Every replica on the tablet is marked, but for the last alive one of its partition. Under the lock. */
export async function markTablet(context: Context, endpoint: string, alive: boolean): Promise<void> {
  for (const table of context.catalog.all()) {
    let changed = false;
    for (const { partition_meta: metas } of table.table_partition) {
      if (!alive && metas.filter(isAlive).length === 1) continue;
      for (const meta of metas)
        if (meta.endpoint === endpoint) {
          meta.is_alive = alive;
          changed = true;
        }
    }
    if (changed && !(await context.store.writeTableWithoutNotice(table))) return;
  }
  await context.store.tellTablesChanged();
}
