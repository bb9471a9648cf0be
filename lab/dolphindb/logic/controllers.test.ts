import { expect, test } from "vitest";
import { text } from "../value.ts";
import { DIRECTORY, rowsOfTable, scalarOf, TestCluster, type TestClusterOptions } from "./testing.ts";

async function withCluster(options: TestClusterOptions, check: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await TestCluster.up(options);
  await cluster.run(check(cluster));
}
const follower = async (cluster: TestCluster): Promise<string> => {
  const leader = await cluster.leader();
  return cluster.of("controller").find(({ alias }) => alias !== leader)?.alias ?? "";
};
const answers = async (cluster: TestCluster, alias: string): Promise<boolean> => {
  const perf = rowsOfTable(await cluster.onLeader("getClusterPerf", [{ form: "scalar", type: "bool", value: true }]));
  return perf.some(({ name, state }) => name === alias && state === 1);
};

test("a controller with a damaged Raft log does not start; with its files set aside it takes everything from the leader", async () => {
  await withCluster({}, async (cluster) => {
    await cluster.createTable(4);
    await cluster.write("node1", 1, 0);
    const alias = await follower(cluster);
    await cluster.terminate(alias);
    const disk = cluster.disk(alias);
    const raft = `${DIRECTORY}/data/${alias}/raft`;
    const wal = disk.read(`${raft}/raftWAL1`) ?? "";
    disk.write(`${raft}/raftWAL1`, wal.slice(0, -5));
    cluster.start(alias);
    await cluster.world.sleep(2_000);
    expect(cluster.node(alias).exit?.why).toContain("S01011");
    disk.rename(raft, `${raft}.aside`);
    cluster.start(alias);
    await cluster.until("it follows", () => answers(cluster, alias));
    // It alone is left with the others' knowledge once it leads.
    const others = cluster.of("controller").filter((one) => one.alias !== alias);
    await cluster.terminate(others[0]?.alias ?? "");
    await cluster.settled();
    expect(await cluster.stored("node1")).toEqual([1]);
  });
});

test("deleting the Raft files of every controller loses all metadata", async () => {
  await withCluster({}, async (cluster) => {
    await cluster.createTable(4);
    await cluster.write("node1", 1, 0);
    for (const { alias } of cluster.of("controller")) {
      await cluster.terminate(alias);
      cluster.disk(alias).remove(`${DIRECTORY}/data/${alias}/raft`);
    }
    for (const { alias } of cluster.of("controller")) cluster.start(alias);
    await cluster.until("a controller leads", async () => (await cluster.leader()) !== null);
    await cluster.world.sleep(20_000);
    expect(await cluster.chunks()).toHaveLength(0);
    await expect(cluster.stored("node1")).rejects.toThrow("does not exist");
  });
});

test("with one of three controllers nobody leads, and nothing is written", async () => {
  await withCluster({}, async (cluster) => {
    await cluster.createTable(4);
    const [first, second] = cluster.of("controller");
    cluster.kill(first?.alias ?? "");
    cluster.kill(second?.alias ?? "");
    await cluster.world.sleep(60_000);
    expect(await cluster.leader()).toBeNull();
    await expect(cluster.write("node1", 1, 0)).rejects.toThrow(/^<Controller/);
  });
});

test("files of nodes and settings count for the first start only: later the Raft group owns them", async () => {
  await withCluster({}, async (cluster) => {
    for (const host of cluster.disks.values()) host.write(`${DIRECTORY}/config/cluster.cfg`, "newValuePartitionPolicy=fail\n");
    await cluster.terminate("node1");
    await cluster.onLeader("startDataNode", [text("node1")]);
    await cluster.until("initialised", () => cluster.allInitialised());
    expect(scalarOf(await cluster.call("node1", "getConfig", [text("newValuePartitionPolicy")]))).toBe("add");
    await cluster.onLeader("saveClusterNodesConfigs", [{ form: "vector", type: "string", items: ["newValuePartitionPolicy=skip"] }]);
    await cluster.terminate("node1");
    await cluster.onLeader("startDataNode", [text("10.0.0.1:8901")]);
    await cluster.until("initialised", () => cluster.allInitialised());
    expect(scalarOf(await cluster.call("node1", "getConfig", [text("newValuePartitionPolicy")]))).toBe("skip");
  });
});

test("[DD-9] an empty first line in cluster.nodes: the controller does not start", async () => {
  await withCluster({}, async (cluster) => {
    const alias = await follower(cluster);
    await cluster.terminate(alias);
    const path = `${DIRECTORY}/config/cluster.nodes`;
    cluster.disk(alias).write(path, `\n${cluster.disk(alias).read(path) ?? ""}`);
    cluster.start(alias);
    await cluster.world.sleep(1_000);
    expect(cluster.node(alias).exit).toEqual({ code: 1, why: "The input file is empty." });
  });
});

test("a port that is still bound: error code 98", async () => {
  await withCluster({}, async (cluster) => {
    cluster.start("agent1");
    await cluster.world.sleep(100);
    expect(cluster.node("agent1").log.at(-1)).toContain("Failed to bind the socket on port 8960 with error code 98");
  });
});

test("a data node cannot be started without its agent", async () => {
  await withCluster({}, async (cluster) => {
    await cluster.terminate("node1");
    await cluster.terminate("agent1");
    await expect(cluster.onLeader("startDataNode", [text("node1")])).rejects.toThrow("agent does not exist");
  });
});

test("functions and words differ from release to release", async () => {
  const bool = { form: "scalar", type: "bool", value: true } as const;
  await withCluster({ release: "2.00.6.1" }, async (cluster) => {
    await expect(cluster.onLeader("getClusterPerf", [bool])).rejects.toThrow("expects 0 argument");
    await expect(cluster.onLeader("triggerNodeReport", [text("node1")])).rejects.toThrow("S00015");
    expect(scalarOf(await cluster.call("node1", "version"))).toBe("2.00.6.1 2023.01.10");
  });
  await withCluster({ release: "3.00.4.3" }, async (cluster) => {
    expect(scalarOf(await cluster.call("node1", "version"))).toBe("3.00.4.3 2025.09.05 LINUX x86_64");
    // Asynchronous since 3.00.2: answered before it has stopped.
    await cluster.onLeader("stopDataNode", [text("node1")]);
    expect(cluster.node("node1").running).not.toBeNull();
  });
  await withCluster({ release: "2.00.9.5" }, async (cluster) => {
    await cluster.onLeader("stopDataNode", [text("node1")]);
    expect((await cluster.states()).find(({ alias }) => alias === "node1")?.state).toBe(0);
  });
});

test("up to 2.00.7 a node that stopped is believed alive until its heartbeats are missed", async () => {
  await withCluster({ release: "2.00.7.4" }, async (cluster) => {
    await cluster.terminate("node1");
    const state = async (): Promise<number | undefined> => (await cluster.states()).find(({ alias }) => alias === "node1")?.state;
    expect(await state()).toBe(1);
    await cluster.world.sleep(10_000);
    expect(await state()).toBe(0);
  });
});

test("with lanCluster=0 a follower of 3.00.3 does not end", async () => {
  await withCluster({ release: "3.00.3.1", controllerSettings: { lanCluster: "0" } }, async (cluster) => {
    const alias = await follower(cluster);
    cluster.node(alias).running?.terminate();
    await cluster.world.sleep(60_000);
    expect(cluster.node(alias).running).not.toBeNull();
  });
});

test("an old follower cannot read what a new leader of another major writes", async () => {
  await withCluster({ release: "2.00.13.1" }, async (cluster) => {
    // Two of three, so that one of them leads; whoever is old follows nobody.
    const [old, ...others] = cluster.of("controller");
    for (const { alias, host } of others) {
      await cluster.terminate(alias);
      cluster.releases.set(host, "3.00.2.1");
    }
    for (const { alias } of others) cluster.start(alias);
    await cluster.until("it tells", async () => {
      const leader = await cluster.leader();
      if (leader === old?.alias) {
        await cluster.terminate(leader);
        await cluster.until("another leads", async () => (await cluster.leader()) !== null);
        cluster.start(leader);
      }
      return (old?.log ?? []).some((line) => line.includes("log format differs between versions"));
    });
  });
});

test("servers of two majors do not call each other: S00014", async () => {
  await withCluster({ release: "2.00.13.1" }, async (cluster) => {
    expect(scalarOf(await cluster.script("node2", "rpc(`node1, getNodeAlias)"))).toBe("node1");
    await cluster.terminate("node1");
    cluster.releases.set(cluster.node("node1").host, "3.00.2.1");
    await cluster.onLeader("startDataNode", [text("node1")]);
    await cluster.until("initialised", () => cluster.allInitialised());
    await expect(cluster.script("node2", "rpc(`node1, getNodeAlias)")).rejects.toThrow("Incompatible server versions. RefId: S00014");
    await expect(cluster.script("node2", "pnodeRun(version)")).rejects.toThrow("S00014");
  });
});
