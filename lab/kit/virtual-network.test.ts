import { beforeEach, describe, expect, it } from "vitest";
import { NoReply, type Listener, type Reply, type Request } from "./network.ts";
import { ANYBODY, VirtualNetwork } from "./virtual-network.ts";
import { VirtualWorld } from "./virtual.ts";

const request = (path: string): Request => ({ method: "POST", path, headers: {}, body: "" });

describe("virtual network", () => {
  let world: VirtualWorld;
  let network: VirtualNetwork;
  let listener: Listener;
  let effects: string[];

  /** What the caller of "a:1" is told, and after how many milliseconds. */
  const call = async (path = "/x", from = "me:1"): Promise<string> => {
    const start = world.now();
    const outcome = network.call(from, "a:1", request(path), 1_000).then(
      ({ status, body }) => `${String(status)} ${body}`,
      (error: unknown) => (error instanceof NoReply ? error.failure : "another error"),
    );
    return `${await world.run(outcome)} after ${String(world.now() - start)}`;
  };

  beforeEach(async () => {
    world = new VirtualWorld({ start: 0 });
    network = new VirtualNetwork(world, { latencyMs: 1 });
    effects = [];
    listener = await network.listen("a:1", async ({ path }): Promise<Reply | null> => {
      if (path === "/slow") await world.sleep(100);
      if (path === "/mute") return null;
      if (path === "/broken") throw new Error("broken");
      effects.push(path);
      return { status: 200, body: "ok" };
    });
  });

  it("answers after a round trip", async () => {
    expect(await call()).toBe("200 ok after 2");
  });

  it("closes without a word, refuses where nobody listens, says 500 for a server that throws", async () => {
    expect(await call("/mute")).toBe("closed after 2");
    expect(await call("/broken")).toContain("500 Error: broken");
    listener.close();
    expect(await call()).toBe("refused after 2");
  });

  it("a killed listener closes what is under way, at once", async () => {
    world.after(50, () => {
      listener.close();
    });
    expect(await call("/slow")).toBe("closed after 51");
    expect(network.isListening("a:1")).toBe(false);
  });

  it("a cut of the way there keeps the effect away, a cut of the way back does not", async () => {
    network.cut("me:1", "a:1");
    expect(await call()).toBe("time-out after 1000");
    expect(effects).toEqual([]);
    network.heal("me:1", "a:1");
    network.cut("a:1", ANYBODY);
    expect(await call("/after")).toBe("time-out after 1000");
    expect(effects).toEqual(["/after"]);
    network.healAll();
    network.cutBoth("me:1", "a:1");
    expect(await call("/x", "you:1")).toBe("200 ok after 2");
  });

  it("loses a request, a reply after its effect, and delays, as often as the rule says", async () => {
    const lost = network.fault({ to: "a:1", times: 1, fault: { kind: "lose-reply", as: "closed" } });
    expect(await call("/lost-reply")).toBe("closed after 2");
    expect(await call("/next")).toBe("200 ok after 2");
    expect(lost.hits()).toBe(1);
    network.fault({ times: 1, fault: { kind: "lose-request", as: "time-out" } });
    expect(await call("/never")).toBe("time-out after 1000");
    const delay = network.fault({ matches: ({ path }) => path === "/late", fault: { kind: "delay", requestMs: 10, replyMs: 5 } });
    expect(await call("/late")).toBe("200 ok after 17");
    delay.remove();
    expect(await call("/late")).toBe("200 ok after 2");
    expect(effects).toEqual(["/lost-reply", "/next", "/late", "/late"]);
  });

  it("a request that is late arrives although its caller has given up", async () => {
    network.fault({ times: 1, fault: { kind: "delay", requestMs: 5_000 } });
    expect(await call("/straggler")).toBe("time-out after 1000");
    expect(effects).toEqual([]);
    await world.advance(5_000);
    expect(effects).toEqual(["/straggler"]);
  });

  it("an endpoint is taken once", async () => {
    await expect(network.listen("a:1", () => Promise.resolve(null))).rejects.toThrow("already in use");
    listener.close();
    await network.listen("a:1", () => Promise.resolve(null));
  });
});
