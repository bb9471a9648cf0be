import { expect, test } from "vitest";
import { text, type LabValue } from "../value.ts";
import { DIRECTORY, rowsOfTable, scalarOf, SERVER, TestCluster, type TestClusterOptions } from "./testing.ts";

async function filled(options: TestClusterOptions, check: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await TestCluster.up(options);
  await cluster.run(
    (async () => {
      await cluster.createTable(4);
      for (let seq = 1; seq <= 4; seq += 1) await cluster.write("node1", seq, seq - 1);
      await check(cluster);
    })(),
  );
}
const copy = (cluster: TestCluster, alias: string, from: string, to: string): void => {
  const disk = cluster.disk(alias);
  for (const name of disk.list(from)) {
    const content = disk.read(`${from}/${name}`);
    if (content !== null) disk.write(`${to}/${name}`, content);
  }
};
const start = async (cluster: TestCluster, alias: string): Promise<void> => {
  await cluster.onLeader("startDataNode", [text(alias)]);
  await cluster.until(`${alias} is initialised`, () => cluster.allInitialised());
};
const home = (alias: string): string => `${DIRECTORY}/data/${alias}`;
const versions = (cluster: TestCluster) => async (): Promise<boolean> =>
  (await cluster.chunks()).every(
    ({ version, replicas, replicaCount }) =>
      replicaCount === 2 &&
      String(replicas)
        .split(",")
        .every((one) => one.split(":")[1] === String(version)),
  );

test("[DD-16] files lie where backups look for them", async () => {
  await filled({}, async (cluster) => {
    const names = (alias: string, directory: string): readonly string[] => cluster.disk(alias).list(`${home(alias)}/${directory}`);
    expect(names("ctl1", "raft")).toEqual(expect.arrayContaining(["raftHardstate1", "raftWAL1"]));
    expect(names("ctl1", "dfsMeta")).toContain("DFSMetaLog.0");
    expect(names("ctl1", "keys")).toEqual(["aclPrivate.key", "aclPublic.key"]);
    expect(names("node1", "storage/CHUNK_METADATA")).toContain("editlog.0");
    expect(names("node1", "log/TSDBMeta")).toEqual(["iotEditLog.meta"]);
    await cluster.terminate("node1");
    expect(names("node1", "storage/CHUNK_METADATA")).toContain("checkpoint.0");
    expect(names("node1", "log/TSDBRedo")).toEqual([]);
    expect(names("node1", "storage/LOG")).toEqual([]);
  });
});

test("[DD-18] chunk metadata that was put back is older than the controller's: the peer heals it", async () => {
  await filled({}, async (cluster) => {
    await cluster.terminate("node1");
    const metadata = `${home("node1")}/storage/CHUNK_METADATA`;
    copy(cluster, "node1", metadata, "/backup");
    await start(cluster, "node1");
    await cluster.settled();
    for (let seq = 5; seq <= 20; seq += 1) await cluster.write("node2", seq, seq % 4);
    await cluster.terminate("node1");
    copy(cluster, "node1", "/backup", metadata);
    await start(cluster, "node1");
    await cluster.until("healed", versions(cluster));
    expect(await cluster.stored("node1")).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });
});

test("metadata put back on one replica after the other: what came in one copy is not taken a second time", async () => {
  await filled({}, async (cluster) => {
    const [chunk] = await cluster.chunks();
    const [first = "", second = ""] = String(chunk?.["replicas"])
      .split(",")
      .map((one) => one.split(":")[0] ?? "");
    const lane = Number(String(chunk?.["file"]).split("/").at(-2));
    let seq = 4;
    const write = async (): Promise<void> => {
      for (let more = 0; more < 3; more += 1) await cluster.write("node1", (seq += 1), lane);
    };
    const metadata = (alias: string): string => `${home(alias)}/storage/CHUNK_METADATA`;
    const restart = async (alias: string, change: () => void): Promise<void> => {
      await cluster.terminate(alias);
      change();
      await start(cluster, alias);
      await cluster.until("healed", versions(cluster));
    };
    const backup = (alias: string): Promise<void> => restart(alias, () => copy(cluster, alias, metadata(alias), "/backup"));
    const restore = (alias: string): Promise<void> => restart(alias, () => copy(cluster, alias, "/backup", metadata(alias)));
    await backup(first);
    await write();
    await backup(second);
    await write();
    await restore(first);
    // The first replica has all since its backup in one piece; the second one lacks only the later part of it.
    await restore(second);
    await cluster.terminate(first);
    expect(await cluster.stored(second)).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
  });
});

test("metadata of all data nodes put back after writes: no replica agrees with the controller, and nothing can be read", async () => {
  await filled({}, async (cluster) => {
    const nodes = ["node1", "node2", "node3"];
    for (const alias of nodes) copy(cluster, alias, `${home(alias)}/storage/CHUNK_METADATA`, "/backup");
    for (let seq = 5; seq <= 8; seq += 1) await cluster.write("node2", seq, seq % 4);
    for (const alias of nodes) {
      await cluster.terminate(alias);
      cluster.disk(alias).remove(`${home(alias)}/storage/CHUNK_METADATA`);
      copy(cluster, alias, "/backup", `${home(alias)}/storage/CHUNK_METADATA`);
    }
    await cluster.onLeader("startDataNode", [{ form: "vector", type: "string", items: nodes }]);
    await cluster.until("initialised", () => cluster.allInitialised());
    await cluster.world.sleep(60_000);
    expect((await cluster.chunks()).every(({ state }) => state === "RECOVERING")).toBe(true);
    await expect(cluster.stored("node1")).rejects.toThrow("S01012");
  });
});

test("without TSDBMeta a TSDB replica is corrupted", async () => {
  await filled({}, async (cluster) => {
    await cluster.terminate("node1");
    cluster.disk("node1").remove(`${home("node1")}/log/TSDBMeta`);
    await cluster.onLeader("suspendRecovery");
    await start(cluster, "node1");
    await cluster.until("it has told", async () => (await cluster.chunks()).some(({ replicas }) => String(replicas).includes("node1:1:1")));
    await cluster.onLeader("resumeRecovery");
    await cluster.settled();
    expect(await cluster.stored("node1")).toEqual([1, 2, 3, 4]);
  });
});

test("an expired licence, one for an older server, and none: what runs goes on, and nothing starts", async () => {
  await filled({ release: "2.00.10.5" }, async (cluster) => {
    const path = `${SERVER}/dolphindb.lic`;
    for (const [content, why] of [
      ["expiration=2020.01.01\n", "The license has expired."],
      ["version=2.00.9\n", "allows versions up to 2.00.9"],
      [null, "does not exist"],
    ] as const) {
      if (content === null) cluster.disk("node1").remove(path);
      else cluster.disk("node1").write(path, content);
      expect(await cluster.write("node1", 9, 0)).toBe(1);
      await cluster.terminate("agent1");
      cluster.start("agent1");
      await cluster.world.sleep(1_000);
      expect(cluster.node("agent1").exit?.why).toContain(why);
      cluster.disk("node1").write(path, "licenseType=0\n");
      cluster.start("agent1");
      await cluster.world.sleep(2_000);
    }
    const license = await cluster.call("node1", "license");
    expect(license.form === "dictionary" && license.keys.form === "vector" ? license.keys.items : []).toContain("expiration");
  });
});

test("a plugin that is preloaded and of another server, or that a scheduled job names and that is missing: the node does not start", async () => {
  const preload = { clusterSettings: { "node1.preloadModules": "plugins::mysql" } };
  const cluster = new TestCluster({ release: "2.00.9.5", ...preload });
  cluster.disk("node1").write(`${SERVER}/plugins/mysql/PluginMySQL.txt`, "mysql,libPluginMySQL.so,2.00.8\n");
  await cluster.run(
    (async () => {
      void cluster.boot().catch(() => {});
      await cluster.until("it ended", async () => cluster.node("node1").exit !== null);
      expect(cluster.node("node1").exit?.why).toContain("The version of plugin mysql [2.00.8] does not match the server [2.00.9]");
      cluster.disk("node1").write(`${SERVER}/plugins/mysql/PluginMySQL.txt`, "mysql,libPluginMySQL.so,2.00.9.1\n");
      await start(cluster, "node1");
      expect(rowsOfTable(await cluster.call("node1", "getLoadedPlugins"))).toMatchObject([{ plugin: "mysql" }]);
      await cluster.terminate("node2");
      const job = { id: "j", description: "", user: "admin", body: "rabbitmq::connection", times: [0], from: 0, to: 99_999, frequency: "D" };
      cluster.disk("node2").append(`${home("node2")}/sysmgmt/jobEditlog.meta`, `${JSON.stringify(job)}\n`);
      await cluster.onLeader("startDataNode", [text("node2")]);
      await cluster.until("it ended", async () => cluster.node("node2").exit !== null && cluster.node("node2").starts === 2);
      expect(cluster.node("node2").exit?.why).toBe("Can't recognize function: rabbitmq::connection");
    })(),
  );
});

test("3.00.5 does not start with cache engines above half of maxMemSize", async () => {
  const cluster = new TestCluster({ release: "3.00.5.1", clusterSettings: { maxMemSize: "8", "node1.TSDBCacheEngineSize": "5" } });
  await cluster.run(
    (async () => {
      void cluster.boot().catch(() => {});
      await cluster.until("it ended", async () => cluster.node("node1").exit !== null);
      expect(cluster.node("node1").exit?.why).toContain("exceeds 50% of maxMemSize");
    })(),
  );
});

test("batch jobs and what lives in memory end with the process; scheduled jobs do not", async () => {
  await filled({}, async (cluster) => {
    const name = (value: string): LabValue => text(value);
    await cluster.script("node1", 'share streamTable(100:0, `a`b, [INT, STRING]) as trades\ntableInsert(trades, 1, "x")');
    await cluster.script("node1", "enableTableShareAndPersistence(streamTable(100:0, `a, [INT]), `kept)\ntableInsert(kept, 7)");
    await cluster.script("node1", 'submitJob("work", "long", sleep, 100000)');
    await cluster.script("node1", 'scheduleJob("nightly", "d", version, [60], 2025.01.01, 2030.01.01, "D")');
    expect(rowsOfTable(await cluster.call("node1", "getStreamTables", [{ form: "scalar", type: "int", value: 2 }]))).toMatchObject([
      { name: "trades", totalRows: 1n },
    ]);
    expect(rowsOfTable(await cluster.call("node1", "getRecentJobs"))).toMatchObject([{ jobId: "work", endTime: null }]);
    await cluster.terminate("node1");
    await start(cluster, "node1");
    expect(rowsOfTable(await cluster.call("node1", "getStreamTables", [{ form: "scalar", type: "int", value: 0 }]))).toEqual([]);
    expect(rowsOfTable(await cluster.call("node1", "getRecentJobs"))).toEqual([]);
    expect(rowsOfTable(await cluster.call("node1", "getScheduledJobs"))).toMatchObject([{ jobId: "nightly", frequency: "D" }]);
    await cluster.script("node1", "enableTableShareAndPersistence(streamTable(100:0, `a, [INT]), `kept)");
    expect(scalarOf(await cluster.script("node1", "exec count(*) from kept"))).toBe(1);
    await expect(cluster.call("node1", "getJobStatus", [name("work")])).rejects.toThrow("does not exist");
  });
});

test("setDynamicConfig lasts until the process ends, and does not take dfsRecoveryWaitTime", async () => {
  await filled({}, async (cluster) => {
    const leader = (await cluster.leader()) ?? "";
    await cluster.script(leader, 'setDynamicConfig("dfsChunkNodeHeartBeatTimeout", 4)');
    expect(scalarOf(await cluster.call(leader, "getConfig", [text("dfsChunkNodeHeartBeatTimeout")]))).toBe("4");
    await expect(cluster.script(leader, 'setDynamicConfig("dfsRecoveryWaitTime", 60000)')).rejects.toThrow("can't be changed online");
    cluster.kill("node2");
    await cluster.world.sleep(6_000);
    expect((await cluster.states()).find(({ alias }) => alias === "node2")?.state).toBe(0);
  });
});

test("many chunks are counted on the controller", async () => {
  const cluster = await TestCluster.up();
  await cluster.run(
    (async () => {
      const leader = (await cluster.leader()) ?? "";
      await cluster.network.call(
        "10.0.0.9:1",
        cluster.node(leader).endpoint,
        { method: "POST", path: "/lab/node/seed", headers: {}, body: JSON.stringify({ database: "dfs://large", table: "t", chunks: 12_000 }) },
        60_000,
      );
      const groups = await cluster.script(
        leader,
        'select count(*) as chunks from getClusterChunksStatus() group by state, replicaCount, regexReplace(replicas, ":[^,]*", "") as nodes',
      );
      expect(rowsOfTable(groups).reduce((sum, { chunks }) => sum + Number(chunks), 0)).toBe(12_000);
      expect(rowsOfTable(groups).every(({ state, replicaCount }) => state === "COMPLETE" && replicaCount === 2)).toBe(true);
      // They are still there when the nodes come back from their files.
      await cluster.terminate("node1");
      await start(cluster, "node1");
      await cluster.settled();
    })(),
  );
}, 60_000);

test("[DD-8] with dataSync=0 rows survive a process and not a power cut; Raft's files survive both", async () => {
  const synced = async (dataSync: string): Promise<readonly string[]> => {
    let found: readonly string[] = [];
    await filled({ controllerSettings: { dataSync } }, (cluster) => {
      found = [...cluster.node("node1").synced, ...cluster.node("node2").synced, ...cluster.node("ctl1").synced];
      return Promise.resolve();
    });
    return found;
  };
  const without = await synced("0");
  expect(without.some((path) => path.endsWith("/raft/raftWAL1"))).toBe(true);
  expect(without.some((path) => path.includes("/storage/"))).toBe(false);
  const withSync = await synced("1");
  for (const part of [
    "/storage/CHUNK_METADATA/editlog.0",
    "/storage/CHUNKS/",
    "/storage/LOG/",
    "/log/TSDBRedo/head.log",
    "/log/TSDBMeta/iotEditLog.meta",
  ])
    expect(withSync.some((path) => path.includes(part))).toBe(true);
});
