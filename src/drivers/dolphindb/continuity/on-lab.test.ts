// The probe's client on a lab cluster in memory: the lab's own codec, script language and chunks answer it.
import { describe, expect, test } from "vitest";
import type { Attempt, ContinuityClient } from "../../../model/continuity.ts";
import type { Step, Turn } from "../../../model/step.ts";
import { writtenSoFar } from "../observe-cluster.ts";
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

  test("what probes write is not what somebody has written; a database that is only called alike is", async () => {
    const run = await MemoryRun.begin();
    const { cluster } = run.open();
    const does = <T>(work: Promise<T>): Promise<T> => run.lab.world.run(work);
    const leader = await does(cluster.rpc.leader());
    const definition = { enabled: true, route: null, rate: 100, minAcks: 1, verifyAfterS: 0 };
    const written = (): Promise<string> => does(writtenSoFar(cluster, leader, "without probes"));
    const before = await written();
    for (const name of ["run12", "alone_3f9a01c2"]) {
      const client = await continuityClient(cluster, { definition, name });
      await does(client.prepare());
      const [partition = ""] = await client.partitions();
      await does(client.attempt(insert(partition), forever, () => true));
      await client.close();
    }
    expect(await written()).toBe(before);
    expect(await does(writtenSoFar(cluster, leader, "all"))).not.toBe(before);
    const client = await continuityClient(cluster, { definition, name: "runtime" });
    await does(client.prepare());
    const [partition = ""] = await client.partitions();
    await does(client.attempt(insert(partition), forever, () => true));
    expect(await written()).not.toBe(before);
  });
  test("a way back that puts copies of metadata back everywhere is not probed: the copies do not know what the probe would write", async () => {
    const { cluster } = (await MemoryRun.begin()).open();
    const definition = { enabled: true, route: null, rate: 100, minAcks: 1, verifyAfterS: 0 };
    const guard: Step = { id: "nothing written", phase: "guard", do: "nothingWritten", params: { since: "12:12" } };
    const turns: readonly Turn[] = [{ id: "cluster", nodes: [], title: "", items: [guard] }];
    await expect(continuityClient(cluster, { definition, name: "run2", turns })).rejects.toMatchObject({
      code: "SW5001",
      remedy: expect.stringContaining("--no-probe") as unknown,
    });
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
