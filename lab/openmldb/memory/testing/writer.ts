import { NoReply } from "../../../kit/network.ts";
import { NoTabletLeads, Sdk, TabletRefused } from "../../logic/sdk/sdk.ts";
import type { MemoryCluster } from "../cluster.ts";

export interface Acknowledged {
  readonly key: string;
  readonly pid: number;
}

/** An application with the SDK: one row after the other, each with a key of its own, and a log of what was acknowledged. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  refused = 0;
  readonly #cluster: MemoryCluster;
  readonly #sdk: Sdk;
  #next = 0;
  #writing = false;

  private constructor(cluster: MemoryCluster, sdk: Sdk) {
    this.#cluster = cluster;
    this.#sdk = sdk;
  }

  static async connect(cluster: MemoryCluster): Promise<Writer> {
    const from = "127.0.0.1:2";
    const sdk = new Sdk({
      caller: { network: cluster.network, from, authorization: "sdefault", timeoutMs: 5_000 },
      clock: cluster.world,
      zookeeper: cluster.zookeeper.port(from),
      rootPath: "/openmldb",
      sessionTimeoutMs: 10_000,
      catalogRefreshMs: cluster.durations.catalogRefresh,
      log: () => undefined,
    });
    await sdk.connect();
    return new Writer(cluster, sdk);
  }

  /** Waits for each answer. */
  async write(rows: number): Promise<void> {
    for (let index = 0; index < rows; index += 1) await this.#one();
  }

  /** Until it is told to stop, a row every so many milliseconds. */
  begin(everyMs: number): void {
    this.#writing = true;
    const again = (): void => {
      if (!this.#writing) return;
      void this.#one();
      this.#cluster.world.after(everyMs, again);
    };
    again();
  }

  end(): void {
    this.#writing = false;
  }

  /** Acknowledged keys that no leader has. */
  async missing(db = "test", name = "t1"): Promise<readonly Acknowledged[]> {
    const table = await this.#cluster.table(db, name);
    const lost: Acknowledged[] = [];
    for (const { pid, partition_meta } of table.table_partition) {
      const leader = partition_meta.find((meta) => meta.is_leader && meta.is_alive !== false);
      if (leader === undefined) throw new Error(`partition ${String(pid)} has no leader`);
      const rows = await this.#cluster.rows(leader.endpoint, table.tid, pid);
      if (rows === null) throw new Error(`${leader.endpoint} does not answer for partition ${String(pid)}`);
      lost.push(...this.acknowledged.filter((row) => row.pid === pid && !rows.has(row.key)));
    }
    return lost;
  }

  async #one(): Promise<void> {
    const table = this.#sdk.catalog.find("test", "t1");
    if (table === null) throw new Error("the catalog has no table test.t1");
    this.#next += 1;
    const key = `row-${String(this.#next)}`;
    try {
      await this.#sdk.put(table, key, JSON.stringify([key, "v"]), this.#cluster.world.now());
      this.acknowledged.push({ key, pid: this.#sdk.partition(table, key) });
    } catch (error) {
      if (!(error instanceof TabletRefused || error instanceof NoTabletLeads || error instanceof NoReply)) throw error;
      this.refused += 1;
    }
  }
}
