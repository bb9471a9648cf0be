import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeZooKeeper } from "./testing/zookeeper-suite.ts";
import { WireZooKeeperPort } from "./zookeeper-port.ts";
import { ZooKeeperServer, type ZooKeeperServerOptions } from "./zookeeper-server.ts";

describeZooKeeper("the lab's ZooKeeper", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lab-zookeeper-"));
  const options: ZooKeeperServerOptions = { host: "127.0.0.1", port: 0, tickTime: 200, dataDirectory: directory };
  let server = await ZooKeeperServer.start(options);
  const { port } = server;
  return {
    endpoint: `127.0.0.1:${String(port)}`,
    minSessionTimeoutMs: 400,
    restart: async () => {
      await server.stop();
      server = await ZooKeeperServer.start({ ...options, port });
    },
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
});

it("ends a session on demand: its client hears of it, its nodes are gone", async () => {
  const server = await ZooKeeperServer.start({ host: "127.0.0.1", port: 0, tickTime: 2000, dataDirectory: null });
  const port = new WireZooKeeperPort(`127.0.0.1:${String(server.port)}`);
  const session = await port.connect(10_000);
  await session.create("/mine", "", { ephemeral: true });
  const expired = new Promise<void>((resolve) => {
    session.onExpired(resolve);
  });
  expect(server.expireOwnerOf("/mine")).toBe(true);
  expect(server.expireOwnerOf("/mine")).toBe(false);
  await expired;
  expect(server.ephemerals()).toEqual([]);
  await expect(session.get("/mine")).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
  await server.stop();
});

it("says CONNECTION_LOSS where nobody listens", async () => {
  await expect(new WireZooKeeperPort("127.0.0.1:1", 200).connect(1000)).rejects.toMatchObject({ code: "CONNECTION_LOSS" });
});
