import { beforeEach, describe, expect, it } from "vitest";
import { TabletLab } from "./testing.ts";

const A = "10.0.0.1:10921";
const B = "10.0.0.2:10921";
const C = "10.0.0.3:10921";

describe("tablet: registration (facts 2.4, 3.2)", () => {
  let lab: TabletLab;
  beforeEach(() => {
    lab = new TabletLab();
  });

  it("answers before it is registered, and says its version afterwards", async () => {
    lab.up(A);
    await lab.world.advance(0.6);
    expect(await lab.page(A, "/status")).toContain("unknown");
    await lab.world.advance(50);
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBe(`startup_${A}`);
    expect(await lab.page(A, "/version")).toBe("0.9.2-lab");
  });

  it("a start inside the session time-out of the killed process ends with -110 and exit code 1", async () => {
    lab.up(A);
    await lab.world.advance(100);
    lab.kill(A);
    await lab.world.advance(5_000);
    lab.up(A);
    await lab.world.advance(100);
    expect(lab.exits).toEqual([{ endpoint: A, code: 1 }]);
    expect(lab.log.join("\n")).toContain("-110");
    expect(lab.network.isListening(A)).toBe(false);
    await lab.world.advance(5_000);
    lab.up(A);
    await lab.world.advance(100);
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBe(`startup_${A}`);
  });

  it("after an expired session it registers again as the same process", async () => {
    lab.up(A);
    await lab.world.advance(100);
    lab.zookeeper.expire(A);
    await lab.world.advance(10);
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBeNull();
    await lab.world.advance(15_000);
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBe(A);
  });

  it("an endpoint that is taken ends the process", async () => {
    lab.up(A);
    await lab.world.advance(100);
    lab.up(A);
    await lab.world.advance(100);
    expect(lab.exits).toEqual([{ endpoint: A, code: 1 }]);
    expect(lab.log.join("\n")).toContain("Fail to start server");
  });

  it("DisConnectZK and ConnectZK drop the registration and take it up again", async () => {
    lab.up(A);
    await lab.world.advance(100);
    await lab.ask(A, "DisConnectZK", {});
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBeNull();
    await lab.ask(A, "ConnectZK", {});
    expect(lab.zookeeper.peek(`/openmldb/nodes/${A}`)).toBe(A);
  });
});

describe("tablet: replication and terms (facts 4.1, 4.2)", () => {
  let lab: TabletLab;
  beforeEach(async () => {
    lab = new TabletLab();
    lab.up(A, B, C);
    await lab.world.advance(100);
    for (const follower of [B, C]) await lab.create(follower, { mode: "kTableFollower" });
    await lab.create(A, { mode: "kTableLeader", term: 1, replicas: [B, C] });
    await lab.world.advance(50);
  });

  it("acknowledges after the local append and ships later, at most 32 entries at a time", async () => {
    lab.pace(A, { delayMs: 500 });
    const batches: number[] = [];
    lab.network.fault({
      to: B,
      matches: ({ path, body }) => {
        if (!path.endsWith("AppendEntries")) return false;
        batches.push((JSON.parse(body) as { entries: unknown[] }).entries.length);
        return false;
      },
      fault: { kind: "delay" },
    });
    for (let row = 0; row < 100; row += 1) expect(await lab.put(A, `k${String(row)}`)).toBe(0);
    expect(await lab.offsets()).toEqual({ [A]: 100, [B]: 0, [C]: 0 });
    await lab.world.advance(1_500);
    expect(await lab.offsets()).toEqual({ [A]: 100, [B]: 100, [C]: 100 });
    expect(Math.max(...batches)).toBe(32);
    expect(await lab.followers(A)).toEqual({ [B]: 100, [C]: 100 });
    expect((await lab.rows(B)).length).toBe(100);
  });

  it("a follower's bandwidth is its own and may change while it runs", async () => {
    lab.pace(A, { perSecond: 100 }, B);
    for (let row = 0; row < 200; row += 1) await lab.put(A, `k${String(row)}`);
    await lab.world.advance(500);
    const offsets = await lab.offsets();
    expect(offsets[C]).toBe(200);
    expect(offsets[B]).toBeGreaterThan(30);
    expect(offsets[B]).toBeLessThan(130);
    lab.pace(A, { perSecond: 0 }, B);
    await lab.world.advance(2_000);
    const held = (await lab.offsets())[B];
    await lab.world.advance(2_000);
    expect((await lab.offsets())[B]).toBe(held);
    lab.pace(A, {}, B);
    await lab.world.advance(2_000);
    expect((await lab.offsets())[B]).toBe(200);
  });

  it("[cause A] what was not replicated at FollowOfNoOne never is: the follower refuses the old leader with 122, which goes on acknowledging", async () => {
    lab.pace(A, { delayMs: 1_000 });
    for (let row = 0; row < 5; row += 1) await lab.put(A, `k${String(row)}`);
    expect(await lab.probe(B, 3)).toMatchObject({ code: 0, logOffset: 0 });
    expect(await lab.probe(C, 3)).toMatchObject({ code: 0, logOffset: 0 });
    expect(await lab.ask(B, "AppendEntries", lab.entries({ term: 1, from: 1, to: 5 }))).toMatchObject({ code: 122 });
    await lab.world.advance(10_000);
    expect(await lab.offsets()).toEqual({ [A]: 5, [B]: 0, [C]: 0 });
    expect(await lab.put(A, "late")).toBe(0);
  });

  it("[cause B] the old leader acknowledges beside the new one until ChangeRole, and then says 103", async () => {
    await lab.put(A, "both");
    await lab.world.advance(100);
    await lab.probe(B, 3);
    await lab.probe(C, 3);
    expect(await lab.ask(B, "ChangeRole", { ...lab.partition, mode: "kTableLeader", term: 4, replicas: [C] })).toMatchObject({ code: 0 });
    expect(await lab.put(A, "old")).toBe(0);
    expect(await lab.put(B, "new")).toBe(0);
    await lab.world.advance(5_000);
    expect(await lab.keys(A)).toEqual(["both", "old"]);
    expect(await lab.keys(B)).toEqual(["both", "new"]);
    expect(await lab.keys(C)).toEqual(["both", "new"]);
    expect(await lab.ask(A, "ChangeRole", { ...lab.partition, mode: "kTableFollower" })).toMatchObject({ code: 0 });
    expect(await lab.put(A, "after")).toBe(103);
    expect(await lab.ask(A, "GetTermPair", lab.partition)).toMatchObject({ has_table: true, is_leader: false, term: 1, offset: 2 });
  });

  it("[cause F] a follower that was fenced by a failed change stays fenced: its offset does not advance (upstream 2849)", async () => {
    await lab.probe(B, 3);
    for (let row = 0; row < 5; row += 1) await lab.put(A, `k${String(row)}`);
    await lab.world.advance(30_000);
    expect(await lab.followers(A)).toEqual({ [B]: 0, [C]: 5 });
    // A new replicate node reads the leader's term anew, which is still the lower one.
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: B });
    await lab.ask(A, "AddReplica", { ...lab.partition, endpoint: B });
    await lab.world.advance(5_000);
    expect((await lab.offsets())[B]).toBe(0);
    // Led anew with a term above the fence, it can.
    await lab.ask(A, "ChangeRole", { ...lab.partition, mode: "kTableFollower" });
    await lab.ask(A, "ChangeRole", { ...lab.partition, mode: "kTableLeader", term: 4, replicas: [B, C] });
    await lab.world.advance(5_000);
    expect((await lab.offsets())[B]).toBe(5);
  });

  it("a refused batch is sent again with the term that it had, whatever the leader has learnt since", async () => {
    await lab.probe(B, 3);
    await lab.put(A, "refused");
    await lab.world.advance(500);
    await lab.ask(A, "SetMode", { follower: true });
    expect(await lab.probe(A, 9)).toMatchObject({ code: 0 });
    await lab.ask(A, "SetMode", { follower: false });
    expect(await lab.ask(A, "GetTermPair", lab.partition)).toMatchObject({ is_leader: true, term: 9 });
    await lab.world.advance(30_000);
    expect(await lab.offsets()).toEqual({ [A]: 1, [B]: 0, [C]: 1 });
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: B });
    await lab.ask(A, "AddReplica", { ...lab.partition, endpoint: B });
    await lab.world.advance(2_000);
    expect((await lab.offsets())[B]).toBe(1);
  });

  it("an explicit candidate behind another follower: that one skips what it has an offset for, and differs with equal offsets", async () => {
    lab.pace(A, { perSecond: 0 }, B);
    for (const key of ["x1", "x2", "x3"]) await lab.put(A, key);
    await lab.world.advance(200);
    expect(await lab.offsets()).toEqual({ [A]: 3, [B]: 0, [C]: 3 });
    await lab.probe(B, 3);
    await lab.probe(C, 3);
    await lab.ask(B, "ChangeRole", { ...lab.partition, mode: "kTableLeader", term: 4, replicas: [C] });
    await lab.world.advance(100);
    for (const key of ["y1", "y2"]) await lab.put(B, key);
    await lab.world.advance(5_000);
    expect(await lab.followers(B)).toEqual({ [C]: 3 });
    for (const key of ["y3", "y4"]) await lab.put(B, key);
    await lab.world.advance(5_000);
    expect(await lab.offsets()).toEqual({ [A]: 3, [B]: 4, [C]: 4 });
    expect(await lab.keys(B)).toEqual(["y1", "y2", "y3", "y4"]);
    expect(await lab.keys(C)).toEqual(["x1", "x2", "x3", "y4"]);
  });

  it("a batch whose answer was lost is sent again, and skipped where it has been taken", async () => {
    const lost = lab.network.fault({
      to: B,
      times: 1,
      matches: ({ path, body }) => path.endsWith("AppendEntries") && body.includes("once"),
      fault: { kind: "lose-reply", as: "closed" },
    });
    await lab.put(A, "once");
    await lab.put(A, "twice");
    await lab.world.advance(5_000);
    expect(lost.hits()).toBe(1);
    expect(await lab.keys(B)).toEqual(["once", "twice"]);
  });

  it("SetMode refuses writes with 453 while replication drains, and lets leaders take entries of another leader", async () => {
    lab.pace(A, { delayMs: 200 });
    await lab.put(A, "before");
    expect(await lab.ask(A, "AppendEntries", lab.entries({ term: 9, from: 5, to: 5 }))).toMatchObject({ code: 102 });
    await lab.ask(A, "SetMode", { follower: true });
    expect(await lab.put(A, "refused")).toBe(453);
    expect(await lab.ask(A, "Delete", { ...lab.partition, key: "before" })).toMatchObject({ code: 453 });
    await lab.world.advance(2_000);
    expect(await lab.offsets()).toEqual({ [A]: 1, [B]: 1, [C]: 1 });
    expect(await lab.ask(A, "AppendEntries", lab.entries({ term: 0, from: 2, to: 2 }))).toMatchObject({ code: 0, logOffset: 2 });
    await lab.ask(A, "SetMode", { follower: false });
    expect(await lab.put(A, "again")).toBe(0);
  });

  it("a deletion travels like a row", async () => {
    await lab.put(A, "gone");
    await lab.put(A, "kept");
    await lab.ask(A, "Delete", { ...lab.partition, key: "gone" });
    await lab.world.advance(200);
    expect(await lab.keys(B)).toEqual(["kept"]);
    expect((await lab.offsets())[B]).toBe(3);
  });

  it("ChangeRole wants a normal table and a change; followers are told by leaders alone", async () => {
    await lab.ask(A, "PauseSnapshot", lab.partition);
    expect(await lab.ask(A, "ChangeRole", { ...lab.partition, mode: "kTableFollower" })).toMatchObject({ code: 105 });
    await lab.ask(A, "RecoverSnapshot", lab.partition);
    expect(await lab.ask(A, "ChangeRole", { ...lab.partition, mode: "kTableLeader", term: 5 })).toMatchObject({ code: 102 });
    expect(await lab.ask(B, "ChangeRole", { ...lab.partition, mode: 2 })).toMatchObject({ code: 0, msg: "table is follower" });
    expect(await lab.ask(B, "GetTableFollower", lab.partition)).toMatchObject({ code: 103 });
    expect(await lab.ask(A, "GetTableFollower", { tid: 77, pid: 0 })).toMatchObject({ code: 100 });
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: B });
    await lab.ask(A, "DelReplica", { ...lab.partition, endpoint: C });
    expect(await lab.ask(A, "GetTableFollower", lab.partition)).toMatchObject({ code: 134 });
    expect(await lab.ask(B, "Put", { tid: 77, pid: 0, key: "k", value: "v" })).toMatchObject({ code: 100 });
  });

  it("a killed leader leaves its followers where they are, and nothing of it comes later", async () => {
    lab.pace(A, { delayMs: 100 });
    await lab.put(A, "lost");
    lab.kill(A);
    await lab.world.advance(5_000);
    expect((await lab.offsets())[B]).toBe(0);
  });
});
