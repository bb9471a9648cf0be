// The vendor's procedure as its tool does it (facts 1.5, 1.6): one operation at a time, polled every two seconds, writes going on.
import type { MemoryCluster } from "../../../lab/openmldb/memory/cluster.ts";

const POLL_MS = 2_000;

interface OpRow {
  readonly op_id: number;
  readonly status: string;
}
interface OpReply {
  readonly code: number;
  readonly op_status?: readonly OpRow[];
}
export interface VendorTable {
  readonly db: string;
  readonly name: string;
}

/** As `changeleader` and `recovertable` of the command: refusals are read in its output, everything else counts as done. */
export class VendorTool {
  readonly #cluster: MemoryCluster;
  readonly #table: VendorTable;
  /** Operations that ended as kFailed. */
  readonly failed: number[] = [];

  constructor(cluster: MemoryCluster, table: VendorTable) {
    this.#cluster = cluster;
    this.#table = table;
  }

  async autoFailover(value: boolean): Promise<void> {
    await this.#cluster.ask("ConfSet", { conf: { key: "auto_failover", value: String(value) } });
  }
  /** Of partitions whose leader is that tablet, as ShowTable has it. */
  async ledBy(endpoint: string): Promise<readonly number[]> {
    const { table_partition } = await this.#cluster.table(this.#table.db, this.#table.name);
    const leads = table_partition.filter(({ partition_meta }) =>
      partition_meta.some((meta) => meta.endpoint === endpoint && meta.is_leader && meta.is_alive !== false),
    );
    return leads.map(({ pid }) => pid);
  }
  /** False: the operation failed. */
  async changeLeader(pid: number, candidate: string): Promise<boolean> {
    await this.#cluster.ask("ChangeLeader", { ...this.#table, pid, candidate_leader: candidate });
    return this.#waitForLast(pid);
  }
  async recover(pid: number, endpoint: string): Promise<boolean> {
    await this.#cluster.ask("RecoverTable", { ...this.#table, pid, endpoint });
    return this.#waitForLast(pid);
  }
  /** The last row of `showopstatus`, whosever it is, until it is neither kInited nor kDoing. */
  async #waitForLast(pid: number): Promise<boolean> {
    for (;;) {
      const { op_status = [] } = await this.#cluster.ask<OpReply>("ShowOPStatus", { ...this.#table, pid });
      const last = op_status.at(-1);
      if (last?.status === "kFailed") {
        this.failed.push(last.op_id);
        return false;
      }
      if (last?.status !== "kDoing" && last?.status !== "kInited") return true;
      await this.#cluster.world.sleep(POLL_MS);
    }
  }

  async preUpgrade(endpoint: string): Promise<readonly number[]> {
    const moved = [...(await this.ledBy(endpoint))];
    for (const pid of moved) {
      if (!(await this.changeLeader(pid, "auto"))) return moved;
      await this.recover(pid, endpoint);
    }
    return moved;
  }
  async postUpgrade(endpoint: string, pids: readonly number[]): Promise<void> {
    for (const pid of pids) {
      const { table_partition } = await this.#cluster.table(this.#table.db, this.#table.name);
      const leader = table_partition.find((each) => each.pid === pid)?.partition_meta.find((meta) => meta.is_leader)?.endpoint;
      if (leader === undefined || leader === endpoint) continue;
      await this.changeLeader(pid, endpoint);
      await this.recover(pid, leader);
    }
  }
}
