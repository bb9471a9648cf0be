import { beforeEach, describe, expect, it } from "vitest";
import { MemoryDisk } from "../../../kit/memory-disk.ts";
import { MemoryZooKeeper } from "../../../kit/memory-zookeeper.ts";
import { VirtualNetwork } from "../../../kit/virtual-network.ts";
import { VirtualWorld } from "../../../kit/virtual.ts";
import type { TableInfo } from "./metadata.ts";
import { Nameserver } from "./nameserver.ts";
import { AgreeableTablet } from "./testing/agreeable-tablet.ts";

const [N1, N2] = ["127.0.0.1:7527", "127.0.0.1:7528"] as const;
const TABLETS = ["127.0.0.1:10921", "127.0.0.1:10922", "127.0.0.1:10923"] as const;

interface Answer {
  readonly code: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

describe("a nameserver among tablets that do whatever they are told", () => {
  let world: VirtualWorld;
  let network: VirtualNetwork;
  let zookeeper: MemoryZooKeeper;
  let tablets: readonly AgreeableTablet[];
  let exits: { readonly endpoint: string; readonly code: number; readonly why: string }[];
  let log: string[];

  const start = (endpoint: string, flags: Readonly<Record<string, string>> = {}): Nameserver => {
    const nameserver = new Nameserver(
      {
        role: "nameserver",
        endpoint,
        release: "0.9.2",
        directory: "/srv/nameserver",
        flags: { zk_session_timeout: "10000", tablet_heartbeat_timeout: "60000", system_table_replica_num: "2", ...flags },
        durations: { roundTrip: 1, task: 10, rowsPerSecond: 1, replicationDelay: 1, replicationPerSecond: 1, catalogRefresh: 1 },
      },
      {
        clock: world,
        network,
        zookeeper: zookeeper.port(endpoint),
        disk: new MemoryDisk(),
        random: () => world.random(),
        log: (_, line) => log.push(line),
        exit: (code, why) => exits.push({ endpoint, code, why }),
      },
    );
    void nameserver.start();
    return nameserver;
  };
  const ask = async (endpoint: string, method: string, request: object = {}): Promise<Answer> => {
    const headers = { authorization: "sdefault" };
    const call = network.call(
      "127.0.0.1:1",
      endpoint,
      { method: "POST", path: `/NameServer/${method}`, headers, body: JSON.stringify(request) },
      5_000,
    );
    const { status, body } = await world.run(call);
    return status === 200 ? (JSON.parse(body) as Answer) : { code: status, msg: body };
  };
  const addTablet = async (tablet: AgreeableTablet): Promise<void> => {
    await world.run(tablet.start(network, zookeeper.port(tablet.endpoint)));
  };
  const makeTable = async (replicas = 2, partitions = 1): Promise<TableInfo> => {
    await ask(N1, "CreateDatabase", { db: "test" });
    await ask(N1, "CreateTable", { table_info: { name: "t1", db: "test", partition_num: partitions, replica_num: replicas } });
    return await table();
  };
  const table = async (): Promise<TableInfo> => {
    const [found] = (await ask(N1, "ShowTable", { db: "test", name: "t1" }))["table_info"] as readonly TableInfo[];
    if (found === undefined) throw new Error("no table");
    return found;
  };

  beforeEach(async () => {
    world = new VirtualWorld();
    network = new VirtualNetwork(world);
    zookeeper = new MemoryZooKeeper(world, { roundTripMs: 1 });
    exits = [];
    log = [];
    tablets = TABLETS.map((endpoint) => new AgreeableTablet(endpoint));
  });

  it("leads when it holds the first lock, a standby answers 300", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(1_000);
    start(N2);
    await world.advance(5_000);
    expect(await ask(N1, "ShowTablet")).toMatchObject({
      code: 0,
      tablets: TABLETS.map((endpoint) => ({ endpoint, state: "kHealthy" })),
    });
    expect(await ask(N2, "ShowTablet")).toEqual({ code: 300, msg: "nameserver is not leader" });
  });

  it("exits with 1 when there are fewer tablets than a system table has replicas (upstream 3870)", async () => {
    const [first] = tablets;
    if (first !== undefined) await addTablet(first);
    start(N1);
    await world.advance(5_000);
    expect(exits).toEqual([{ endpoint: N1, code: 1, why: "tablet num 1 is less then system table replica num 2" }]);
    expect(network.isListening(N1)).toBe(false);
  });

  it("makes hidden databases that ShowDatabase does not list", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    await makeTable();
    expect(await ask(N1, "ShowDatabase")).toMatchObject({ db: ["test"] });
    const all = (await ask(N1, "ShowTable", { show_all: true }))["table_info"] as readonly TableInfo[];
    expect(all.map(({ db, name, replica_num }) => `${db}.${name} ${String(replica_num)}`)).toEqual([
      "INFORMATION_SCHEMA.DEPLOY_RESPONSE_TIME 2",
      "INFORMATION_SCHEMA.GLOBAL_VARIABLES 2",
      "__INTERNAL_DB.JOB_INFO 2",
      "__INTERNAL_DB.PRE_AGG_META_INFO 2",
      "__INTERNAL_DB.USER 2",
      "test.t1 2",
    ]);
    expect(zookeeper.peekChildren("/openmldb/db")).toContain("__PRE_AGG_DB");
  });

  it("refuses by hand what auto_failover does, and numbers its refusals", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1, { auto_failover: "true" });
    await world.advance(5_000);
    const [partition] = (await makeTable()).table_partition;
    const leader = partition?.partition_meta.find((meta) => meta.is_leader)?.endpoint ?? "";
    const follower = partition?.partition_meta.find((meta) => !meta.is_leader)?.endpoint ?? "";
    const elsewhere = TABLETS.find((endpoint) => endpoint !== leader && endpoint !== follower) ?? "";
    const on = { name: "t1", db: "test", pid: 0 };
    const refusedWhileOn: readonly (readonly [string, object])[] = [
      ["ChangeLeader", { ...on, candidate_leader: "auto" }],
      ["RecoverTable", { ...on, endpoint: follower }],
      ["OfflineEndpoint", { endpoint: leader }],
      ["RecoverEndpoint", { endpoint: leader }],
      ["Migrate", { name: "t1", db: "test", pid: [0], src_endpoint: follower, des_endpoint: elsewhere }],
      ["UpdateTableAliveStatus", { ...on, endpoint: follower, is_alive: false }],
      ["CancelOP", { op_id: 1 }],
      ["SetTablePartition", { name: "t1", db: "test", table_partition: partition }],
    ];
    for (const [method, request] of refusedWhileOn) expect(await ask(N1, method, request)).toEqual({ code: 301, msg: "auto_failover is enabled" });

    expect(await ask(N1, "ConfGet")).toEqual({ code: 0, msg: "ok", conf: { auto_failover: "true" } });
    await ask(N1, "ConfSet", { conf: { key: "auto_failover", value: "false" } });
    const refusals: readonly (readonly [string, object, number])[] = [
      ["ConfSet", { conf: { key: "colour", value: "blue" } }, 307],
      ["ChangeLeader", { ...on, name: "t2", candidate_leader: "auto" }, 100],
      ["ChangeLeader", { ...on, pid: 9, candidate_leader: "auto" }, 308],
      ["ChangeLeader", on, 309],
      ["ChangeLeader", { ...on, candidate_leader: elsewhere }, 305],
      ["RecoverTable", { ...on, endpoint: "127.0.0.1:9" }, 302],
      ["RecoverTable", { ...on, endpoint: follower }, 311],
      ["RecoverTable", { ...on, endpoint: elsewhere }, 308],
      ["AddReplicaNS", { ...on, endpoint: follower }, 317],
      ["AddReplicaNS", { ...on, pid: 9, endpoint: elsewhere }, 307],
      ["AddReplicaNS", { ...on, endpoint: "127.0.0.1:9" }, 303],
      ["DelReplicaNS", { ...on, endpoint: leader }, 102],
      ["DelReplicaNS", { ...on, endpoint: elsewhere }, 308],
      ["Migrate", { name: "t1", db: "test", pid: [0], src_endpoint: "127.0.0.1:9", des_endpoint: elsewhere }, 318],
      ["Migrate", { name: "t1", db: "test", pid: [0], src_endpoint: follower, des_endpoint: "127.0.0.1:9" }, 319],
      ["Migrate", { name: "t1", db: "test", pid: [0], src_endpoint: leader, des_endpoint: elsewhere }, 320],
      ["OfflineEndpoint", { endpoint: "127.0.0.1:9" }, 302],
      ["OfflineEndpoint", { endpoint: leader, concurrency: 9 }, 307],
      ["UpdateTableAliveStatus", { ...on, endpoint: elsewhere, is_alive: true }, 321],
      ["CancelOP", { op_id: 99 }, 312],
      ["CreateDatabase", { db: "test" }, 801],
      ["CreateTable", { table_info: { name: "t9", db: "nowhere" } }, 802],
      ["CreateTable", { table_info: { name: "t1", db: "test" } }, 101],
      ["DropTable", { name: "t9", db: "test" }, 100],
    ];
    for (const [method, request, code] of refusals)
      expect({ method, request, code: (await ask(N1, method, request)).code }).toEqual({ method, request, code });
    expect((await ask(N1, "ShowOPStatus"))["op_status"]).toBeUndefined();
    await ask(N1, "UpdateTableAliveStatus", { ...on, endpoint: follower, is_alive: false });
    expect(await ask(N1, "ChangeLeader", { ...on, candidate_leader: "auto" })).toMatchObject({ code: 310 });
  });

  it("a table with one replica has nobody to lead in its place: 134", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    await makeTable(1);
    expect(await ask(N1, "ChangeLeader", { name: "t1", db: "test", pid: 0, candidate_leader: "auto" })).toMatchObject({ code: 134 });
  });

  it("after a change of leader two rows say leader, the old one not alive, and the new term begins behind the largest offset", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    const before = await makeTable();
    for (const tablet of tablets) tablet.offset = 41;
    const leader = before.table_partition[0]?.partition_meta.find((meta) => meta.is_leader)?.endpoint ?? "";
    const follower = before.table_partition[0]?.partition_meta.find((meta) => !meta.is_leader)?.endpoint ?? "";
    expect(await ask(N1, "ChangeLeader", { name: "t1", db: "test", pid: 0, candidate_leader: "auto" })).toEqual({ code: 0, msg: "ok" });
    await world.advance(1_000);
    const [partition] = (await table()).table_partition;
    expect(partition?.partition_meta).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ endpoint: leader, is_leader: true, is_alive: false }),
        expect.objectContaining({ endpoint: follower, is_leader: true }),
      ]),
    );
    expect(partition?.term_offset).toEqual([
      { term: 1, offset: 0 },
      { term: 3, offset: 42 },
    ]);
    expect((await ask(N1, "ShowOPStatus", { db: "test", name: "t1", pid: 0 }))["op_status"]).toEqual([
      expect.objectContaining({ op_id: 1, op_type: "kChangeLeaderOP", status: "kDone", task_type: "-", pid: 0 }),
    ]);
    const asked = tablets.flatMap(({ calls }) => calls).filter(({ method }) => method === "AppendEntries" || method === "ChangeRole");
    expect(asked.map(({ to, method, request }) => ({ to, method, term: request["term"] }))).toEqual([
      { to: follower, method: "AppendEntries", term: 2 },
      { to: follower, method: "ChangeRole", term: 3 },
    ]);
  });

  it("operations of one queue wait for each other, another queue goes on; AddReplica has one queue for all", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    await makeTable(2, 4);
    for (const tablet of tablets) tablet.finishes = false;
    const holders = (await table()).table_partition.map(({ partition_meta }) => partition_meta.map(({ endpoint }) => endpoint));
    for (const [pid, held] of holders.entries())
      await ask(N1, "AddReplicaNS", { name: "t1", db: "test", pid, endpoint: TABLETS.find((endpoint) => !held.includes(endpoint)) });
    for (const pid of [0, 1, 2, 3]) await ask(N1, "MakeSnapshotNS", { name: "t1", db: "test", pid });
    await world.advance(5_000);
    const rows = (await ask(N1, "ShowOPStatus"))["op_status"] as readonly {
      readonly op_type: string;
      readonly pid: number;
      readonly status: string;
      readonly task_type: string;
    }[];
    expect(rows.map(({ op_type, pid, status, task_type }) => `${op_type} ${String(pid)} ${status} ${task_type}`)).toEqual([
      "kAddReplicaOP 0 kDoing kPauseSnapshot",
      "kAddReplicaOP 1 kInited -",
      "kAddReplicaOP 2 kInited -",
      "kAddReplicaOP 3 kInited -",
      "kMakeSnapshotOP 0 kInited -",
      "kMakeSnapshotOP 1 kDoing kMakeSnapshot",
      "kMakeSnapshotOP 2 kInited -",
      "kMakeSnapshotOP 3 kInited -",
    ]);
  });

  it("a task that was told to fail ends its operation, which stays in ZooKeeper and is there for the next leader; a done one is not", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    const first = start(N1);
    await world.advance(1_500);
    start(N2);
    await world.advance(5_000);
    await makeTable(3);
    first.faults.add({ kind: "fail-task", task: "kChangeLeader" });
    await ask(N1, "ChangeLeader", { name: "t1", db: "test", pid: 0, candidate_leader: "auto" });
    await world.advance(1_000);
    await ask(N1, "MakeSnapshotNS", { name: "t1", db: "test", pid: 0 });
    await world.advance(5_000);
    expect((await ask(N1, "ShowOPStatus"))["op_status"]).toEqual([
      expect.objectContaining({ op_type: "kChangeLeaderOP", status: "kFailed", task_type: "kChangeLeader" }),
      expect.objectContaining({ op_type: "kMakeSnapshotOP", status: "kDone" }),
    ]);
    expect(zookeeper.peekChildren("/openmldb/op/op_data")).toEqual(["1"]);
    first.kill();
    await world.advance(15_000);
    expect((await ask(N2, "ShowOPStatus"))["op_status"]).toEqual([expect.objectContaining({ op_id: 1, status: "kFailed" })]);
  });

  it("a nameserver that comes back at once leads by the lock of its dead process, and loses it when that one expires (upstream 2927)", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    const first = start(N1);
    await world.advance(1_500);
    start(N2);
    await world.advance(5_000);
    first.kill();
    await world.advance(500);
    start(N1);
    await world.advance(5_000);
    expect((await ask(N1, "ShowTablet")).code).toBe(0);
    expect((await ask(N2, "ShowTablet")).code).toBe(300);
    await world.advance(10_000);
    expect((await ask(N1, "ShowTablet")).code).toBe(300);
    expect((await ask(N2, "ShowTablet")).code).toBe(0);
  });

  it("an operation is canceled while it waits and while it runs", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    await makeTable();
    for (const tablet of tablets) tablet.finishes = false;
    await ask(N1, "MakeSnapshotNS", { name: "t1", db: "test", pid: 0 });
    await ask(N1, "MakeSnapshotNS", { name: "t1", db: "test", pid: 0 });
    await world.advance(3_000);
    expect((await ask(N1, "CancelOP", { op_id: 2 })).code).toBe(0);
    expect((await ask(N1, "CancelOP", { op_id: 1 })).code).toBe(0);
    await world.advance(3_000);
    expect((await ask(N1, "ShowOPStatus"))["op_status"]).toEqual([
      expect.objectContaining({ op_id: 1, status: "kCanceled" }),
      expect.objectContaining({ op_id: 2, status: "kCanceled" }),
    ]);
    expect(zookeeper.peekChildren("/openmldb/op/op_data")).toEqual([]);
  });

  it("every write fence of a tablet is gone when a tablet comes or goes", async () => {
    for (const tablet of tablets) await addTablet(tablet);
    start(N1);
    await world.advance(5_000);
    const unfenced = (): number =>
      tablets.filter(({ calls }) => calls.some(({ method, request }) => method === "SetMode" && request["follower"] === false)).length;
    expect(unfenced()).toBe(3);
    for (const tablet of tablets) tablet.calls.length = 0;
    zookeeper.expire(TABLETS[0]);
    await world.advance(1_000);
    expect(unfenced()).toBe(2);
  });
});
