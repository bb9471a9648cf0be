// The frozen exchanges against the lab in memory.
import { expect, it } from "vitest";
import { MemoryCluster } from "../memory/cluster.ts";
import { exchangesOf, playExchanges, type ExchangeFileName, type Scene } from "./check.ts";

const zooKeeper = { zkCluster: "127.0.0.1:2181", zkRootPath: "/openmldb" };

function sceneOf(cluster: MemoryCluster): Scene {
  const endpoints = (role: "nameserver" | "tablet" | "apiserver"): readonly string[] => cluster.of(role).map(({ endpoint }) => endpoint);
  return {
    ...zooKeeper,
    call: (endpoint, request) => cluster.network.call("127.0.0.1:1", endpoint, request, 10_000),
    command: null,
    sleep: (ms) => cluster.world.sleep(ms),
    nameservers: endpoints("nameserver"),
    tablets: endpoints("tablet"),
    apiservers: endpoints("apiserver"),
    release: "0.9.2",
    authorization: "sdefault",
  };
}

it("the lab in memory answers as the facts say [facts 2, 4.1, 6.2]", async () => {
  const cluster = new MemoryCluster({ nameservers: 2, tablets: 3, apiservers: 1, partitions: 0, release: "0.9.2" });
  const files: readonly ExchangeFileName[] = ["conventions", "nameserver", "tablet", "apiserver", "leader-change", "replicas"];
  const exchanges = await Promise.all(files.map(exchangesOf));
  const play = async () => {
    await cluster.boot();
    return playExchanges(sceneOf(cluster), exchanges);
  };
  const { played, differences, leftOut } = await cluster.world.run(play());
  expect(differences).toEqual([]);
  expect(leftOut).toEqual([]);
  expect(played).toBeGreaterThan(80);
});
