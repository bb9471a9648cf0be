import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../../kit/memory-disk.ts";
import { callRpc } from "../brpc.ts";
import type { Component } from "../node.ts";
import { ClusterDouble, DURATIONS, ROOT } from "../sdk/testing/double.ts";
import { Taskmanager } from "./taskmanager.ts";

const component = (endpoint: string, master = "local[*]"): Component => ({
  role: "taskmanager",
  endpoint,
  release: "0.9.2",
  directory: "/openmldb",
  flags: { "zookeeper.root_path": ROOT, "zookeeper.session_timeout": "4000", "spark.master": master },
  durations: DURATIONS,
});
const [FIRST, SECOND] = ["10.0.0.5:9902", "10.0.0.6:9902"];

async function started(cluster: ClusterDouble, endpoint: string, master?: string): Promise<Taskmanager> {
  const taskmanager = new Taskmanager(component(endpoint, master), cluster.surroundings(endpoint));
  await cluster.world.run(taskmanager.start());
  return taskmanager;
}
const ask = <T>(cluster: ClusterDouble, endpoint: string, name: string, request: object): Promise<T> =>
  cluster.world.run(callRpc<T>(cluster.network, "10.0.0.9:1", endpoint, `TaskManagerServer/${name}`, request, 1_000));
const leaders = async (cluster: ClusterDouble): Promise<string | null> => {
  const session = await cluster.world.run(cluster.zookeeper.port("observer").connect(1_000));
  return await cluster.world.run(session.get(`${ROOT}/taskmanager/leader`));
};

describe("leading and standing by", () => {
  it("the standby's port is not open until the leader's session is over", async () => {
    const cluster = new ClusterDouble();
    const first = await started(cluster, FIRST);
    await started(cluster, SECOND);
    expect([cluster.network.isListening(FIRST), cluster.network.isListening(SECOND)]).toEqual([true, false]);
    first.kill();
    await cluster.world.advance(1_000);
    expect([cluster.network.isListening(FIRST), cluster.network.isListening(SECOND)]).toEqual([false, false]);
    await cluster.world.advance(5_000);
    expect(cluster.network.isListening(SECOND)).toBe(true);
    expect(await leaders(cluster)).toBe(SECOND);
  });

  it("started again within its own session time-out it leads at once", async () => {
    const cluster = new ClusterDouble();
    (await started(cluster, FIRST)).kill();
    await started(cluster, FIRST);
    await cluster.world.advance(100);
    expect(cluster.network.isListening(FIRST)).toBe(true);
    await cluster.world.advance(10_000);
    expect(await leaders(cluster)).toBe(FIRST);
  });

  it("ends when ZooKeeper has lost it (upstream #3620), and does not start without it", async () => {
    const cluster = new ClusterDouble();
    await started(cluster, FIRST);
    cluster.zookeeper.cut(FIRST);
    await cluster.world.advance(20_000);
    cluster.zookeeper.heal(FIRST);
    await cluster.world.advance(20_000);
    expect(cluster.exits).toEqual(["1 the session with ZooKeeper is lost"]);
    expect(cluster.network.isListening(FIRST)).toBe(false);
    cluster.zookeeper.stop();
    await started(cluster, SECOND);
    expect(cluster.exits).toHaveLength(2);
  });
});

describe("its properties", () => {
  it("are those of the copy, as it was at the start", async () => {
    const cluster = new ClusterDouble();
    const disk = new MemoryDisk();
    const copy = "/openmldb/taskmanager/conf/taskmanager.properties";
    disk.write(copy, `# copied\nserver.host=10.0.0.5\nserver.port=9903\nzookeeper.root_path=${ROOT}\nzookeeper.session_timeout=4000\n`);
    const taskmanager = new Taskmanager(component(FIRST), { ...cluster.surroundings(FIRST), disk });
    await cluster.world.run(taskmanager.start());
    disk.write(copy, "server.port=9904\n");
    await cluster.world.advance(10_000);
    expect(["10.0.0.5:9902", "10.0.0.5:9903", "10.0.0.5:9904"].map((one) => cluster.network.isListening(one))).toEqual([false, true, false]);
  });
});

describe("jobs", () => {
  interface Jobs {
    readonly code: number;
    readonly jobs?: readonly { readonly id: number; readonly state: string }[];
  }
  it("run for a while, can be listed and stopped", async () => {
    const cluster = new ClusterDouble();
    await started(cluster, FIRST);
    expect(await ask(cluster, FIRST, "GetVersion", {})).toEqual({ taskmanager_version: "0.9.2", batch_version: "0.9.2" });
    expect(await ask(cluster, FIRST, "ShowJobs", {})).toEqual({ code: 0, msg: "ok" });
    expect(await ask(cluster, FIRST, "RunBatchSql", { sql: "select 1", conf: { "lab.job.ms": "3000" } })).toMatchObject({ code: 0, job_id: 1 });
    expect(await ask(cluster, FIRST, "RunBatchSql", { sql: "select 2" })).toMatchObject({ job_id: 2 });
    await cluster.world.advance(4_000);
    expect((await ask<Jobs>(cluster, FIRST, "ShowJobs", { unfinished: true })).jobs?.map(({ id }) => id)).toEqual([2]);
    expect(await ask(cluster, FIRST, "ShowJob", { id: 1 })).toMatchObject({ code: 0, job: { state: "FINISHED", parameter: "select 1" } });
    expect(await ask(cluster, FIRST, "StopJob", { id: 2 })).toMatchObject({ code: 0, job: { state: "KILLED" } });
    expect(await ask(cluster, FIRST, "StopJob", { id: 3 })).toEqual({ code: -1, msg: "no job" });
    expect(await ask(cluster, FIRST, "ShowJobs", { unfinished: true })).toEqual({ code: 0, msg: "ok" });
  });

  it.each([
    ["local[*]", "LOST"],
    ["yarn", "RUNNING"],
  ])("under %s, after the taskmanager has gone: %s", async (master, state) => {
    const cluster = new ClusterDouble();
    const first = await started(cluster, FIRST, master);
    await ask(cluster, FIRST, "RunBatchSql", { sql: "select 1", conf: { "lab.job.ms": "60000" } });
    first.kill();
    await started(cluster, SECOND, master);
    await cluster.world.advance(6_000);
    expect(await ask(cluster, SECOND, "ShowJob", { id: 1 })).toMatchObject({ job: { state } });
  });
});
