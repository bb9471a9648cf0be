import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { memoryCluster, type MemoryCluster } from "../memory/cluster.ts";
import { partitionOfKey } from "../logic/sdk/partition-of-key.ts";
import { AcknowledgementLog, readLog, type LoggedRow } from "./acknowledgement-log.ts";
import { loadFigures } from "./figures.ts";
import { compared, readBack } from "./read-back.ts";
import { checksum, loadRow, values } from "./row.ts";
import { LoadWriter, prepareLoadTable, type LoadOptions } from "./writer.ts";

const LOG = "/log/acknowledged";

function optionsOf(cluster: MemoryCluster, perSecond = 200): LoadOptions {
  return {
    network: cluster.network,
    clock: cluster.world,
    disk: new MemoryDisk(),
    from: "127.0.0.1:3",
    apiservers: cluster.of("apiserver").map(({ endpoint }) => endpoint),
    db: "test",
    table: "load",
    perSecond,
    log: LOG,
  };
}
async function loaded(perSecond?: number): Promise<{ cluster: MemoryCluster; options: LoadOptions; writer: LoadWriter }> {
  const cluster = await memoryCluster({ partitions: 0, apiservers: 2 });
  await cluster.world.advance(100);
  const options = optionsOf(cluster, perSecond);
  await cluster.world.run(prepareLoadTable(options, { partitions: 6, replicas: 2 }));
  await cluster.world.advance(1_000);
  const writer = new LoadWriter(options);
  await cluster.world.run(writer.start());
  return { cluster, options, writer };
}

describe("the load", () => {
  it("writes at its rate over all partitions and both APIServers, and finds every row again", async () => {
    const { cluster, options, writer } = await loaded();
    await cluster.world.advance(5_000);
    await cluster.world.run(writer.stop());
    const rows = readLog(options.disk, LOG);
    const figures = loadFigures(rows);
    expect(figures).toMatchObject({ acknowledged: figures.sent, refused: 0, unknown: 0, words: {} });
    expect(figures.sent).toBeGreaterThanOrEqual(1_000);
    expect(figures.sent).toBeLessThanOrEqual(1_001);
    expect(new Set(rows.map(({ to }) => to)).size).toBe(2);
    expect(Object.keys(figures.longestGapMs)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(Math.max(...Object.values(figures.longestGapMs))).toBeLessThan(100);
    expect(await cluster.world.run(readBack(options, rows))).toEqual({
      found: figures.sent,
      missing: [],
      corrupted: [],
      duplicated: [],
      refusedPresent: [],
      unknownPresent: 0,
    });
  });

  it("goes on with the numbers of a log that is there", async () => {
    const { cluster, options, writer } = await loaded();
    await cluster.world.advance(1_000);
    await cluster.world.run(writer.stop());
    const before = readLog(options.disk, LOG).length;
    const again = new LoadWriter(options);
    await cluster.world.run(again.start());
    await cluster.world.advance(1_000);
    await cluster.world.run(again.stop());
    const rows = readLog(options.disk, LOG);
    expect(rows.length).toBeGreaterThan(before + 190);
    expect(new Set(rows.map(({ n }) => n)).size).toBe(rows.length);
    expect((await cluster.world.run(readBack(options, rows))).found).toBe(rows.length);
  });

  it("[OM-4] the vendor's procedure under load: what is missing was acknowledged by the old leader alone", async () => {
    const { cluster, options, writer } = await loaded();
    const table = await cluster.world.run(cluster.table("test", "load"));
    const old = table.table_partition[0]!.partition_meta.find((meta) => meta.is_leader)!.endpoint;
    await cluster.world.run(cluster.ask("ConfSet", { conf: { key: "auto_failover", value: "false" } }));
    await cluster.world.advance(1_000);
    await cluster.world.run(cluster.ask("ChangeLeader", { name: "load", db: "test", pid: 0, candidate_leader: "auto" }));
    await cluster.world.advance(2_000);
    const orphans = (await cluster.world.run(cluster.rows(old, table.tid, 0)))!;
    await cluster.world.run(cluster.ask("RecoverTable", { name: "load", db: "test", pid: 0, endpoint: old }));
    await cluster.world.advance(20_000);
    await cluster.world.run(writer.stop());
    const { missing } = await cluster.world.run(readBack(options, readLog(options.disk, LOG)));
    expect(missing.length).toBeGreaterThan(0);
    expect(new Set(missing.map(({ pid }) => pid))).toEqual(new Set([0]));
    for (const { key } of missing) expect(orphans.has(key)).toBe(true);
  });

  it("a fenced tablet refuses in words, and nothing refused is there", async () => {
    const { cluster, options, writer } = await loaded();
    await cluster.world.advance(500);
    const { endpoint } = cluster.of("tablet")[0]!;
    await cluster.world.run(cluster.call(endpoint, "TabletServer/SetMode", { follower: true }));
    await cluster.world.advance(1_000);
    await cluster.world.run(cluster.call(endpoint, "TabletServer/SetMode", { follower: false }));
    await cluster.world.advance(500);
    await cluster.world.run(writer.stop());
    const rows = readLog(options.disk, LOG);
    const figures = loadFigures(rows);
    expect(figures.refused).toBeGreaterThan(0);
    expect(Object.keys(figures.words).every((words) => words.startsWith("code 453"))).toBe(true);
    expect(Math.max(...Object.values(figures.longestGapMs))).toBeGreaterThan(900);
    expect(await cluster.world.run(readBack(options, rows))).toMatchObject({ missing: [], refusedPresent: [], found: figures.acknowledged });
  });

  it("an answer that is lost behind the APIServer leaves the row unknown", async () => {
    const { cluster, options, writer } = await loaded(50);
    await cluster.world.advance(500);
    for (const { endpoint } of cluster.of("tablet"))
      cluster.network.fault({ to: endpoint, times: 1, matches: ({ path }) => path.endsWith("/Put"), fault: { kind: "lose-reply", as: "closed" } });
    await cluster.world.advance(500);
    await cluster.world.run(writer.stop());
    const rows = readLog(options.disk, LOG);
    const { unknown } = loadFigures(rows);
    expect(unknown).toBeGreaterThan(0);
    expect(await cluster.world.run(readBack(options, rows))).toMatchObject({ missing: [], unknownPresent: unknown });
  });

  it("a table that cannot be read says nothing of any row", async () => {
    const { cluster, options, writer } = await loaded();
    await cluster.world.run(writer.stop());
    for (const { name } of cluster.of("apiserver")) cluster.kill(name);
    await expect(cluster.world.run(readBack(options, readLog(options.disk, LOG)))).rejects.toThrow(/refused/);
  });
});

describe("rows", () => {
  it("go round the partitions", () => {
    for (let n = 0; n < 50; n++) {
      const row = loadRow("s", n, 7);
      expect([row.pid, partitionOfKey(row.key, 7)]).toEqual([n % 7, n % 7]);
    }
  });
});

describe("the acknowledgement log", () => {
  it("an intent without an outcome is unknown, and a torn line is none", () => {
    const disk = new MemoryDisk();
    const log = new AcknowledgementLog(disk, LOG);
    log.intent(loadRow("s", 0, 2), 10, "a");
    log.outcome(0, "acknowledged", 12, null);
    log.intent(loadRow("s", 1, 2), 20, "b");
    disk.append(LOG, '{"kind":"outcome","n":1,"outc');
    expect(readLog(disk, LOG).map(({ n, outcome, answeredAt }) => [n, outcome, answeredAt])).toEqual([
      [0, "acknowledged", 12],
      [1, "unknown", null],
    ]);
    expect(readLog(disk, "/none")).toEqual([]);
  });
});

const row = (n: number, outcome: LoggedRow["outcome"], dueAt: number, answeredAt: number | null): LoggedRow => ({
  ...loadRow("s", n, 2),
  dueAt,
  to: "a",
  outcome,
  answeredAt,
  words: outcome === "acknowledged" ? null : "code 103",
});

describe("what is read back", () => {
  it("missing, corrupted, duplicated, refused and there", () => {
    const log = [0, 1, 2, 3, 4, 5].map((n) => row(n, n === 4 ? "refused" : n === 5 ? "unknown" : "acknowledged", 0, 1));
    const table = [0, 1, 1, 2, 4, 5].map((n) => [...values(log[n]!)]);
    table[3]![2] = checksum({ key: log[2]!.key, n: 7 });
    const result = compared(log, [...table, ["another writer's", 1, "x"]]);
    expect(result).toMatchObject({ found: 5, unknownPresent: 1 });
    const numbers = (of: readonly { n: number }[]): number[] => of.map(({ n }) => n);
    expect([result.missing, result.corrupted, result.duplicated, result.refusedPresent].map(numbers)).toEqual([[3], [2], [1], [4]]);
  });
});

describe("figures", () => {
  it("count, and measure from when a row was due", () => {
    const rows = [
      row(0, "acknowledged", 0, 5),
      row(1, "acknowledged", 10, 12),
      row(2, "refused", 20, 21),
      row(4, "acknowledged", 400, 500),
      row(3, "unknown", 30, null),
    ];
    expect(loadFigures(rows)).toEqual({
      sent: 5,
      acknowledged: 3,
      refused: 1,
      unknown: 1,
      latencyMs: { p50: 5, p99: 100, max: 100 },
      longestGapMs: { "0": 495, "1": 488 },
      words: { "code 103": 2 },
    });
    expect(loadFigures([])).toMatchObject({ sent: 0, latencyMs: null, longestGapMs: {} });
  });
});
