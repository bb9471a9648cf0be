// Operations with real tablets of the lab: what they do, task by task, and what a nameserver that dies in the middle of one leaves to the next.
import { describe, expect, it } from "vitest";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "./cluster.ts";
import { endsOf, operationsOf, placed, quiet, tasksRun } from "./testing/view.ts";
import { Writer } from "./testing/writer.ts";

const P = { db: "test", name: "t1", pid: 0 };

async function inCluster(options: MemoryClusterOptions, work: (cluster: MemoryCluster, writer: Writer) => Promise<void>): Promise<void> {
  const cluster = await memoryCluster({ partitions: 1, replicas: 2, flags: { nameserver: { auto_failover: "false" } }, ...options });
  await cluster.world.run(
    (async () => {
      const writer = await Writer.connect(cluster);
      await writer.write(30);
      await cluster.settled();
      await work(cluster, writer);
      await quiet(cluster);
      expect(await writer.missing()).toEqual([]);
    })(),
  );
}
const of = (type: string, ...tasks: readonly string[]): readonly string[] => tasks.map((task) => `${type} k${task}`);

describe("operations, task by task", () => {
  it("AddReplicaNS, then DelReplicaNS", async () => {
    await inCluster({}, async (cluster) => {
      const { others, tid } = await placed(cluster);
      const endpoint = others[0] ?? "";
      await cluster.ask("AddReplicaNS", { ...P, endpoint });
      await cluster.settled();
      expect((await placed(cluster)).partition.partition_meta.find((meta) => meta.endpoint === endpoint)).toMatchObject({
        is_leader: false,
        is_alive: true,
      });
      expect((await cluster.replica(endpoint, tid, 0))?.offset).toBe(30);
      await cluster.ask("DelReplicaNS", { ...P, endpoint });
      await quiet(cluster);
      expect((await placed(cluster)).others).toEqual([endpoint]);
      expect(await cluster.replica(endpoint, tid, 0)).toBeNull();
      expect(tasksRun(cluster)).toEqual([
        ...of(
          "kAddReplicaOP",
          "PauseSnapshot",
          "SendSnapshot",
          "LoadTable",
          "AddReplica",
          "RecoverSnapshot",
          "AddTableInfo",
          "CheckBinlogSyncProgress",
          "UpdatePartitionStatus",
        ),
        ...of("kDelReplicaOP", "DelReplica", "DelTableInfo", "DropTable"),
      ]);
    });
  });

  it("Migrate takes a follower elsewhere", async () => {
    await inCluster({}, async (cluster) => {
      const { followers, others, tid } = await placed(cluster);
      const [src_endpoint = ""] = followers;
      const [des_endpoint = ""] = others;
      await cluster.ask("Migrate", { db: "test", name: "t1", pid: [0], src_endpoint, des_endpoint });
      await cluster.settled();
      expect(await placed(cluster)).toMatchObject({ followers: [des_endpoint], others: [src_endpoint] });
      expect(await cluster.replica(src_endpoint, tid, 0)).toBeNull();
      expect(tasksRun(cluster)).toEqual(
        of(
          "kMigrateOP",
          "PauseSnapshot",
          "SendSnapshot",
          "RecoverSnapshot",
          "LoadTable",
          "AddReplica",
          "AddTableInfo",
          "CheckBinlogSyncProgress",
          "DelReplica",
          "UpdateTableInfo",
          "DropTable",
        ),
      );
    });
  });

  it("OfflineEndpoint and RecoverEndpoint of a follower", async () => {
    await inCluster({}, async (cluster) => {
      const [endpoint = ""] = (await placed(cluster)).followers;
      await cluster.ask("OfflineEndpoint", { endpoint });
      await quiet(cluster);
      expect((await placed(cluster)).partition.partition_meta.find((meta) => meta.endpoint === endpoint)?.is_alive).toBe(false);
      await cluster.ask("RecoverEndpoint", { endpoint });
      await cluster.settled();
      const ofTable = (await operationsOf(cluster)).map(({ op_type }) => op_type);
      expect(ofTable).toContain("kOfflineReplicaOP");
      expect(ofTable).toContain("kReAddReplicaSimplifyOP");
      expect((await endsOf(cluster)).every((end) => end.endsWith("kDone"))).toBe(true);
    });
  });

  it("RecoverEndpoint with need_restore brings the leader back to its tablet", async () => {
    await inCluster({}, async (cluster) => {
      const { leader } = await placed(cluster);
      await cluster.ask("OfflineEndpoint", { endpoint: leader });
      await quiet(cluster);
      expect((await placed(cluster)).leader).not.toBe(leader);
      await cluster.ask("RecoverEndpoint", { endpoint: leader, need_restore: true });
      await cluster.settled();
      expect((await placed(cluster)).leader).toBe(leader);
      const types = (await operationsOf(cluster)).filter(({ pid }) => pid === 0).map(({ op_type }) => op_type);
      expect(types.filter((type) => type === "kChangeLeaderOP").length).toBeGreaterThanOrEqual(2);
    });
  });

  it("a single replica is loaded again where it lay: kReLoadTableOP", async () => {
    await inCluster({ replicas: 1 }, async (cluster) => {
      const { leader, tid } = await placed(cluster);
      const { name } = cluster.at(leader);
      await cluster.restart(name);
      expect(await cluster.replica(leader, tid, 0)).toBeNull();
      expect((await placed(cluster)).leader).toBe(leader);
      const before = (await operationsOf(cluster)).length;
      await cluster.ask("UpdateTableAliveStatus", { ...P, endpoint: leader, is_alive: false });
      await cluster.ask("RecoverTable", { ...P, endpoint: leader });
      await quiet(cluster);
      expect((await cluster.replica(leader, tid, 0))?.offset).toBe(30);
      expect(tasksRun(cluster, before)).toEqual([
        ...of("kRecoverTableOP", "RecoverTable"),
        ...of("kReLoadTableOP", "LoadTable", "UpdatePartitionStatus"),
      ]);
    });
  });

  it("a restarted follower without a snapshot is sent one", async () => {
    await inCluster({}, async (cluster) => {
      const [endpoint = ""] = (await placed(cluster)).followers;
      await cluster.restart(cluster.at(endpoint).name);
      await cluster.ask("UpdateTableAliveStatus", { ...P, endpoint, is_alive: false });
      await cluster.ask("RecoverTable", { ...P, endpoint });
      await quiet(cluster);
      expect(tasksRun(cluster)).toEqual([
        ...of("kRecoverTableOP", "DelReplica", "RecoverTable"),
        ...of(
          "kReAddReplicaOP",
          "PauseSnapshot",
          "SendSnapshot",
          "LoadTable",
          "AddReplica",
          "RecoverSnapshot",
          "CheckBinlogSyncProgress",
          "UpdatePartitionStatus",
        ),
      ]);
    });
  });
});

describe("a nameserver that dies in the middle of an operation", () => {
  const add = (cluster: MemoryCluster, endpoint: string): Promise<unknown> => cluster.ask("AddReplicaNS", { ...P, endpoint });
  /** Of the request: what the next nameserver finds was kDoing in it. */
  const dieBefore = async (cluster: MemoryCluster, task: string, begin: () => Promise<unknown>): Promise<void> => {
    cluster.nameserver("nameserver1").faults.add({ kind: "delay-task", task: task as "kLoadTable", ms: 60_000 });
    await begin();
    await cluster.until(`${task} is next`, async () => (await operationsOf(cluster)).some(({ task_type }) => task_type === task));
    cluster.kill("nameserver1");
    await cluster.until("the other nameserver leads", async () => (await cluster.leader()) === cluster.node("nameserver2").endpoint);
  };

  it.each(["kAddTableInfo", "kCheckBinlogSyncProgress", "kUpdatePartitionStatus"])(
    "%s is the nameserver's own: the next one does it, and the operation ends",
    async (task) => {
      await inCluster({}, async (cluster) => {
        const endpoint = (await placed(cluster)).others[0] ?? "";
        await dieBefore(cluster, task, () => add(cluster, endpoint));
        await cluster.settled();
        // Done, deleted in ZooKeeper, and known to the one that finished it.
        expect(await endsOf(cluster)).toEqual(["kAddReplicaOP kDone"]);
        expect((await placed(cluster)).partition.partition_meta).toHaveLength(3);
      });
    },
  );

  it.each(["kPauseSnapshot", "kSendSnapshot", "kLoadTable", "kAddReplica", "kRecoverSnapshot"])(
    "%s is a tablet's, and was never sent: the tablet does not know it, and the operation has failed",
    async (task) => {
      await inCluster({}, async (cluster) => {
        const endpoint = (await placed(cluster)).others[0] ?? "";
        await dieBefore(cluster, task, () => add(cluster, endpoint));
        await quiet(cluster);
        expect(await operationsOf(cluster)).toEqual([expect.objectContaining({ op_type: "kAddReplicaOP", status: "kFailed", task_type: task })]);
        expect(cluster.zookeeper.peekChildren("/openmldb/op/op_data")).toEqual(["1"]);
      });
    },
  );

  it("a tablet's task that was sent goes on, and the next nameserver polls it to its end", async () => {
    await inCluster({}, async (cluster) => {
      const endpoint = (await placed(cluster)).others[0] ?? "";
      cluster.durations.task = 15_000;
      await add(cluster, endpoint);
      await cluster.until("the table is being loaded", async () => (await operationsOf(cluster)).some(({ task_type }) => task_type === "kLoadTable"));
      await cluster.world.sleep(1_000);
      cluster.kill("nameserver1");
      await cluster.until("the other nameserver leads", async () => (await cluster.leader()) === cluster.node("nameserver2").endpoint);
      await cluster.settled();
      expect(await endsOf(cluster)).toEqual(["kAddReplicaOP kDone"]);
    });
  });

  it.each(["kSelectLeader", "kUpdateLeaderInfo"])("%s of a change of leader is done again", async (task) => {
    await inCluster({}, async (cluster) => {
      const { leader } = await placed(cluster);
      await dieBefore(cluster, task, () => cluster.ask("ChangeLeader", { ...P, candidate_leader: "auto" }));
      await quiet(cluster);
      expect(await endsOf(cluster)).toEqual(["kChangeLeaderOP kDone"]);
      const now = await placed(cluster);
      expect(now.leader).not.toBe(leader);
      expect(now.partition.term_offset).toHaveLength(2);
    });
  });

  it("kChangeLeader is taken for a tablet's task that nobody answers for: the operation is doing for ever, until it is canceled", async () => {
    await inCluster({}, async (cluster) => {
      const { leader } = await placed(cluster);
      await dieBefore(cluster, "kChangeLeader", () => cluster.ask("ChangeLeader", { ...P, candidate_leader: "auto" }));
      await cluster.world.sleep(600_000);
      expect(await operationsOf(cluster)).toEqual([expect.objectContaining({ op_id: 1, status: "kDoing", task_type: "kChangeLeader" })]);
      expect((await placed(cluster)).leader).toBe(leader);
      await cluster.ask("CancelOP", { op_id: 1 });
      await cluster.world.sleep(1_000);
      expect(await endsOf(cluster)).toEqual(["kChangeLeaderOP kCanceled"]);
    });
  });

  it("between the child of RecoverTable and the note that it is done: the child runs first, and the recovery finds nothing left to do", async () => {
    await inCluster({}, async (cluster) => {
      const [endpoint = ""] = (await placed(cluster)).followers;
      await cluster.ask("UpdateTableAliveStatus", { ...P, endpoint, is_alive: false });
      await cluster.ask("RecoverTable", { ...P, endpoint });
      while (cluster.zookeeper.peekChildren("/openmldb/op/op_data").length < 2) await cluster.world.sleep(1);
      cluster.kill("nameserver1");
      await cluster.until("the other nameserver leads", async () => (await cluster.leader()) === cluster.node("nameserver2").endpoint);
      await cluster.settled();
      expect(await endsOf(cluster)).toEqual(["kRecoverTableOP kDone", "kReAddReplicaSimplifyOP kDone"]);
    });
  });

  it("RecoverTable is done again, and has its one child", async () => {
    await inCluster({}, async (cluster) => {
      const { followers } = await placed(cluster);
      const [endpoint = ""] = followers;
      await cluster.ask("UpdateTableAliveStatus", { ...P, endpoint, is_alive: false });
      await dieBefore(cluster, "kRecoverTable", () => cluster.ask("RecoverTable", { ...P, endpoint }));
      await cluster.settled();
      expect(await endsOf(cluster)).toEqual(["kRecoverTableOP kDone", "kReAddReplicaSimplifyOP kDone"]);
    });
  });
});

describe("ZooKeeper and nameservers", () => {
  it("a nameserver that is cut off answers as leader beside its successor until it notices, and queues again when it is back", async () => {
    await inCluster({}, async (cluster) => {
      const [first, second] = cluster.of("nameserver").map(({ endpoint }) => endpoint) as [string, string];
      const code = async (endpoint: string): Promise<number | undefined> =>
        (await cluster.call<{ readonly code: number }>(endpoint, "NameServer/ShowTablet", {}))?.code;
      cluster.zookeeper.cut(first);
      await cluster.until("the other one leads", async () => (await code(second)) === 0);
      expect(await code(first)).toBe(0);
      await cluster.world.sleep(16_000);
      expect(await code(first)).toBe(300);
      cluster.zookeeper.heal(first);
      await cluster.world.sleep(20_000);
      expect([await code(first), await code(second)]).toEqual([300, 0]);
      cluster.kill("nameserver2");
      await cluster.until("the first one leads again", async () => (await code(first)) === 0);
    });
  });

  it("an operation ends only when every tablet that is registered has confirmed it: not while a dead one's session lives", async () => {
    await inCluster({}, async (cluster) => {
      const { others } = await placed(cluster);
      cluster.kill(cluster.at(others[0] ?? "").name);
      await cluster.ask("ChangeLeader", { ...P, candidate_leader: "auto" });
      await cluster.world.sleep(5_000);
      expect(await operationsOf(cluster)).toEqual([expect.objectContaining({ status: "kDoing", task_type: "-" })]);
      expect((await placed(cluster)).partition.term_offset).toHaveLength(2);
      await cluster.world.sleep(7_000);
      expect(await endsOf(cluster)).toEqual(["kChangeLeaderOP kDone"]);
    });
  });
});

describe("tablets that go and come (facts 3.3)", () => {
  it("auto_failover: a restarted tablet is taken off and recovered by itself, and leaders are not moved back", async () => {
    await inCluster({ flags: {} }, async (cluster) => {
      const { leader } = await placed(cluster);
      await cluster.restart(cluster.at(leader).name);
      await cluster.world.sleep(2_000);
      await cluster.settled();
      expect((await placed(cluster)).leader).not.toBe(leader);
      expect((await endsOf(cluster)).every((end) => end.endsWith("kDone"))).toBe(true);
    });
  });

  it("auto_failover off: nothing happens, and the metadata say alive of what is not loaded", async () => {
    await inCluster({}, async (cluster) => {
      const { leader, tid } = await placed(cluster);
      await cluster.restart(cluster.at(leader).name);
      await cluster.world.sleep(120_000);
      expect(await endsOf(cluster)).toEqual([]);
      const meta = (await placed(cluster)).partition.partition_meta.find(({ endpoint }) => endpoint === leader);
      expect(meta).toMatchObject({ is_leader: true, tablet_has_partition: false });
      expect(meta?.is_alive ?? true).toBe(true);
      expect(await cluster.replica(leader, tid, 0)).toBeNull();
      // As the vendor's page on backups has it.
      await cluster.ask("OfflineEndpoint", { endpoint: leader });
      await quiet(cluster);
      await cluster.ask("RecoverEndpoint", { endpoint: leader });
      await cluster.settled();
    });
  });

  it("a start inside the session time-out ends with exit code 1 (upstream 2439)", async () => {
    await inCluster({ flags: {} }, async (cluster) => {
      cluster.kill("tablet1");
      await cluster.world.sleep(3_000);
      cluster.start("tablet1");
      await cluster.world.sleep(3_000);
      expect(cluster.node("tablet1")).toMatchObject({ running: null, exitCode: 1 });
      await cluster.world.sleep(10_000);
      cluster.start("tablet1");
      await cluster.world.sleep(5_000);
      await cluster.settled();
    });
  });

  it("a tablet that this nameserver never saw is registered as new: nothing is recovered", async () => {
    await inCluster({ flags: {}, nameservers: 1, tablets: 3 }, async (cluster) => {
      const { followers, tid } = await placed(cluster);
      const [endpoint = ""] = followers;
      const { name } = cluster.at(endpoint);
      cluster.kill(name);
      await cluster.world.sleep(15_000);
      await cluster.restart("nameserver1");
      await cluster.until("it leads again", async () => (await cluster.leader()) !== null);
      cluster.start(name);
      await cluster.world.sleep(100_000);
      expect(await endsOf(cluster)).toEqual([]);
      expect(await cluster.replica(endpoint, tid, 0)).toBeNull();
    });
  });
});
