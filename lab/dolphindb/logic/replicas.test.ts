import { expect, test } from "vitest";
import { text, type LabValue } from "../value.ts";
import { rowsOfTable, TestCluster, type TestClusterOptions } from "./testing.ts";

/** A cluster with one row in each of four chunks. */
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
const aliasesOf = (chunk: Readonly<Record<string, unknown>>): readonly string[] =>
  String(chunk["replicas"])
    .split(",")
    .map((one) => one.split(":")[0] ?? "");
const held = (chunks: readonly Readonly<Record<string, unknown>>[], alias: string) => chunks.filter((chunk) => aliasesOf(chunk).includes(alias));
const tasks = async (cluster: TestCluster) => rowsOfTable(await cluster.onLeader("getRecoveryTaskStatus"));
const whole = (seconds: number): LabValue => ({ form: "scalar", type: "int", value: seconds });

test("[DD-13] a node that goes leaves its chunks COMPLETE with one replica", async () => {
  await filled({}, async (cluster) => {
    const before = await cluster.chunks();
    expect(before.map(({ state, replicaCount }) => [state, replicaCount])).toEqual(before.map(() => ["COMPLETE", 2]));
    const mine = held(before, "node2").length;
    expect(mine).toBeGreaterThan(0);
    await cluster.terminate("node2");
    const after = await cluster.chunks();
    expect(after.every(({ state }) => state === "COMPLETE")).toBe(true);
    expect(after.filter(({ replicaCount }) => replicaCount === 1)).toHaveLength(mine);
  });
});

test("a second node that goes takes chunks with it: reads fail with S01012, writes want as many nodes as replicas", async () => {
  await filled({}, async (cluster) => {
    await cluster.terminate("node2");
    await cluster.terminate("node3");
    await expect(cluster.stored("node1")).rejects.toThrow("S01012");
    await expect(cluster.write("node1", 9, 0)).rejects.toThrow("less than dfsReplicationFactor [2]");
  });
});

test("what was written while a node was away is copied to it when it is back", async () => {
  await filled({}, async (cluster) => {
    await cluster.terminate("node2");
    for (let seq = 5; seq <= 24; seq += 1) await cluster.writeAnyhow(seq, seq % 4);
    await cluster.onLeader("startDataNode", [text("node2")]);
    let recovering = 0;
    await cluster.until("node2 is back", async () => {
      recovering += (await cluster.chunks()).filter(({ state }) => state === "RECOVERING").length;
      return (
        (await cluster.states()).some(({ alias, state }) => alias === "node2" && state === 1) &&
        cluster.node("node2").running !== null &&
        recovering > 0
      );
    });
    await cluster.settled();
    const versions = (await cluster.chunks()).flatMap(({ version, replicas }) =>
      String(replicas)
        .split(",")
        .map((one) => one.split(":")[1] === String(version)),
    );
    expect(versions.every((same) => same)).toBe(true);
    expect(await cluster.stored("node2")).toEqual(Array.from({ length: 24 }, (_, at) => at + 1));
    expect((await tasks(cluster)).every(({ Status }) => Status === "Finish")).toBe(true);
  });
});

test("dfsRecoveryWaitTime=30000 counts as 60 s: a slow host has its chunks replicated again, and then there are too many", async () => {
  await filled({ controllerSettings: { dfsRecoveryWaitTime: "30000" } }, async (cluster) => {
    const mine = held(await cluster.chunks(), "node2").length;
    await cluster.terminate("node2");
    await cluster.world.sleep(50_000);
    expect(await tasks(cluster)).toHaveLength(0);
    await cluster.world.sleep(20_000);
    expect(await tasks(cluster)).toHaveLength(mine);
    await cluster.onLeader("startDataNode", [text("node2")]);
    await cluster.until("node2 has told its chunks", async () => (await cluster.chunks()).some(({ replicaCount }) => replicaCount === 3));
  });
});

test("suspendRecovery on the leader holds that; a controller that restarts forgets it", async () => {
  await filled({ controllerSettings: { dfsRecoveryWaitTime: "30000" } }, async (cluster) => {
    for (const { alias } of cluster.of("controller")) await cluster.call(alias, "suspendRecovery");
    await cluster.terminate("node2");
    await cluster.world.sleep(90_000);
    expect((await tasks(cluster)).every(({ Status }) => Status === "Waiting")).toBe(true);
    // Every controller restarts once, so whoever leads then has forgotten it.
    for (const { alias } of cluster.of("controller")) {
      await cluster.terminate(alias);
      cluster.start(alias);
      await cluster.until("a controller leads", async () => (await cluster.leader()) !== null);
      await cluster.world.sleep(20_000);
    }
    await cluster.until("chunks are copied", async () => (await tasks(cluster)).some(({ Status }) => Status === "Finish"));
  });
});

test("a task is given up after five attempts, and triggerNodeReport tries again", async () => {
  await filled({ release: "2.00.10.1" }, async (cluster) => {
    await cluster.terminate("node2");
    for (let seq = 5; seq <= 8; seq += 1) await cluster.writeAnyhow(seq, seq % 4);
    await cluster.onLeader("startDataNode", [text("node2")]);
    await cluster.until("node2 runs", async () => cluster.node("node2").running !== null);
    await cluster.fault("node2", { set: "fail-recovery" });
    await cluster.until("given up", async () => {
      const all = await tasks(cluster);
      return all.length > 0 && all.every(({ Status }) => Status === "Aborted");
    });
    expect((await tasks(cluster))[0]).toMatchObject({ AttemptCount: 5, FailureReason: expect.stringContaining("S01007") as unknown });
    expect((await cluster.chunks()).some(({ state }) => state === "RECOVERING")).toBe(true);
    await cluster.fault("node2", { clear: "fail-recovery" });
    await cluster.onLeader("triggerNodeReport", [text("node2")]);
    await cluster.settled();
  });
});

test("green and nothing reported: the chunks stay with one replica until the node is asked", async () => {
  await filled({}, async (cluster) => {
    await cluster.terminate("node2");
    await cluster.onLeader("startDataNode", [text("node2")]);
    await cluster.until("node2 runs", async () => cluster.node("node2").running !== null);
    await cluster.fault("node2", { set: "withhold-report" });
    await cluster.until("it is initialised", () => cluster.allInitialised());
    await cluster.world.sleep(30_000);
    expect((await cluster.chunks()).some(({ state, replicaCount }) => state === "COMPLETE" && replicaCount === 1)).toBe(true);
    await cluster.onLeader("triggerNodeReport", [text("node2")]);
    await cluster.settled();
  });
});

test("datanodeRestartInterval starts what was not stopped by stopDataNode", async () => {
  await filled({ release: "2.00.9.5", controllerSettings: { datanodeRestartInterval: "30" } }, async (cluster) => {
    await cluster.onLeader("stopDataNode", [text("node1")]);
    await cluster.world.sleep(60_000);
    expect(cluster.node("node1").running).toBeNull();
    await cluster.terminate("node2");
    await cluster.world.sleep(60_000);
    expect(cluster.node("node2").running).not.toBeNull();
    for (const { alias } of cluster.of("controller")) await cluster.call(alias, "setDatanodeRestartInterval", [whole(0)]);
    await cluster.terminate("node3");
    await cluster.world.sleep(60_000);
    expect(cluster.node("node3").running).toBeNull();
  });
});

test("before 2.00.9.4 an interval below 100 s restarts even what stopDataNode stopped", async () => {
  await filled({ release: "2.00.9.3", controllerSettings: { datanodeRestartInterval: "30" } }, async (cluster) => {
    await cluster.onLeader("stopDataNode", [text("node1")]);
    await cluster.world.sleep(60_000);
    expect(cluster.node("node1").running).not.toBeNull();
  });
});
