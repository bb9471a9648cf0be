import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { Attempt, AttemptOutcome } from "../../../model/continuity.ts";
import { FakeProbeCluster, type AppendFault } from "../testing/fake-probe-cluster.ts";
import { DolphindbContinuity, type DolphindbContinuityOptions } from "./continuity.ts";

const sites = ["10.0.0.1:8902", "10.0.0.2:8902", "10.0.0.3:8902"] as const;
const nodes = new Map([
  ["p1", "dn1"],
  ["p2", "dn2"],
  ["p3", "dn3"],
]);
const forever = new AbortController().signal;

let cluster: FakeProbeCluster;
let agains: number;
beforeEach(() => {
  cluster = new FakeProbeCluster(sites);
  agains = 0;
  sequence = 0;
});
let sequence = 0;

const open = (options: Partial<DolphindbContinuityOptions> = {}): DolphindbContinuity =>
  new DolphindbContinuity({
    transport: cluster,
    rpc: cluster.rpc(nodes),
    credentials: { user: "admin", password: () => Promise.resolve("123456") },
    sites,
    dataNodes: [...nodes].map(([name, alias]) => ({ name, alias })),
    controllers: ["c1"],
    database: "dfs://stillwater_probe",
    table: null,
    name: "Run1",
    chunkLockMs: 30,
    roundMs: 10,
    replicateWithinMs: 0,
    pause: async (ms, signal) => {
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    },
    now: () => performance.now(),
    wall: () => Date.now(),
    ...options,
  });
const insert = (partition: string, key = `k3f9a01c2-${String(sequence + 1)}`): Attempt => ({
  sequence: ++sequence,
  kind: "insert",
  partition,
  key,
  value: `${key}:1`,
  expected: null,
});
const again = (): boolean => {
  agains++;
  return true;
};
async function prepared(options: Partial<DolphindbContinuityOptions> = {}): Promise<DolphindbContinuity> {
  const client = open(options);
  await client.prepare();
  return client;
}
const lane = (number: number): string => `dfs://stillwater_probe_run1/${String(number)}`;
const write = (client: DolphindbContinuity, signal = forever, number = 1): Promise<AttemptOutcome> =>
  client.attempt(insert(lane(number)), signal, again);
/** The fault for the first `times` rows. */
const first =
  (times: number, fault: AppendFault): FakeProbeCluster["fault"] =>
  ({ count }) =>
    count < times ? fault : null;

describe("its table", () => {
  test("is made once, in as many partitions as touch every data node", async () => {
    const client = await prepared();
    expect(await client.partitions()).toHaveLength(12);
    expect(cluster.scripts.filter((text) => text.includes("createPartitionedTable"))).toHaveLength(1);
    expect(cluster.scripts[0]).toContain("partitionScheme=0..11");
    for (let number = 0; number < 12; number++) expect(await write(client, forever, number)).toEqual({ is: "acknowledged" });
    for (const alias of cluster.aliases) expect(cluster.rowsOn(alias).length).toBeGreaterThan(2);
    const successor = await prepared();
    expect(await successor.partitions()).toEqual(await client.partitions());
    expect(cluster.scripts.filter((text) => text.includes("createPartitionedTable"))).toHaveLength(1);
    await successor.cleanUp();
    await successor.cleanUp();
    expect(cluster.exists).toBe(false);
  });

  test("rows are read in portions, a second row of a number under a name of its own", async () => {
    const client = await prepared();
    cluster.fault = ({ count }) => (count === 2 ? { is: "stores twice" } : null);
    for (let number = 0; number < 5; number++) await write(client, forever, number);
    const records = await client.readAuthoritative();
    expect([...records.keys()].toSorted()).toEqual(["k3f9a01c2-1", "k3f9a01c2-2", "k3f9a01c2-3", "k3f9a01c2-3#2", "k3f9a01c2-4", "k3f9a01c2-5"]);
    await client.removeBehindTheProbe("k3f9a01c2-1");
    expect((await client.readAuthoritative()).has("k3f9a01c2-1")).toBe(false);
    await expect(client.removeBehindTheProbe("k3f9a01c2-1")).rejects.toMatchObject({ code: "SW5001" });
  });

  test("of the operator's: its columns in its order, and only the probe's rows are taken out at the end", async () => {
    cluster.columns = [
      ["day", "DATE"],
      ["seq", "LONG"],
      ["ts", "TIMESTAMP"],
      ["Writer", "SYMBOL"],
      ["recordKey", "STRING"],
      ["recordValue", "STRING"],
      ["note", "STRING"],
    ];
    const client = await prepared({ table: "dfs://shop/orders" });
    expect(await client.partitions()).toEqual(["dfs://shop/orders"]);
    expect(await client.attempt(insert("dfs://shop/orders"), forever, again)).toEqual({ is: "acknowledged" });
    cluster.rowsOn("dn1").push({ seq: 1, attempt: 1, lane: 0, writer: "somebody", key: "x-1", value: "y" });
    expect([...(await client.readAuthoritative()).keys()]).toEqual(["k3f9a01c2-1"]);
    await client.cleanUp();
    expect(cluster.visible.map(({ writer }) => writer)).toEqual(["somebody"]);
    cluster.columns = [["id", "INT"]];
    await expect(open({ table: "dfs://shop/orders" }).prepare()).rejects.toThrow("no column seq");
    cluster.columns = [["seq", "UUID"]];
    await expect(open({ table: "dfs://shop/orders" }).prepare()).rejects.toThrow("type UUID");
    expect(() => open({ table: "orders" })).toThrow("does not name a table");
  });
});

describe("a write, as the vendor's API makes it [DD-12]", () => {
  test("goes to the least loaded data node of the site list", async () => {
    for (const [alias, count] of [
      ["dn1", 90],
      ["dn2", 3],
      ["dn3", 60],
    ] as const)
      cluster.connectionNum.set(alias, count);
    const client = await prepared();
    cluster.opened.length = 0;
    await write(client);
    for (let number = 2; number < 6; number++) await write(client, forever, number);
    // The first site is taken as it comes: only a connection can tell the loads.
    expect(cluster.opened.slice(1)).toEqual([sites[1], sites[1], sites[1], sites[1]]);
    const elsewhere = await prepared({ sites: [sites[0], sites[2]] });
    await write(elsewhere);
    await write(elsewhere, forever, 2);
    expect(cluster.opened.at(-1)).toBe(sites[2]);
  });

  test.each([
    "<NotLeader>10.0.0.3:8902:dn3",
    "<DataNodeNotReady>starting",
    "<ControllerNotReady>",
    "<ControllerNotAvail>",
    "<ChunkInTransaction>chunk 7 is in transaction 9",
  ])("%s: elsewhere, and nothing is in doubt", async (line) => {
    const client = await prepared();
    const asked: string[] = [];
    cluster.fault = ({ site, count }) => {
      asked.push(site);
      return count === 0 ? { is: "answers", line } : null;
    };
    const from = performance.now();
    expect(await write(client)).toEqual({ is: "acknowledged" });
    expect(agains).toBe(0);
    expect(asked[1]).not.toBe(asked[0]);
    if (line.includes("dn3")) expect(asked[1]).toBe(sites[2]);
    if (line.startsWith("<Chunk")) expect(performance.now() - from).toBeGreaterThan(25);
  });

  test("a connection that ends is made again and the row is sent again, which is told before", async () => {
    const client = await prepared();
    cluster.fault = first(1, { is: "cuts", stored: true });
    expect(await write(client)).toEqual({ is: "acknowledged" });
    expect(agains).toBe(1);
    expect(cluster.visible.map(({ seq, attempt }) => [seq, attempt])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    cluster.fault = ({ count }) => (count === 2 ? { is: "cuts", stored: false } : null);
    expect(await client.attempt(insert(lane(1)), forever, () => false)).toMatchObject({
      is: "unknown",
      why: expect.stringContaining("not sent again") as string,
    });
    expect(cluster.visible).toHaveLength(2);
    cluster.fault = ({ count }) => (count === 3 ? { is: "answers", line: "<DataNodeNotAvail>dn2" } : null);
    agains = 0;
    expect(await write(client)).toEqual({ is: "acknowledged" });
    expect(agains).toBe(1);
  });

  test.each([
    ["The node is in graceful shutdown and takes no new tasks. RefId: S00005", "refused"],
    ["No available replica for the chunk. RefId: S01012", "refused"],
    ["The number of online data nodes is less than dfsReplicationFactor.", "refused"],
    ["Failed to commit the transaction. RefId: S01076", "unknown"],
  ] as const)("%s: told as it is, not tried again", async (line, is) => {
    const client = await prepared();
    cluster.fault = first(1, { is: "answers", line });
    expect((await write(client)).is).toBe(is);
    expect(cluster.appends).toBe(1);
  });

  test("[DD-21] a row that is skipped without an error is found", async () => {
    const client = await prepared();
    cluster.fault = first(1, { is: "skips" });
    expect(await write(client)).toMatchObject({ is: "refused", silently: true, why: expect.stringContaining("0 of 1 rows") as string });
    cluster.fault = ({ count }) => (count === 1 ? { is: "cuts", stored: true } : { is: "skips" });
    // The first send may have stored it.
    expect(await write(client)).toMatchObject({ is: "unknown" });
  });

  test("waits through a time in which no site serves, and ends with its own", async () => {
    const client = await prepared();
    await write(client);
    cluster.welcome = () => "not listening";
    for (const site of sites) cluster.cut(site);
    const back = sleep(60).then(() => {
      cluster.welcome = (site) => (site === sites[0] ? "not initialized" : null);
    });
    expect(await write(client)).toEqual({ is: "acknowledged" });
    await back;
    expect(cluster.opened.at(-1)).not.toBe(sites[0]);

    cluster.welcome = () => "not listening";
    for (const site of sites) cluster.cut(site);
    expect(await write(client, AbortSignal.timeout(50))).toMatchObject({ is: "refused", why: expect.stringContaining("never sent") as string });
    cluster.welcome = () => "wrong password";
    expect(await write(client, AbortSignal.timeout(50))).toMatchObject({ is: "refused", why: expect.stringContaining("password") as string });
    cluster.welcome = () => null;
    cluster.fault = () => ({ is: "never answers", stored: false });
    expect(await write(client, AbortSignal.timeout(50))).toMatchObject({ is: "unknown" });
    cluster.fault = () => ({ is: "answers", line: "<ChunkInTransaction>" });
    expect(await write(client, AbortSignal.timeout(80))).toMatchObject({
      is: "refused",
      why: expect.stringContaining("ChunkInTransaction") as string,
    });
    await client.close();
  });

  test("a partition that hangs keeps no other one waiting; two requests never meet on one chunk, and what waited goes together", async () => {
    const client = await prepared();
    cluster.fault = ({ row }) => (row.lane === 1 ? { is: "never answers", stored: false } : null);
    const end = new AbortController();
    const hanging = [write(client, end.signal)];
    while (cluster.appends === 0) await sleep(1);
    hanging.push(write(client, end.signal), write(client, end.signal));
    const patient = [1, 2, 3].map(() => write(client));
    expect(await write(client, forever, 2)).toEqual({ is: "acknowledged" });
    // Only the first of them was sent: a second request on the same chunk would be refused.
    expect(cluster.appends).toBe(2);
    cluster.fault = () => null;
    end.abort();
    const outcomes = await Promise.all(hanging);
    expect(outcomes.map(({ is }) => is)).toEqual(["unknown", "refused", "refused"]);
    expect(await Promise.all(patient)).toEqual([1, 2, 3].map(() => ({ is: "acknowledged" })));
    expect(agains).toBe(0);
  });

  test("rows that went together and may have been carried out are each written down before they go again", async () => {
    const client = await prepared();
    cluster.welcome = () => "not listening";
    const rows = [1, 2, 3].map(() => write(client));
    await sleep(20);
    cluster.fault = first(3, { is: "cuts", stored: true });
    cluster.welcome = () => null;
    expect(await Promise.all(rows)).toEqual([1, 2, 3].map(() => ({ is: "acknowledged" })));
    expect(agains).toBe(3);
    expect(cluster.visible.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 2, 2]);
  });

  test("without a leader the sites are taken in turn", async () => {
    cluster.leaderless = true;
    const client = await prepared();
    for (let number = 0; number < 6; number++) expect(await write(client, forever, number)).toEqual({ is: "acknowledged" });
    expect(new Set(cluster.opened)).toEqual(new Set(sites));
  });
});

describe("its replicas", () => {
  async function written(): Promise<DolphindbContinuity> {
    const client = await prepared();
    for (let row = 0; row < 24; row++) await write(client, forever, row % 12);
    return client;
  }

  test("are counted each, also rows that a node has only in its cache", async () => {
    const client = await written();
    cluster.uncounted = 1;
    const counts = await client.countReplicas();
    expect(cluster.uncounted).toBe(1);
    expect(counts.every(({ rows, expected }) => rows === expected - 1)).toBe(true);
    const patient = open({ replicateWithinMs: 1000 });
    const settled = await patient.countReplicas();
    expect(settled).toHaveLength(24);
    expect(new Set(settled.map(({ replica }) => replica))).toEqual(
      new Set(["dn1", "dn2", "dn3"].map((alias) => [...nodes].find(([, each]) => each === alias)?.[0])),
    );
    expect(settled.every(({ rows, expected }) => rows === 2 && expected === 2)).toBe(true);
  });

  test("one that lacks a row is named with its partition", async () => {
    const client = await written();
    cluster.rowsOn("dn2").splice(0, 1);
    const wrong = (await client.countReplicas()).filter(({ rows, expected }) => rows !== expected);
    expect(wrong).toEqual([expect.objectContaining({ replica: "p2", rows: 1, expected: 2 })]);
  });

  test("an old copy on a node that holds the chunk no longer is none of its replicas", async () => {
    const client = await written();
    cluster.stale.push({ alias: "dn3", lane: 0, version: 3, rows: 1 });
    expect((await client.countReplicas()).every(({ rows, expected }) => rows === expected)).toBe(true);
  });

  test("one that is behind, away or not reported is not silently left out", async () => {
    const client = await written();
    cluster.behind.add("dn2/1");
    await expect(client.countReplicas()).rejects.toThrow("version 6 on p2, 7 by the controller");
    cluster.behind.clear();
    cluster.states.set(3, "RECOVERING");
    await expect(client.countReplicas()).rejects.toThrow("/3/a is RECOVERING");
    cluster.states.clear();
    cluster.welcome = (site) => (site === sites[2] ? "not listening" : null);
    await expect(client.countReplicas()).rejects.toThrow("p3 cannot be reached");
  });

  test("their clocks are compared with the one of this machine, as far as they answer", async () => {
    const client = await prepared();
    cluster.clockAheadMs = 1500;
    cluster.welcome = (site) => (site === sites[2] ? "not listening" : null);
    const clocks = await client.clocks();
    expect(clocks.map(({ server }) => server)).toEqual(["p1", "p2"]);
    for (const { aheadMs, uncertaintyMs } of clocks) expect(Math.abs(aheadMs - 1500)).toBeLessThanOrEqual(uncertaintyMs);
  });

  test("what an acknowledgement means is said", async () => {
    expect(await (await prepared()).durability()).toContain("dfsReplicationFactor 2");
  });
});

test("a name that cannot be used is refused before a run begins", () => {
  expect(() => open({ name: "a b" })).toThrow("cannot name");
});
