// The vendor's way to empty a tablet: one operation after the other, each asked about every two seconds until it has ended, while writes go on.
import type { MemoryCluster } from "../lab/openmldb/memory/cluster.ts";
import type { TableInfo } from "../lab/openmldb/logic/nameserver/metadata.ts";

/** Of `WaitingOP` in the vendor's tool. */
const POLL_MS = 2_000;

interface Partition {
  readonly db: string;
  readonly name: string;
  readonly pid: number;
}
interface Operation {
  readonly op_id: number;
  readonly status: string;
}
interface Operations {
  readonly code: number;
  readonly op_status?: readonly Operation[];
}
const isActive = ({ status }: Operation): boolean => status === "kInited" || status === "kDoing";

/** The partitions of every table, hidden ones too, whose leader that tablet is. */
export async function whatIsLed(lab: MemoryCluster, endpoint: string): Promise<readonly Partition[]> {
  const { table_info = [] } = await lab.ask<{ readonly code: number; readonly table_info?: readonly TableInfo[] }>("ShowTable", { show_all: true });
  return table_info.flatMap(({ db, name, table_partition }) =>
    table_partition
      .filter(({ partition_meta }) => partition_meta.some((meta) => meta.endpoint === endpoint && meta.is_leader && meta.is_alive !== false))
      .map(({ pid }) => ({ db, name, pid })),
  );
}

/** `everyMs`: how often it is looked at. */
export async function operationsEnd(lab: MemoryCluster, everyMs: number): Promise<void> {
  while (((await lab.ask<Operations>("ShowOPStatus")).op_status ?? []).some(isActive)) await lab.world.sleep(everyMs);
}

async function waitForLast(lab: MemoryCluster, { db, name, pid }: Partition): Promise<void> {
  for (;;) {
    const { op_status = [] } = await lab.ask<Operations>("ShowOPStatus", { db, name, pid });
    const last = op_status.at(-1);
    if (last === undefined || !isActive(last)) return;
    await lab.world.sleep(POLL_MS);
  }
}

/** Returns how many operations it asked for. */
export async function preUpgrade(lab: MemoryCluster, endpoint: string): Promise<number> {
  await lab.ask("ConfSet", { conf: { key: "auto_failover", value: "false" } });
  const led = await whatIsLed(lab, endpoint);
  for (const partition of led) {
    await lab.ask("ChangeLeader", { ...partition, candidate_leader: "auto" });
    await waitForLast(lab, partition);
    await lab.ask("RecoverTable", { ...partition, endpoint });
    await waitForLast(lab, partition);
  }
  await lab.ask("ConfSet", { conf: { key: "auto_failover", value: "true" } });
  return 2 * led.length;
}
