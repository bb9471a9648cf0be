// A cluster of one table, as small as clients can be tried with: what its nameserver and tablets answer is written down here, nothing replicates.
import { MemoryDisk } from "../../../../kit/memory-disk.ts";
import { MemoryZooKeeper } from "../../../../kit/memory-zookeeper.ts";
import { VirtualNetwork } from "../../../../kit/virtual-network.ts";
import { VirtualWorld } from "../../../../kit/virtual.ts";
import type { ZooKeeperSession } from "../../../../kit/zookeeper.ts";
import { brpc, method } from "../../brpc.ts";
import type { Durations, Surroundings } from "../../node.ts";
import type { TableInfo, TablePartition } from "../../nameserver/metadata.ts";
import type { PutRequest } from "../../tablet-messages.ts";

export const DURATIONS: Durations = {
  roundTrip: 1,
  task: 10,
  rowsPerSecond: 1_000,
  replicationDelay: 1,
  replicationPerSecond: 1_000,
  catalogRefresh: 500,
};
export const ROOT = "/lab";
export const NAMESERVER = "10.0.0.1:7527";
export const TABLETS = ["10.0.0.2:10921", "10.0.0.3:10921"] as const;

interface Row {
  readonly key: string;
  readonly value: string;
  readonly ts: number;
  readonly offset: number;
}
export interface TabletDouble {
  /** What Put and Delete answer; 0: taken. */
  code: number;
  readonly rows: Map<number, Row[]>;
  statuses: readonly { readonly tid: number; readonly pid: number; readonly mode: string; readonly state: string }[];
  followers: readonly string[];
}

export class ClusterDouble {
  readonly world = new VirtualWorld({ seed: 7 });
  readonly network = new VirtualNetwork(this.world);
  readonly zookeeper = new MemoryZooKeeper(this.world);
  readonly tablets = new Map<string, TabletDouble>(TABLETS.map((endpoint) => [endpoint, { code: 0, rows: new Map(), statuses: [], followers: [] }]));
  readonly log: string[] = [];
  readonly exits: string[] = [];
  readonly databases: string[] = [];
  table: TableInfo | null = null;
  #session: ZooKeeperSession | null = null;

  surroundings(client: string): Surroundings {
    return {
      clock: this.world,
      network: this.network,
      zookeeper: this.zookeeper.port(client),
      disk: new MemoryDisk(),
      random: this.world.random,
      log: (level, line) => {
        this.log.push(`${level} ${line}`);
      },
      exit: (code, why) => {
        this.exits.push(`${code} ${why}`);
      },
    };
  }

  async up(): Promise<void> {
    this.#session = await this.zookeeper.port("nameserver").connect(10_000);
    for (const path of ["leader", "nodes", "map/names", "table/db_table_data"]) await this.#session.ensure(`${ROOT}/${path}`);
    await this.#session.ensure(`${ROOT}/table/notify`, "1");
    await this.#session.create(`${ROOT}/leader/lock_request`, NAMESERVER, { ephemeral: true, sequence: true });
    await this.network.listen(NAMESERVER, this.#nameserver());
    for (const [endpoint, tablet] of this.tablets) await this.network.listen(endpoint, this.#tablet(tablet));
  }

  /** Writes the table, and raises the counter that clients watch. */
  async publish(table: TableInfo): Promise<void> {
    this.table = table;
    const path = `${ROOT}/table/db_table_data/${table.tid}`;
    await this.#session?.ensure(path, "");
    await this.#session?.set(path, JSON.stringify(table));
    const notify = `${ROOT}/table/notify`;
    await this.#session?.set(notify, String(Number(await this.#session.get(notify)) + 1));
  }

  /** The other tablet leads every partition from now on, as UpdateLeaderInfo writes it. */
  async changeLeader(): Promise<void> {
    if (this.table === null) throw new Error("no table");
    const change = (partition: TablePartition): TablePartition => ({
      ...partition,
      partition_meta: partition.partition_meta.map((meta) => (meta.is_leader ? { ...meta, is_alive: false } : { ...meta, is_leader: true })),
    });
    await this.publish({ ...this.table, table_partition: this.table.table_partition.map(change) });
  }

  #nameserver(): ReturnType<typeof brpc> {
    const tablets = TABLETS.map((endpoint) => ({ endpoint, state: "kHealthy", age: 1_000 }));
    const methods = {
      ShowTablet: method({}, {}, () => ({ code: 0, msg: "ok", tablets })),
      ShowDatabase: method({}, {}, () => ({ code: 0, msg: "ok", db: this.databases })),
      ShowTable: method({}, {}, () => ({ code: 0, msg: "ok", table_info: this.table === null ? [] : [this.table] })),
      CreateDatabase: method({ db: "string" }, {}, ({ db }: { db: string }) => {
        this.databases.push(db);
        return { code: 0, msg: "ok" };
      }),
      CreateTable: method({ table_info: "message" }, {}, async ({ table_info }: { table_info: TableInfo }) => {
        await this.publish({ ...table_info, tid: 6, seg_cnt: 8, table_partition: partitionsOf(table_info.partition_num) });
        return { code: 0, msg: "ok" };
      }),
    };
    return brpc({ services: [{ name: "openmldb.nameserver.NameServer", methods }], authenticator: () => true, version: () => "0.9.2", status: true });
  }

  #tablet(tablet: TabletDouble): ReturnType<typeof brpc> {
    const of = (pid: number): Row[] => tablet.rows.get(pid) ?? [];
    const refused = (): { code: number; msg: string } => ({ code: tablet.code, msg: "table is follower" });
    const methods = {
      Put: method({ tid: "number", pid: "number" }, {}, ({ pid, key, value, ts }: PutRequest) => {
        if (tablet.code !== 0) return refused();
        tablet.rows.set(pid, [...of(pid), { key, value: value ?? "", ts, offset: of(pid).length + 1 }]);
        return { code: 0, msg: "ok" };
      }),
      Delete: method({ tid: "number", pid: "number" }, {}, ({ pid, key }: PutRequest) => {
        if (tablet.code !== 0) return refused();
        tablet.rows.set(
          pid,
          of(pid).filter((row) => row.key !== key),
        );
        return { code: 0, msg: "ok" };
      }),
      Scan: method({ tid: "number", pid: "number" }, {}, ({ pid }: { pid: number }) => ({ code: 0, msg: "ok", rows: of(pid) })),
      GetTableStatus: method({}, {}, () => ({ code: 0, msg: "ok", all_table_status: tablet.statuses })),
      GetTableFollower: method({ tid: "number", pid: "number" }, {}, () => ({
        code: tablet.followers.length === 0 ? 134 : 0,
        msg: "ok",
        follower_info: tablet.followers.map((endpoint) => ({ endpoint, offset: 0 })),
      })),
    };
    return brpc({ services: [{ name: "openmldb.api.TabletServer", methods }], authenticator: () => true, version: () => "0.9.2", status: true });
  }
}

/** The first tablet leads all of them. */
export const partitionsOf = (count: number): TablePartition[] =>
  Array.from({ length: count }, (_, pid) => ({
    pid,
    partition_meta: TABLETS.map((endpoint, i) => ({ endpoint, is_leader: i === 0 })),
    term_offset: [{ term: 1, offset: 0 }],
  }));
