import { beforeEach, describe, expect, it } from "vitest";
import { TabletLab } from "./testing.ts";

const A = "10.0.0.1:10921";
const B = "10.0.0.2:10921";

describe("tablet: what a restart leaves (facts 6.3.6)", () => {
  let lab: TabletLab;
  const restart = async (endpoint: string): Promise<void> => {
    lab.kill(endpoint);
    await lab.world.advance(11_000);
    lab.up(endpoint);
    await lab.world.advance(100);
  };
  const meta = (): object => ({ table_meta: { ...lab.partition, name: "t1" } });

  beforeEach(async () => {
    lab = new TabletLab({ rowsPerSecond: 100 });
    lab.up(A, B);
    await lab.world.advance(100);
    await lab.create(B, { mode: "kTableFollower" });
    await lab.create(A, { mode: "kTableLeader", term: 3, replicas: [B] });
    for (let row = 0; row < 50; row += 1) await lab.put(A, `k${String(row)}`);
    await lab.world.advance(1_000);
  });

  it("nothing is loaded until LoadTable, which takes its time by rows and serves nothing meanwhile", async () => {
    await restart(A);
    expect(await lab.ask(A, "GetTableStatus", {})).toEqual({ code: 0 });
    expect(await lab.put(A, "k")).toBe(100);
    expect(await lab.ask(A, "GetTermPair", lab.partition)).toMatchObject({ has_table: false, offset: 0, term: 0 });
    expect(await lab.ask(A, "LoadTable", { ...meta(), task_info: lab.task(1, "kLoadTable") })).toMatchObject({ code: 0 });
    await lab.world.advance(100);
    expect((await lab.status(A))?.state).toBe("kTableLoading");
    expect(await lab.put(A, "k")).toBe(104);
    expect(await lab.ask(A, "Scan", lab.partition)).toMatchObject({ code: 104 });
    expect(await lab.taskStatus(A)).toEqual({ kLoadTable: "kDoing" });
    await lab.world.advance(500);
    expect(await lab.status(A)).toMatchObject({ state: "kTableNormal", offset: 50, record_cnt: 50, mode: "kTableLeader" });
    expect(await lab.taskStatus(A)).toEqual({ kLoadTable: "kDone" });
    expect(await lab.ask(A, "GetTermPair", lab.partition)).toMatchObject({ has_table: true, is_leader: true, term: 3, offset: 50 });
    expect(await lab.ask(A, "LoadTable", meta())).toMatchObject({ code: 101 });
    // A leader without followers in the request has none.
    expect(await lab.ask(A, "GetTableFollower", lab.partition)).toMatchObject({ code: 134 });
  });

  it("a follower forgets the fence when it is restarted", async () => {
    await lab.probe(B, 9);
    await restart(B);
    await lab.ask(B, "LoadTable", { table_meta: { ...lab.partition, name: "t1", term: 9 } });
    await lab.world.advance(1_000);
    expect(await lab.ask(B, "GetTermPair", lab.partition)).toMatchObject({ is_leader: false, term: 0, offset: 50 });
  });

  it("LoadTable of what is not on disk is refused with 130, and its task fails", async () => {
    expect(await lab.ask(A, "LoadTable", { table_meta: { tid: 9, pid: 9, name: "t9" }, task_info: lab.task(2, "kLoadTable") })).toMatchObject({
      code: 130,
    });
    expect(await lab.taskStatus(A)).toEqual({ kLoadTable: "kFailed" });
  });

  it("a load that fails removes the table", async () => {
    await lab.ask(A, "MakeSnapshot", { ...lab.partition, offset: 50 });
    await lab.world.advance(1_000);
    const { manifest } = (await lab.ask(A, "GetManifest", lab.partition)) as unknown as { manifest: { name: string } };
    await restart(A);
    lab.disk(A).write(`/lab/db/6_0/snapshot/${manifest.name}`, "[1,1,");
    await lab.ask(A, "LoadTable", { ...meta(), task_info: lab.task(3, "kLoadTable") });
    await lab.world.advance(1_000);
    expect(await lab.ask(A, "GetTableStatus", {})).toEqual({ code: 0 });
    expect(await lab.taskStatus(A)).toEqual({ kLoadTable: "kFailed" });
    expect(lab.disk(A).list("/lab/db")).toEqual([]);
    expect(lab.disk(A).list("/lab/recycle")).toHaveLength(1);
  });

  it("a snapshot replaces the log that it covers, and is what GetTermPair knows of a table that is not loaded", async () => {
    expect(await lab.ask(A, "MakeSnapshot", lab.partition)).toMatchObject({ code: 0 });
    await lab.world.advance(1_000);
    expect(await lab.ask(A, "GetManifest", lab.partition)).toMatchObject({ manifest: { offset: 0, count: 0 } });
    await lab.ask(A, "MakeSnapshot", { ...lab.partition, offset: 50 });
    await lab.world.advance(10);
    expect((await lab.status(A))?.state).toBe("kMakingSnapshot");
    await lab.world.advance(1_000);
    expect(await lab.ask(A, "GetManifest", lab.partition)).toMatchObject({ manifest: { offset: 50, count: 50, term: 3 } });
    expect(await lab.ask(A, "GetAllSnapshotOffset", {})).toMatchObject({ tables: [{ tid: 6, parts: [{ pid: 0, offset: 50 }] }] });
    await lab.put(A, "after");
    await lab.ask(A, "Delete", { ...lab.partition, key: "k0" });
    expect(lab.disk(A).list("/lab/db/6_0")).toEqual(["binlog", "snapshot", "table_meta.txt"]);
    expect(lab.disk(A).list("/lab/db/6_0/binlog")).toHaveLength(1);
    await restart(A);
    expect(await lab.ask(A, "GetTermPair", lab.partition)).toMatchObject({ has_table: false, offset: 50, term: 3 });
    await lab.ask(A, "LoadTable", meta());
    await lab.world.advance(1_000);
    expect(await lab.status(A)).toMatchObject({ offset: 52, record_cnt: 50 });
  });

  it("DeleteBinlog moves the log of a table that is not loaded to the recycle bin", async () => {
    await restart(B);
    await lab.ask(B, "DeleteBinlog", lab.partition);
    expect(lab.disk(B).list("/lab/recycle")[0]).toMatch(/^6_0_binlog_/);
    await lab.ask(B, "LoadTable", { table_meta: { ...lab.partition, name: "t1", mode: "kTableFollower" } });
    await lab.world.advance(1_000);
    expect(await lab.status(B)).toMatchObject({ offset: 0, mode: "kTableFollower" });
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: B });
    await lab.ask(A, "AddReplica", { ...lab.partition, endpoint: B });
    await lab.world.advance(2_000);
    expect(await lab.status(B)).toMatchObject({ offset: 50, record_cnt: 50 });
  });

  it("loaded without its log while the leader still serves it, a follower gets a hole that nobody sees", async () => {
    await restart(B);
    await lab.ask(B, "DeleteBinlog", lab.partition);
    await lab.ask(B, "LoadTable", { table_meta: { ...lab.partition, name: "t1", mode: "kTableFollower" } });
    await lab.world.advance(1_000);
    await lab.put(A, "beyond");
    await lab.world.advance(3_000);
    expect(await lab.status(B)).toMatchObject({ offset: 51, record_cnt: 1 });
    expect(await lab.followers(A)).toEqual({ [B]: 51 });
  });

  it("a replica elsewhere: pause, send the snapshot, load, add, go on; and dropped again", async () => {
    const C = "10.0.0.3:10921";
    lab.up(C);
    await lab.ask(A, "MakeSnapshot", { ...lab.partition, offset: 50 });
    await lab.world.advance(1_000);
    for (let row = 50; row < 60; row += 1) await lab.put(A, `k${String(row)}`);
    const send = { ...lab.partition, endpoint: C, task_info: lab.task(4, "kSendSnapshot") };
    expect(await lab.ask(A, "SendSnapshot", send)).toMatchObject({ code: 107 });
    expect(await lab.taskStatus(A)).toEqual({ kSendSnapshot: "kFailed" });
    await lab.ask(A, "DeleteOPTask", { op_id: [4] });
    expect(await lab.taskStatus(A)).toEqual({});
    expect(await lab.ask(A, "PauseSnapshot", { ...lab.partition, task_info: lab.task(4, "kPauseSnapshot") })).toMatchObject({ code: 0 });
    expect((await lab.status(A))?.state).toBe("kSnapshotPaused");
    expect(await lab.put(A, "paused")).toBe(0);
    expect(await lab.ask(A, "SendSnapshot", send)).toMatchObject({ code: 0 });
    expect(await lab.ask(A, "SendSnapshot", { ...send, task_info: lab.task(5, "kSendSnapshot") })).toMatchObject({ code: 128 });
    expect(await lab.ask(A, "SendSnapshot", send)).toMatchObject({ code: -1 });
    await lab.world.advance(300);
    expect((await lab.taskStatus(A))["kSendSnapshot"]).not.toBe("kDone");
    await lab.world.advance(500);
    await lab.ask(A, "DeleteOPTask", { op_id: [5] });
    expect(await lab.taskStatus(A)).toEqual({ kPauseSnapshot: "kDone", kSendSnapshot: "kDone" });
    await lab.ask(C, "LoadTable", { table_meta: { ...lab.partition, name: "t1", mode: "kTableFollower" } });
    await lab.world.advance(1_000);
    expect(await lab.status(C)).toMatchObject({ offset: 50, mode: "kTableFollower" });
    expect(await lab.ask(A, "AddReplica", { ...lab.partition, endpoint: C })).toMatchObject({ code: 0 });
    expect(await lab.ask(A, "AddReplica", { ...lab.partition, endpoint: C })).toMatchObject({ code: 119 });
    await lab.ask(A, "RecoverSnapshot", lab.partition);
    await lab.world.advance(1_000);
    expect((await lab.status(C))?.offset).toBe(61);
    expect(await lab.keys(C)).toEqual(await lab.keys(A));
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: C });
    expect(await lab.ask(C, "DropTable", { ...lab.partition, task_info: lab.task(6, "kDropTable") })).toMatchObject({ code: 0 });
    await lab.world.advance(100);
    expect(await lab.ask(C, "GetTableStatus", {})).toEqual({ code: 0 });
    expect(await lab.taskStatus(C)).toEqual({ kDropTable: "kDone" });
    expect(lab.disk(C).list("/lab/recycle")).toHaveLength(1);
  });

  it("with its memory full a tablet refuses rows with 160, and takes deletions", async () => {
    lab = new TabletLab({}, { max_memory_mb: "1" });
    lab.up(A);
    await lab.world.advance(100);
    await lab.create(A, { mode: "kTableLeader", term: 1 });
    const value = "v".repeat(600_000);
    expect((await lab.ask(A, "Put", { ...lab.partition, key: "a", value })).code).toBe(0);
    expect((await lab.ask(A, "Put", { ...lab.partition, key: "b", value })).code).toBe(0);
    expect((await lab.ask(A, "Put", { ...lab.partition, key: "c", value: "" })).code).toBe(160);
    expect((await lab.ask(A, "Delete", { ...lab.partition, key: "a" })).code).toBe(0);
    expect((await lab.ask(A, "Put", { ...lab.partition, key: "c", value: "" })).code).toBe(0);
    expect(await lab.ask(A, "Count", lab.partition)).toMatchObject({ count: 2 });
    expect(await lab.ask(A, "Get", { ...lab.partition, key: "a" })).toMatchObject({ code: 109 });
  });
});
