import { describe, expect, it } from "vitest";
import { Lifetime } from "./lifetime.ts";
import { MemoryZooKeeper } from "./memory-zookeeper.ts";
import { VirtualNetwork } from "./virtual-network.ts";
import { VirtualWorld } from "./virtual.ts";

describe("lifetime of a process", () => {
  it("kill -9 stops its timers, calls, listeners and watches; its session stays until the time-out", async () => {
    const world = new VirtualWorld({ start: 0 });
    const network = new VirtualNetwork(world);
    const zookeeper = new MemoryZooKeeper(world);
    const life = new Lifetime({ clock: world, network, zookeeper: zookeeper.port("a:1") });
    const seen: string[] = [];
    await network.listen("b:1", async () => {
      await world.sleep(100);
      return { status: 200, body: "" };
    });
    await world.run(life.network.listen("a:1", () => Promise.resolve({ status: 200, body: "" })));
    const session = await world.run(life.zookeeper.connect(10_000));
    await world.run(session.create("/a", "", { ephemeral: true }));
    await world.run(session.get("/b", () => seen.push("watch")));
    life.clock.after(50, () => seen.push("timer"));
    void life.network.call("a:1", "b:1", { method: "GET", path: "/", headers: {}, body: "" }, 1_000).finally(() => seen.push("call"));
    await world.advance(10);
    life.end();
    expect(network.isListening("a:1")).toBe(false);
    const other = await world.run(zookeeper.port("b:1").connect(10_000));
    await world.run(other.create("/b", ""));
    await world.advance(9_000);
    expect(seen).toEqual([]);
    expect(zookeeper.peek("/a")).toBe("");
    await world.advance(1_000);
    expect(zookeeper.peek("/a")).toBeNull();
    life.clock.after(1, () => seen.push("after the end"));
    await world.advance(10);
    expect(seen).toEqual([]);
  });
});
