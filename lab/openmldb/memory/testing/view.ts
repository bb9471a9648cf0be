import type { TablePartition } from "../../logic/nameserver/metadata.ts";
import type { MemoryCluster } from "../cluster.ts";

export interface OperationRow {
  readonly op_id: number;
  readonly op_type: string;
  readonly pid: number;
  readonly status: string;
  readonly task_type: string;
}

export async function operationsOf(cluster: MemoryCluster): Promise<readonly OperationRow[]> {
  const { op_status = [] } = await cluster.ask<{ readonly code: number; readonly op_status?: readonly OperationRow[] }>("ShowOPStatus");
  return op_status;
}

/** `TYPE STATUS`, by id. */
export const endsOf = async (cluster: MemoryCluster): Promise<readonly string[]> =>
  (await operationsOf(cluster)).map(({ op_type, status }) => `${op_type} ${status}`);

export async function quiet(cluster: MemoryCluster, withinMs = 300_000): Promise<void> {
  await cluster.until(
    "no operation is under way",
    async () => (await operationsOf(cluster)).every(({ status }) => status !== "kInited" && status !== "kDoing"),
    withinMs,
  );
}

export interface Placed {
  readonly tid: number;
  readonly leader: string;
  readonly followers: readonly string[];
  /** Tablets that hold nothing of it. */
  readonly others: readonly string[];
  readonly partition: TablePartition;
}

/** Partition 0 of test.t1. */
export async function placed(cluster: MemoryCluster): Promise<Placed> {
  const table = await cluster.table();
  const [partition] = table.table_partition;
  if (partition === undefined) throw new Error("no partition");
  const metas = partition.partition_meta;
  const leader = metas.find((meta) => meta.is_leader && meta.is_alive !== false)?.endpoint ?? "";
  const held = metas.map(({ endpoint }) => endpoint);
  return {
    tid: table.tid,
    leader,
    followers: held.filter((endpoint) => endpoint !== leader),
    others: cluster.of("tablet").flatMap(({ endpoint }) => (held.includes(endpoint) ? [] : [endpoint])),
    partition,
  };
}

/** Tasks in the order in which the nameservers ran them, of operations above that id. */
export const tasksRun = (cluster: MemoryCluster, above = 0): readonly string[] =>
  cluster.of("nameserver").flatMap(({ log }) =>
    log.flatMap((line) => {
      const run = /run task\. opid (\d+) op_type (\w+) task_type (\w+)/.exec(line);
      return run === null || Number(run[1]) <= above ? [] : [`${run[2] ?? ""} ${run[3] ?? ""}`];
    }),
  );
