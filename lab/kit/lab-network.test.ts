import { describe, expect, it } from "vitest";
import type { Network, Reply, Request, Server } from "./network.ts";
import { LabNetwork, NETWORK_PAGE, type NetworkFault } from "./lab-network.ts";

/** Calls go straight to the server that listens there. */
class Direct implements Network {
  readonly servers = new Map<string, Server>();
  listen(endpoint: string, server: Server): Promise<{ close(): void }> {
    this.servers.set(endpoint, server);
    return Promise.resolve({ close: () => this.servers.delete(endpoint) });
  }
  async call(_from: string, to: string, request: Request): Promise<Reply> {
    return (await this.servers.get(to)?.(request)) ?? { status: 0, body: "closed" };
  }
}
const get = (path: string): Request => ({ method: "POST", path, headers: {}, body: "" });

async function pair(): Promise<{ network: LabNetwork; served: string[]; set: (fault: NetworkFault | null) => Promise<unknown> }> {
  const inner = new Direct();
  const network = new LabNetwork(inner);
  const served: string[] = [];
  await network.listen("n1", ({ path }) => {
    served.push(path);
    return Promise.resolve({ status: 200, body: path });
  });
  return { network, served, set: (fault) => inner.call("lab", "n1", { ...get(NETWORK_PAGE), body: JSON.stringify(fault) }) };
}

describe("LabNetwork", () => {
  it("loses so many answers after the request was served", async () => {
    const { network, served, set } = await pair();
    await set({ kind: "lose-reply", path: "ChangeLeader", count: 2 });
    const answers = [];
    for (const method of ["ChangeLeader", "ShowTable", "ChangeLeader", "ChangeLeader"])
      answers.push((await network.call("n2", "n1", get(`/NameServer/${method}`), 100)).status);
    expect(answers).toEqual([0, 200, 0, 200]);
    expect(served).toHaveLength(4);
  });

  it("cuts one peer in both directions, and everybody", async () => {
    const { network, served, set } = await pair();
    await set({ kind: "cut", peer: "n2" });
    const silent = network.call("n2", "n1", get("/a"), 100).then(() => "answered");
    expect(await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, 30, "silent"))])).toBe("silent");
    await expect(network.call("n1", "n2", get("/a"), 10)).rejects.toMatchObject({ failure: "time-out" });
    expect((await network.call("n3", "n1", get("/b"), 100)).body).toBe("/b");
    await set({ kind: "cut", peer: "*" });
    await expect(network.call("n1", "n3", get("/a"), 10)).rejects.toMatchObject({ failure: "time-out" });
    await set(null);
    expect((await network.call("n2", "n1", get("/c"), 100)).body).toBe("/c");
    expect(served).toEqual(["/b", "/c"]);
  });

  it("drains: requests under way are answered, new ones get 503", async () => {
    const inner = new Direct();
    const network = new LabNetwork(inner);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    await network.listen("n1", () => promise);
    const underWay = inner.call("n2", "n1", get("/slow"));
    let drained = false;
    const drain = network.drain().then(() => {
      drained = true;
    });
    expect((await inner.call("n2", "n1", get("/new"))).status).toBe(503);
    expect(drained).toBe(false);
    resolve({ status: 200, body: "late" });
    expect((await underWay).body).toBe("late");
    await drain;
  });
});
