// The probe's client on a lab cluster in memory: the lab's own codec, script language and chunks answer it.
import { describe, expect, test } from "vitest";
import type { Attempt, ContinuityClient } from "../../../model/continuity.ts";
import { MemoryRun, type MemoryRunOptions } from "../testing/memory-run.ts";
import { continuityClient } from "./client.ts";

const forever = new AbortController().signal;
let sequence = 0;
const insert = (partition: string): Attempt => {
  const key = `k3f9a01c2-${String(++sequence)}`;
  return { sequence, kind: "insert", partition, key, value: `${key}:1`, expected: null };
};

async function opened(
  options: MemoryRunOptions = {},
  table: string | null = null,
): Promise<{ readonly run: MemoryRun; readonly client: ContinuityClient; readonly does: <T>(work: Promise<T>) => Promise<T> }> {
  const run = await MemoryRun.begin(options);
  const { cluster } = run.open();
  const definition = { enabled: true, route: null, rate: 100, minAcks: 1, verifyAfterS: 0 };
  const client = await continuityClient({ ...cluster, probe: { table, chunkLockMs: null } }, { definition, name: "run1" });
  sequence = 0;
  return { run, client, does: (work) => run.lab.world.run(work) };
}

describe("on a lab cluster in memory", () => {
  test("[DD-12] [DD-21] its table, its rows, its replicas, its clocks and its end", async () => {
    const { client, does } = await opened();
    await does(client.prepare());
    const partitions = await client.partitions();
    for (const partition of partitions) expect(await does(client.attempt(insert(partition), forever, () => true))).toEqual({ is: "acknowledged" });
    expect((await does(client.readAuthoritative())).size).toBe(partitions.length);
    await does(client.removeBehindTheProbe("k3f9a01c2-1"));
    expect((await does(client.readAuthoritative())).has("k3f9a01c2-1")).toBe(false);
    const counts = (await does(client.countReplicas?.() ?? Promise.resolve([]))).filter(({ expected }) => expected > 0);
    expect(counts).toHaveLength(2 * (partitions.length - 1));
    expect(counts.every(({ rows }) => rows === 1)).toBe(true);
    expect(new Set(counts.map(({ replica }) => replica))).toEqual(new Set(["node1", "node2", "node3"]));
    const clocks = await does(client.clocks?.() ?? Promise.resolve([]));
    expect(clocks).toHaveLength(3);
    for (const { aheadMs, uncertaintyMs } of clocks) expect(Math.abs(aheadMs)).toBeLessThanOrEqual(uncertaintyMs);
    expect(await does(client.durability())).toContain("dfsReplicationFactor 2");
    await does(client.cleanUp());
    await expect(does(client.readAuthoritative())).rejects.toThrow();
  });

  test.each([
    ["skip", { is: "refused", silently: true }],
    ["add", { is: "acknowledged" }],
  ])("[DD-21] the tutorial's domain of ten days, newValuePartitionPolicy=%s: a row of today", async (newValuePartitionPolicy, outcome) => {
    const { run, client, does } = await opened({ clusterSettings: { newValuePartitionPolicy } }, "dfs://tutorial/rows");
    const create = [
      'db = database("dfs://tutorial", VALUE, 2023.01.01..2023.01.10, engine="TSDB")',
      "shape = table(1:0, `seq`ts`writer`recordKey`recordValue, [LONG, TIMESTAMP, SYMBOL, STRING, STRING])",
      "db.createPartitionedTable(shape, `rows, `ts, sortColumns=`seq, keepDuplicates=ALL)",
    ];
    await does(run.lab.script("node1", create.join("\n")));
    await does(client.prepare());
    expect(await does(client.attempt(insert("dfs://tutorial/rows"), forever, () => true))).toMatchObject(outcome);
    expect((await does(client.readAuthoritative())).size).toBe(newValuePartitionPolicy === "add" ? 1 : 0);
  });
});
