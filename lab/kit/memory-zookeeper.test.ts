import { beforeEach, describe, expect, it } from "vitest";
import { MemoryZooKeeper } from "./memory-zookeeper.ts";
import { VirtualWorld } from "./virtual.ts";
import type { ZooKeeperSession } from "./zookeeper.ts";

describe("ZooKeeper in memory", () => {
  let world: VirtualWorld;
  let zookeeper: MemoryZooKeeper;
  const connect = (client: string): Promise<ZooKeeperSession> => world.run(zookeeper.port(client).connect(10_000));

  beforeEach(() => {
    world = new VirtualWorld({ start: 0 });
    zookeeper = new MemoryZooKeeper(world, { roundTripMs: 1 });
  });

  it("creates below parents only, numbers sequences, refuses what exists and what has children", async () => {
    const session = await connect("a");
    await expect(world.run(session.create("/x/y", "1"))).rejects.toThrow("NO_NODE");
    await world.run(session.ensure("/x/lock", "kept"));
    await world.run(session.ensure("/x/lock", "other"));
    expect(await world.run(session.get("/x/lock"))).toBe("kept");
    expect(await world.run(session.create("/x/lock/n", "1", { sequence: true }))).toBe("/x/lock/n0000000000");
    expect(await world.run(session.create("/x/lock/n", "2", { sequence: true }))).toBe("/x/lock/n0000000001");
    await expect(world.run(session.create("/x/lock", ""))).rejects.toThrow("NODE_EXISTS");
    await expect(world.run(session.remove("/x/lock"))).rejects.toThrow("NOT_EMPTY");
    expect(await world.run(session.children("/x/lock"))).toEqual(["n0000000000", "n0000000001"]);
    expect(await world.run(session.get("/none"))).toBeNull();
    expect(await world.run(session.children("/none"))).toEqual([]);
  });

  it("ephemeral nodes outlive a killed process by the session's time-out, and go with a closed session", async () => {
    const killed = await connect("a");
    const closed = await connect("b");
    const watcher = await connect("c");
    await world.run(watcher.ensure("/nodes"));
    await world.run(killed.create("/nodes/a", "", { ephemeral: true }));
    await world.run(closed.create("/nodes/b", "", { ephemeral: true }));
    await world.run(closed.close());
    expect(zookeeper.peekChildren("/nodes")).toEqual(["a"]);
    killed.abandon();
    await world.advance(9_999);
    expect(zookeeper.peekChildren("/nodes")).toEqual(["a"]);
    await world.advance(1);
    expect(zookeeper.peekChildren("/nodes")).toEqual([]);
    await expect(world.run(killed.get("/nodes"))).rejects.toThrow("CONNECTION_LOSS");
  });

  it("watches fire once, for data and for children", async () => {
    const session = await connect("a");
    const seen: string[] = [];
    await world.run(session.get("/d", () => seen.push("data")));
    await world.run(session.children("/d", () => seen.push("children")));
    await world.run(session.create("/d", ""));
    await world.run(session.set("/d", "1"));
    await world.run(session.create("/d/e", ""));
    await world.advance(10);
    expect(seen).toEqual(["data", "children"]);
    await world.run(session.children("/d", () => seen.push("child went")));
    await world.run(session.remove("/d/e"));
    await world.advance(10);
    expect(seen).toEqual(["data", "children", "child went"]);
  });

  it("a client that is cut off loses its session after the time-out, and hears of it when it is back", async () => {
    const session = await connect("a");
    let expired = 0;
    session.onExpired(() => (expired += 1));
    await world.run(session.create("/a", "", { ephemeral: true }));
    zookeeper.cut("a");
    await expect(world.run(session.get("/a"))).rejects.toThrow("CONNECTION_LOSS");
    await world.advance(5_000);
    zookeeper.heal("a");
    await world.advance(20_000);
    expect(zookeeper.peek("/a")).toBe("");
    zookeeper.cut("a");
    await world.advance(10_000);
    expect(zookeeper.peek("/a")).toBeNull();
    expect(expired).toBe(0);
    zookeeper.heal("a");
    await world.advance(10);
    expect(expired).toBe(1);
    await expect(world.run(session.get("/a"))).rejects.toThrow("SESSION_EXPIRED");
  });

  it("a watch that fired while the client was cut off is told when it is back", async () => {
    const session = await connect("a");
    const other = await connect("b");
    let seen = 0;
    await world.run(session.get("/w", () => (seen += 1)));
    zookeeper.cut("a");
    await world.run(other.create("/w", ""));
    await world.advance(100);
    expect(seen).toBe(0);
    zookeeper.heal("a");
    await world.advance(10);
    expect(seen).toBe(1);
  });

  it("expires a session by hand, and answers nobody while it is down", async () => {
    const session = await connect("a");
    let expired = false;
    session.onExpired(() => (expired = true));
    await world.run(session.create("/a", "", { ephemeral: true }));
    zookeeper.expire("a");
    await world.advance(10);
    expect([expired, zookeeper.peek("/a")]).toEqual([true, null]);
    zookeeper.stop();
    await expect(connect("b")).rejects.toThrow("CONNECTION_LOSS");
    zookeeper.resume();
    await connect("b");
  });
});
