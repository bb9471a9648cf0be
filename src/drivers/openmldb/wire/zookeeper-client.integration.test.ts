// The client against the lab's ZooKeeper, over its own protocol.
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WireZooKeeperPort } from "../../../../lab/openmldb/processes/zookeeper-port.ts";
import { ZooKeeperServer } from "../../../../lab/openmldb/processes/zookeeper-server.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import { zooKeeperClient } from "./zookeeper-client.ts";
import { electedNameservers, ensembleHealth } from "./zookeeper.ts";

async function server(): Promise<{ readonly at: string }> {
  const running = await ZooKeeperServer.start({ host: "127.0.0.1", port: 0, tickTime: 500, dataDirectory: null });
  onTestFinished(() => running.stop());
  return { at: `127.0.0.1:${String(running.port)}` };
}
/** Listens and never says anything. */
async function mute(): Promise<string> {
  const listening = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => {
    listening.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    listening.close();
  });
  const address = listening.address();
  return `127.0.0.1:${String(typeof address === "object" && address ? address.port : 0)}`;
}

describe("ZooKeeper over the wire", () => {
  it("[OM-11] reads the election, the names and the leading taskmanager, and leaves no session behind", async () => {
    const { at } = await server();
    const writer = await new WireZooKeeperPort(at).connect(5_000);
    onTestFinished(() => writer.close());
    await writer.ensure("/om/leader");
    await writer.ensure("/om/taskmanager");
    await writer.ensure("/om/map/names/ns-a", "127.0.0.1:7527");
    await writer.create("/om/leader/lock_request", "ns-a", { ephemeral: true, sequence: true });
    await writer.create("/om/leader/lock_request", "127.0.0.1:7528", { ephemeral: true, sequence: true });
    await writer.create("/om/taskmanager/leader", "127.0.0.1:9902", { ephemeral: true });
    const client = zooKeeperClient([at], async () => "user:password");
    expect(await electedNameservers(client, "/om")).toEqual([
      { endpoint: "ns-a", address: "127.0.0.1:7527" },
      { endpoint: "127.0.0.1:7528", address: "127.0.0.1:7528" },
    ]);
    expect(await client.visit((reads) => reads.data("/om/taskmanager/leader"))).toBe("127.0.0.1:9902");
    expect(await client.visit(async (reads) => [await reads.children("/no/such"), await reads.data("/no/such")])).toEqual([[], null]);
    // The writer's connection, and the one that asks.
    await expect.poll(() => client.word(at, "srvr")).toMatch(/^Connections: 2$/m);
  });

  it("tells how the servers are by their words", async () => {
    const [{ at }, closed] = [await server(), "127.0.0.1:1"];
    expect(await ensembleHealth(zooKeeperClient([at], null), [at], "/")).toEqual({
      servers: 1,
      answering: 1,
      quorum: true,
      outstanding: 0,
      session: true,
    });
    expect(await ensembleHealth(zooKeeperClient([at, closed], null), [at, closed, closed], "/")).toMatchObject({
      servers: 3,
      answering: 1,
      quorum: false,
    });
  });

  it("nobody listens: refused for a word, unreachable for a session", async () => {
    const client = zooKeeperClient(["127.0.0.1:1"], null);
    await expect(client.word("127.0.0.1:1", "srvr")).rejects.toBeInstanceOf(Refused);
    await expect(client.visit((reads) => reads.children("/"))).rejects.toThrow("gives no session");
  });

  it("one that listens and is silent is unreachable, after a deadline", async () => {
    const at = await mute();
    const error = await zooKeeperClient([at], null)
      .word(at, "srvr")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
  });
});
