import { expect, test } from "vitest";
import { text } from "../value.ts";
import { rowsOfTable, scalarOf, TestCluster, type TestClusterOptions } from "./testing.ts";

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
/** Settles the promise either way, so that nobody misses its error. */
const outcome = async (work: Promise<unknown>): Promise<string> => {
  try {
    return `value ${String(await work)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

test("[DD-21] newValuePartitionPolicy=skip drops rows without a word, and tableInsert returns the smaller count", async () => {
  await filled({ clusterSettings: { newValuePartitionPolicy: "skip" } }, async (cluster) => {
    expect(await cluster.write("node1", 5, 99)).toBe(0);
    expect(await cluster.stored("node2")).toEqual([1, 2, 3, 4]);
  });
  await filled({ clusterSettings: { newValuePartitionPolicy: "add" } }, async (cluster) => {
    expect(await cluster.write("node1", 5, 99)).toBe(1);
    expect(await cluster.stored("node2")).toEqual([1, 2, 3, 4, 5]);
  });
});

test("two writers of one chunk: the second is told of the transaction", async () => {
  await filled({}, async (cluster) => {
    const results = await Promise.all([outcome(cluster.write("node1", 5, 0)), outcome(cluster.write("node2", 6, 0))]);
    expect(results.filter((result) => result === "value 1")).toHaveLength(1);
    expect(results.find((result) => result !== "value 1")).toMatch(/^<ChunkInTransaction>/);
  });
});

test("a coordinator that is killed leaves its chunk locked for at least 10 s", async () => {
  await filled({}, async (cluster) => {
    const began = cluster.world.now();
    void outcome(cluster.write("node1", 5, 0));
    // It has begun, and is not committed.
    while (!(await cluster.chunks()).some(({ state }) => state === "CONSTRUCTING")) await cluster.world.sleep(0.5);
    cluster.kill("node1");
    await cluster.world.sleep(1_000);
    const states = (await cluster.chunks()).map(({ state }) => state);
    expect(states).toContain("CONSTRUCTING");
    const stall = await cluster.writeAnyhow(6, 0);
    expect(stall).toBeGreaterThan(10_000);
    expect(cluster.world.now() - began).toBeLessThan(40_000);
    expect(await cluster.stored("node2")).toEqual(expect.arrayContaining([1, 2, 3, 4, 6]));
    cluster.start("node1", {
      sites: cluster
        .of("controller")
        .map(({ endpoint, alias }) => `${endpoint}:${alias}:controller`)
        .join(","),
    });
    await cluster.settled();
  });
});

test("a leader that dies: writers wait for an election and lose nothing that was acknowledged", async () => {
  await filled({}, async (cluster) => {
    const acknowledged: number[] = [];
    let longest = 0;
    let seq = 5;
    const write = async (): Promise<void> => {
      const took = await cluster.writeAnyhow(seq, seq % 4);
      longest = Math.max(longest, took);
      acknowledged.push(seq);
      seq += 1;
    };
    for (let at = 0; at < 10; at += 1) await write();
    const leader = (await cluster.leader()) ?? "";
    void cluster.world.sleep(3).then(() => {
      cluster.kill(leader);
    });
    for (let at = 0; at < 10; at += 1) await write();
    // Election of 8 to 16 s; heartbeats and reports follow.
    expect(longest).toBeGreaterThan(7_000);
    expect(longest).toBeLessThan(40_000);
    cluster.start(leader);
    await cluster.settled();
    const stored = await cluster.stored("node3");
    expect(acknowledged.filter((one) => !stored.includes(one))).toEqual([]);
  });
});

test("a graceful stop refuses what is new with S00005 and ends by itself; kill -9 costs a replay of the redo log", async () => {
  await filled({ durations: { replayTransaction: 3_000 } }, async (cluster) => {
    const ended = cluster.terminate("node1");
    await cluster.world.sleep(10);
    expect(await outcome(cluster.write("node1", 9, 0))).toContain("S00005");
    await ended;
    expect(cluster.node("node1").exit?.code).toBe(0);
    const start = async (): Promise<number> => {
      await cluster.onLeader("startDataNode", [text("node1")]);
      const began = cluster.world.now();
      await cluster.until(
        "initialised",
        async () => cluster.node("node1").running !== null && scalarOf(await cluster.call("node1", "isDataNodeInitialized")) === true,
      );
      return cluster.world.now() - began;
    };
    const clean = await start();
    await cluster.settled();
    for (let seq = 5; seq <= 12; seq += 1) await cluster.writeAnyhow(seq, seq % 4);
    cluster.kill("node1");
    await cluster.world.sleep(12_000);
    const replayed = await start();
    expect(replayed).toBeGreaterThan(clean + 3_000);
    await cluster.settled();
    expect(await cluster.stored("node1")).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
  });
});

test("rows survive kill -9 of every data node", async () => {
  await filled({}, async (cluster) => {
    for (const { alias } of cluster.of("datanode")) cluster.kill(alias);
    await cluster.world.sleep(12_000);
    await cluster.onLeader("startDataNode", [{ form: "vector", type: "string", items: ["node1", "node2", "node3"] }]);
    await cluster.until("initialised", () => cluster.allInitialised());
    await cluster.settled();
    expect(await cluster.stored("node2")).toEqual([1, 2, 3, 4]);
  });
});

test("a node that forgets what it acknowledged has fewer rows than its peer", async () => {
  await filled({}, async (cluster) => {
    await cluster.fault("node2", { set: "forget-writes" });
    for (let seq = 5; seq <= 20; seq += 1) await cluster.write("node1", seq, seq % 4);
    const leader = (await cluster.leader()) ?? "";
    const unequal = await cluster.script(
      leader,
      `select sum(most != least) as unequal from (select max(rowNum) as most, min(rowNum) as least from pnodeRun(getTabletsMeta{"%", "%", false, -1}) group by chunkId)`,
    );
    expect(unequal.form === "table" ? Number(unequal.columns[0]?.items[0]) : 0).toBeGreaterThan(0);
  });
});

test("[DD-11] [DD-13] the tutorial's database, table and chunk query", async () => {
  const cluster = await TestCluster.up({ release: "2.00.7.4", clusterSettings: { newValuePartitionPolicy: "skip" } });
  await cluster.run(
    (async () => {
      await cluster.script(
        "node2",
        `db = database("dfs://stock", VALUE, 2023.01.01..2023.01.10, , 'TSDB')
         tmp = table(1:0, [\`time, \`name, \`id], [TIMESTAMP, SYMBOL, INT])
         pt = db.createPartitionedTable(tmp, \`stock, \`time, , \`name, ALL)`,
      );
      const insert = (time: string, id: number) =>
        cluster.script(
          "node1",
          `t = table(1:0, \`time\`name\`id, [TIMESTAMP, SYMBOL, INT]); insert into t values(${time}, \`a, ${String(id)}); tableInsert(loadTable('dfs://stock', 'stock'), t)`,
        );
      expect(scalarOf(await insert("2023.01.05T10:00:00.000", 1))).toBe(1);
      // Written on any other day, as the tutorial's writer does, it is skipped without a word.
      expect(scalarOf(await insert("2023.01.15T10:00:00.000", 2))).toBe(0);
      expect(scalarOf(await cluster.script("node3", "exec max(id) from loadTable('dfs://stock', 'stock')"))).toBe(1);
      const chunks = await cluster.script("node3", 'select * from rpc(getControllerAlias(), getClusterChunksStatus) where state != "COMPLETE"');
      expect(rowsOfTable(chunks)).toEqual([]);
      expect((await cluster.chunks()).map(({ file }) => file)).toEqual(["/stock/20230105/stock"]);
    })(),
  );
});
