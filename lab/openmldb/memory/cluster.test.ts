import { describe, expect, it } from "vitest";
import { memoryCluster } from "./cluster.ts";
import { Writer } from "./testing/writer.ts";

describe("a whole OpenMLDB in memory", () => {
  it("has every component running, and its replicas and leaders spread", async () => {
    const cluster = await memoryCluster({ nameservers: 2, tablets: 3, apiservers: 2, taskmanagers: 2, partitions: 24, replicas: 2 });
    await cluster.world.advance(5_000);
    expect(cluster.nodes.filter(({ running }) => running === null)).toEqual([]);
    const { table_partition } = await cluster.world.run(cluster.table());
    const leaders = new Map<string, number>();
    const holders = new Map<string, number>();
    for (const { partition_meta } of table_partition)
      for (const { endpoint, is_leader } of partition_meta) {
        holders.set(endpoint, (holders.get(endpoint) ?? 0) + 1);
        if (is_leader) leaders.set(endpoint, (leaders.get(endpoint) ?? 0) + 1);
      }
    expect([...leaders.values()]).toEqual([8, 8, 8]);
    expect([...holders.values()]).toEqual([16, 16, 16]);
    await cluster.world.run(cluster.settled());
  });

  it("does the same again with the same seed", async () => {
    const history = async (seed: number): Promise<readonly string[]> => {
      const cluster = await memoryCluster({ seed, partitions: 4, replicas: 3, flags: { nameserver: { auto_failover: "false" } } });
      await cluster.world.run(
        (async () => {
          const writer = await Writer.connect(cluster);
          writer.begin(7);
          await cluster.world.sleep(500);
          for (const pid of [0, 1, 2, 3]) await cluster.ask("ChangeLeader", { db: "test", name: "t1", pid, candidate_leader: "auto" });
          await cluster.world.sleep(5_000);
          writer.end();
        })(),
      );
      return cluster.nodes.flatMap(({ log }) => log);
    };
    const [first, again, other] = [await history(7), await history(7), await history(8)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("runs the version that its binary has after the files were replaced and it was restarted", async () => {
    const cluster = await memoryCluster({ release: "0.9.0", partitions: 0 });
    const node = cluster.node("tablet2");
    const version = async (): Promise<string> =>
      (await cluster.network.call("127.0.0.1:1", node.endpoint, { method: "GET", path: "/version", headers: {}, body: "" }, 1_000)).body;
    expect(await cluster.world.run(version())).toBe("0.9.0-lab");
    node.machine.disk.write(`${node.directory}/bin/openmldb`, "#!openmldb 0.9.2\n");
    expect(await cluster.world.run(version())).toBe("0.9.0-lab");
    await cluster.world.run(cluster.restart(node.name));
    expect(await cluster.world.run(version())).toBe("0.9.2-lab");
  });

  it("reads flags anew at each start", async () => {
    const cluster = await memoryCluster({ partitions: 1, replicas: 2, nameservers: 1 });
    const { machine, directory, endpoint } = cluster.node("nameserver1");
    const file = `${directory}/conf/nameserver.flags`;
    machine.disk.write(file, `${machine.disk.read(file) ?? ""}--system_table_replica_num=9\n`);
    await cluster.world.run(cluster.restart("nameserver1"));
    await cluster.world.advance(5_000);
    expect(cluster.node("nameserver1")).toMatchObject({ running: null, exitCode: 1 });
    expect(cluster.network.isListening(endpoint)).toBe(false);
  });

  it("puts nameserver, APIServer and taskmanager into one directory of one machine when it is asked to", async () => {
    const cluster = await memoryCluster({ shared: true, nameservers: 2, apiservers: 2, taskmanagers: 2, partitions: 0 });
    await cluster.world.advance(5_000);
    const [nameserver, apiserver, taskmanager] = ["nameserver1", "apiserver1", "taskmanager1"].map((name) => cluster.node(name));
    expect(apiserver?.machine).toBe(nameserver?.machine);
    expect(taskmanager?.directory).toBe(nameserver?.directory);
    expect(nameserver?.machine.disk.list(`${nameserver.directory}/bin`)).toEqual(
      expect.arrayContaining(["apiserver.pid", "nameserver.pid", "taskmanager.pid"]),
    );
    cluster.kill("apiserver1");
    expect([nameserver?.running === null, apiserver?.running === null]).toEqual([false, true]);
  });

  it("says so when it does not settle", async () => {
    const cluster = await memoryCluster({ partitions: 1, replicas: 2, flags: { nameserver: { auto_failover: "false" } } });
    cluster.kill("tablet1");
    cluster.kill("tablet2");
    await expect(cluster.world.run(cluster.settled(20_000))).rejects.toThrow("all replicas are equal");
  });
});
