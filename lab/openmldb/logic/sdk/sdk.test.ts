import { expect, it } from "vitest";
import { NoReply } from "../../../kit/network.ts";
import { NoTabletLeads, Sdk, TabletRefused } from "./sdk.ts";
import { ClusterDouble, DURATIONS, partitionsOf, ROOT, TABLETS } from "./testing/double.ts";

const TABLE = {
  name: "t1",
  db: "test",
  tid: 6,
  partition_num: 4,
  replica_num: 2,
  seg_cnt: 8,
  storage_mode: "kMemory",
  compress_type: "kNoCompress",
  key_column: "id",
  column_desc: [{ name: "id", data_type: "kString" }],
  table_partition: partitionsOf(4),
} as const;

async function connected(): Promise<{ cluster: ClusterDouble; sdk: Sdk }> {
  const cluster = new ClusterDouble();
  await cluster.world.run(cluster.up());
  await cluster.world.run(cluster.publish(TABLE));
  const sdk = new Sdk({
    caller: { network: cluster.network, from: "10.0.0.9:1", authorization: "sdefault", timeoutMs: 2_000 },
    clock: cluster.world,
    zookeeper: cluster.zookeeper.port("sdk"),
    rootPath: ROOT,
    sessionTimeoutMs: 2_000,
    catalogRefreshMs: DURATIONS.catalogRefresh,
    log: (line) => {
      cluster.log.push(line);
    },
  });
  await cluster.world.run(sdk.connect());
  return { cluster, sdk };
}
const rowsOn = (cluster: ClusterDouble, endpoint: string): number => [...cluster.tablets.get(endpoint)!.rows.values()].flat().length;

it("[OM-4] puts to the old leader, which takes the row, until the catalog is read again", async () => {
  const { cluster, sdk } = await connected();
  const [old, next] = TABLETS;
  const put = (key: string): Promise<void> => cluster.world.run(sdk.put(sdk.catalog.find("test", "t1")!, key, "v", 1));
  await put("a");
  await cluster.world.run(cluster.changeLeader());
  await put("b");
  expect([rowsOn(cluster, old), rowsOn(cluster, next)]).toEqual([2, 0]);
  await cluster.world.advance(DURATIONS.catalogRefresh + 10);
  await put("c");
  expect([rowsOn(cluster, old), rowsOn(cluster, next)]).toEqual([2, 1]);
  // The watch was set again: the next change is seen, too.
  await cluster.world.run(cluster.publish(TABLE));
  await cluster.world.advance(DURATIONS.catalogRefresh + 10);
  await put("d");
  expect([rowsOn(cluster, old), rowsOn(cluster, next)]).toEqual([3, 1]);
});

it("a refusal is the caller's: no retry, no redirect", async () => {
  const { cluster, sdk } = await connected();
  const [leader, follower] = TABLETS;
  for (const code of [103, 453, 100]) {
    cluster.tablets.get(leader)!.code = code;
    const refused = await cluster.world.run(sdk.put(sdk.catalog.find("test", "t1")!, "a", "v", 1).catch((error: unknown) => error));
    expect(refused).toBeInstanceOf(TabletRefused);
    expect(refused).toMatchObject({ code });
  }
  expect([rowsOn(cluster, leader), rowsOn(cluster, follower)]).toEqual([0, 0]);
});

it("a partition without a leader that is alive is not sent to", async () => {
  const { cluster, sdk } = await connected();
  const dead = TABLE.table_partition.map((partition) => ({
    ...partition,
    partition_meta: partition.partition_meta.map((meta) => ({ ...meta, is_alive: false })),
  }));
  await cluster.world.run(cluster.publish({ ...TABLE, table_partition: dead }));
  await cluster.world.run(sdk.refresh());
  await expect(cluster.world.run(sdk.put(sdk.catalog.find("test", "t1")!, "a", "v", 1))).rejects.toBeInstanceOf(NoTabletLeads);
});

it("an answer that does not come is none", async () => {
  const { cluster, sdk } = await connected();
  cluster.network.fault({ to: TABLETS[0], fault: { kind: "lose-reply", as: "time-out" } });
  const failure = await cluster.world.run(sdk.put(sdk.catalog.find("test", "t1")!, "a", "v", 1).catch((error: unknown) => error));
  expect(failure).toBeInstanceOf(NoReply);
  expect(rowsOn(cluster, TABLETS[0])).toBe(1);
});

it("a session that expired is taken anew, and what changed meanwhile is read", async () => {
  const { cluster, sdk } = await connected();
  cluster.zookeeper.cut("sdk");
  await cluster.world.run(cluster.changeLeader());
  await cluster.world.advance(5_000);
  expect(sdk.catalog.find("test", "t1")!.leaders).toEqual(Array.from({ length: 4 }, () => TABLETS[0]));
  cluster.zookeeper.heal("sdk");
  await cluster.world.advance(5_000);
  expect(sdk.catalog.find("test", "t1")!.leaders).toEqual(Array.from({ length: 4 }, () => TABLETS[1]));
});
