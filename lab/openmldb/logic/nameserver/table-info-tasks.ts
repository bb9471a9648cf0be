// Tasks of the nameserver itself that read or write the metadata of one partition.
import type { Context } from "./context.ts";
import type { TaskEnd } from "./leader-tasks.ts";
import { isAlive, partitionOf, type TableInfo, type TablePartition } from "./metadata.ts";
import type { Operation } from "./operation.ts";

type Change = (partition: TablePartition) => boolean;

/** Changes a copy, and keeps it when ZooKeeper has it. `told`: whoever watches tables hears of it. */
async function changed(context: Context, { info }: Operation, told: boolean, change: Change): Promise<TaskEnd> {
  return await context.lock.run(async () => {
    const table = context.catalog.find(info.db, info.name);
    if (table === null || !context.running) return "kFailed";
    const current = partitionOf(table, info.pid);
    if (current === null) return "kFailed";
    // Of the one partition: a table may have hundreds.
    const partition = structuredClone(current);
    if (!change(partition)) return "kFailed";
    const copy: TableInfo = { ...table, table_partition: table.table_partition.map((one) => (one === current ? partition : one)) };
    const written = told ? await context.store.writeTable(copy) : await context.store.writeTableWithoutNotice(copy);
    if (!written) return "kFailed";
    table.table_partition = copy.table_partition;
    return "kDone";
  });
}

export async function addTableInfo(context: Context, operation: Operation, replica: string): Promise<TaskEnd> {
  return await changed(context, operation, false, (partition) => {
    if (partition.partition_meta.some(({ endpoint }) => endpoint === replica)) return false;
    partition.partition_meta.push({ endpoint: replica, is_leader: false, is_alive: false });
    return true;
  });
}

export async function delTableInfo(context: Context, operation: Operation, replica: string): Promise<TaskEnd> {
  return await changed(context, operation, true, (partition) => {
    const rest = partition.partition_meta.filter(({ endpoint }) => endpoint !== replica);
    if (rest.length === partition.partition_meta.length) return false;
    partition.partition_meta = rest;
    return true;
  });
}

/** The end of a migration: the replica at `from` makes room for the one at `to`. */
export async function updateTableInfo(context: Context, operation: Operation, from: string, to: string): Promise<TaskEnd> {
  return await changed(context, operation, true, (partition) => {
    const source = partition.partition_meta.find(({ endpoint }) => endpoint === from);
    if (source === undefined) return false;
    const target = partition.partition_meta.find(({ endpoint }) => endpoint === to);
    if (target !== undefined) partition.partition_meta = partition.partition_meta.filter((meta) => meta !== source);
    const kept = target ?? source;
    kept.endpoint = to;
    kept.is_alive = true;
    kept.is_leader = false;
    return true;
  });
}

export async function updatePartitionStatus(
  context: Context,
  operation: Operation,
  { replica, is_leader, is_alive }: { readonly replica: string; readonly is_leader: boolean; readonly is_alive: boolean },
): Promise<TaskEnd> {
  return await changed(context, operation, true, (partition) => {
    const meta = partition.partition_meta.find(({ endpoint }) => endpoint === replica);
    if (meta === undefined) return false;
    meta.is_leader = is_leader;
    meta.is_alive = is_alive;
    return true;
  });
}

/** Done when the follower is at most `delta` entries behind, by offsets that are as old as the last poll; looked at again after each poll. */
export async function checkBinlogSyncProgress(
  context: Context,
  operation: Operation,
  { replica, delta, goesOn }: { readonly replica: string; readonly delta: number; readonly goesOn: () => boolean },
): Promise<TaskEnd> {
  const { name, db, pid } = operation.info;
  for (;;) {
    const verdict = await context.lock.run((): TaskEnd | "behind" => {
      const table = context.catalog.find(db, name);
      if (table === null) return "kFailed";
      const metas = partitionOf(table, pid)?.partition_meta ?? [];
      // A partition that a tablet did not report counts as synchronised: so it is in OpenMLDB.
      if (metas.length === 1 || metas.some(({ tablet_has_partition }) => tablet_has_partition === false)) return "kDone";
      const leader = metas.find((meta) => meta.is_leader && isAlive(meta))?.offset ?? 0;
      const follower = metas.find(({ endpoint }) => endpoint === replica)?.offset ?? 0;
      return leader <= follower + delta ? "kDone" : "behind";
    });
    if (verdict !== "behind") return verdict;
    await new Promise<void>((resolve) => {
      context.surroundings.clock.after(context.flags.getTableStatusInterval, resolve);
    });
    if (!goesOn()) return "kFailed";
  }
}
