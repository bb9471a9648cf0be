import { beforeAll, describe, expect, it } from "vitest";
import { memoryCluster, type MemoryCluster } from "../memory/cluster.ts";
import { openmldb, type CommandWorld } from "./openmldb.ts";

let cluster: MemoryCluster;
let world: CommandWorld;
beforeAll(async () => {
  cluster = await memoryCluster({ partitions: 2, replicas: 2 });
  const { network, zookeeper } = cluster;
  world = { network, clock: cluster.world, zookeeper: () => zookeeper.port("command"), from: "127.0.0.1:1", release: "0.9.2" };
});
async function run(...argv: readonly string[]): Promise<string> {
  const { code, stdout } = await cluster.world.run(openmldb(argv, world));
  expect(code).toBe(0);
  return stdout;
}
const ns = (cmd: string, ...more: readonly string[]): Promise<string> =>
  run("--zk_cluster=127.0.0.1:2181", "--zk_root_path=/openmldb", "--role=ns_client", "--interactive=false", `--cmd=${cmd}`, ...more);
const direct = async (cmd: string, ...more: readonly string[]): Promise<string> => {
  const leader = (await cluster.world.run(cluster.leader())) ?? "";
  return run(`--endpoint=${leader}`, "--role=ns_client", "--interactive=false", `--cmd=${cmd}`, ...more);
};
const tablet = (endpoint: string, cmd: string): Promise<string> =>
  run("--role=client", "--interactive=false", `--endpoint=${endpoint}`, `--cmd=${cmd}`);

describe("the openmldb command", () => {
  it("says its version", async () => {
    expect(await run("--version")).toBe("openmldb version 0.9.2\n");
  });

  it("names the leader first when it is asked through ZooKeeper, and only then", async () => {
    expect((await ns("showdb")).split("\n")).toEqual(["ns leader: 127.0.0.1:7527", "  #  name", "-----------", "  1  test", ""]);
    expect((await direct("showdb")).split("\n")[0]).toBe("  #  name");
  });

  it("what goes wrong is in the words, and the exit code is 0", async () => {
    expect(await direct("changeleader t1 0 auto", "--database=test")).toBe("failed to change leader. error msg: auto_failover is enabled\n");
    expect(await direct("addreplica t1 0 127.0.0.1:1", "--database=test")).toMatch(/^Fail to addreplica\. error msg:/);
    expect(await direct("delreplica t1 0 127.0.0.1:1", "--database=test")).toMatch(/^Fail to delreplica\. error msg:/);
    expect(await direct("recovertable t1 0 127.0.0.1:1", "--database=test")).toMatch(/^Fail to recover table\. error msg:/);
    expect(await direct("changeleader t1", "--database=test")).toBe("Bad format\n");
    expect(await direct("showopstatus t1 x", "--database=test")).toBe("Bad format\n");
    expect(await direct("toString")).toBe("unsupported cmd\n");
    expect(await tablet("127.0.0.1:1", "gettablestatus  ")).toMatch(/^gettablestatus failed, error msg: rpc error/);
    expect(await run("--endpoint=127.0.0.1:1", "--role=ns_client", "--cmd=showtablet")).toMatch(/^Fail to show tablets\. error msg: rpc error/);
    expect(await run("--endpoint=127.0.0.1:7528", "--role=ns_client", "--cmd=showtablet")).toBe(
      "Fail to show tablets. error msg: nameserver is not leader\n",
    );
    expect(await ns("showns", "--zk_root_path=/nowhere")).toBe("get children failed\n");
  });

  it("adds and deletes a replica, and follows the operation", async () => {
    expect(await direct("confset auto_failover false")).toBe("set auto_failover ok\n");
    const table = await cluster.world.run(cluster.table());
    const held = table.table_partition[0]!.partition_meta.map(({ endpoint }) => endpoint);
    const free = cluster.of("tablet").find(({ endpoint }) => !held.includes(endpoint))!.endpoint;
    expect(await direct(`addreplica t1 0 ${free}`, "--database=test")).toBe("AddReplica ok\n");
    expect(await direct(`addreplica t1 0 ${free}`, "--database=other")).toMatch(/^Fail to addreplica/);
    await cluster.world.advance(60_000);
    const last = (await direct("showopstatus t1 0 ", "--database=test")).trimEnd().split("\n").at(-1)!.trim().split(/\s+/);
    expect([last[1], last[4], last[8]]).toEqual(["kAddReplicaOP", "kDone", "-"]);
    const follower = await direct("showtable t1", "--database=test");
    expect(follower).toMatch(new RegExp(`t1 +\\d+ +0 +${free} +follower +yes`));
    expect(await direct(`delreplica t1 0 ${free}`, "--database=test")).toBe("DelReplica ok\n");
    await cluster.world.advance(60_000);
    expect(await direct("showtable t1", "--database=test")).not.toContain(`0    ${free}`);
  });

  it("tells of broken tables before anything else", async () => {
    const sql = (): Promise<string> =>
      run("--zk_cluster=z", "--zk_root_path=/openmldb", "--role=sql_client", "--interactive=false", "--cmd=show table status like 'te%';");
    expect((await sql()).split("\n")[1]).toMatch(/^ {2}Table_id {3}Table_name /);
    cluster.kill("tablet3");
    await cluster.world.advance(30_000);
    const broken = (await sql()).split("\n");
    expect(broken[0]).toMatch(/^ERROR: table \S+ is broken, `show table status` to check detail, unalive partition: \d+, warning preview: \[pid=0\]/);
    expect(broken).toContain("HINT: Use `openmldb_tool inspect` to get full report.");
    expect(broken.at(-2)).toBe("1 rows in set");
    expect(await run("--zk_cluster=z", "--zk_root_path=/openmldb", "--role=sql_client", "--cmd=select nonsense")).toContain("Error: Syntax error");
  });
});
