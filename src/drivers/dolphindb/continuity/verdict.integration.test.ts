// The probe's engine over this driver's client: each fault of a cluster that knows what the probe asks has its verdict.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkRecords } from "../../../continuity/check.ts";
import { probeFiles } from "../../../continuity/files.ts";
import { readLog } from "../../../continuity/log-reader.ts";
import { runProbe } from "../../../continuity/process.ts";
import { awaitReady } from "../../../continuity/status.ts";
import { summarise } from "../../../continuity/summary.ts";
import { judgeContinuity } from "../../../continuity/verdict.ts";
import type { ContinuityVerdict } from "../../../model/report.ts";
import { FakeProbeCluster, type AppendFault } from "../testing/fake-probe-cluster.ts";
import { DolphindbContinuity } from "./continuity.ts";

let directory: string;
let cluster: FakeProbeCluster;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-dolphindb-"));
  cluster = new FakeProbeCluster();
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});
const [site1 = "", site2 = ""] = new FakeProbeCluster().sites.keys();

const open = (): DolphindbContinuity =>
  new DolphindbContinuity({
    transport: cluster,
    rpc: cluster.rpc(new Map(cluster.aliases.map((alias) => [alias, alias]))),
    credentials: null,
    sites: [...cluster.sites.keys()],
    dataNodes: cluster.aliases.map((alias) => ({ name: alias, alias })),
    controllers: ["c1"],
    database: "dfs://stillwater_probe",
    table: null,
    name: "run1",
    chunkLockMs: 40,
    roundMs: 20,
    replicateWithinMs: 0,
    pause: async (ms, signal) => {
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    },
    now: () => performance.now(),
    wall: Date.now,
  });

/** A probe of some tenths of a second; `during` makes the trouble. */
async function judged(during: () => Promise<void> | void, afterwards: () => void = () => undefined): Promise<ContinuityVerdict> {
  const client = open();
  const probe = runProbe({ client, options: { name: "run1", rate: 600, deadlineMs: 400 }, directory, signals: false });
  await awaitReady(directory, 10_000);
  const from = Date.now();
  await during();
  // By rows, not by time: the machine may be busy.
  for (const enough = cluster.appends + 400; cluster.appends < enough;) await sleep(10);
  const to = Date.now();
  await sleep(50);
  writeFileSync(join(directory, probeFiles.stop), "");
  await probe;
  afterwards();
  const partitions = await client.partitions();
  const windows = partitions.map((partition) => ({ turn: "host1", kind: "restart" as const, partition, from, to }));
  const check = (): ReturnType<typeof checkRecords> => checkRecords({ client, directory, withinMs: 0 });
  const summary = await summarise(readLog(directory), windows);
  const verdict = judgeContinuity({
    // That a busy machine kept the test's own process waiting is not what is tested.
    summary: { ...summary, windows: summary.windows.map((window) => ({ ...window, holeMs: 0 })) },
    atEnd: await check(),
    afterwards: await check(),
    rejoinedAt: to,
    verifyAfterS: 0,
    minAcks: 3,
    route: client.route,
    durability: await client.durability(),
    clocks: await client.clocks(),
  });
  await client.close();
  return verdict;
}
/** The tenth row from now on. */
function oneRow(fault: AppendFault): () => void {
  return () => {
    const at = cluster.appends + 10;
    cluster.fault = ({ count }) => (count === at ? fault : null);
  };
}

describe("the verdict over DolphinDB's client", () => {
  test("[DD-21] pass: nothing lost, every partition seen, every replica counted, the control caught", async () => {
    const verdict = await judged(() => undefined);
    expect(verdict.why).toEqual([]);
    expect(verdict).toMatchObject({ verdict: "pass", control: "caught", lost: 0, duplicated: 0, skipped: 0, repeated: 0, replicasCounted: 3 });
    expect(verdict.scope).toMatchObject({ partitionsTouched: 12, partitionsProbed: 12 });
    expect(verdict.clocks).toHaveLength(3);
  });

  test("a row that is acknowledged and gone is lost", async () => {
    expect(await judged(oneRow({ is: "forgets" }))).toMatchObject({ verdict: "fail", lost: 1 });
  });

  test("a row that one replica never got is told with replica and partition", async () => {
    const verdict = await judged(() => {
      let hit = false;
      // The second replica of these: the first one answers queries, and has it.
      cluster.fault = ({ row }) => {
        if (hit || row.lane !== 3) return null;
        hit = true;
        return { is: "forgets on", alias: "dn2" };
      };
    });
    expect(verdict).toMatchObject({ verdict: "fail", lost: 0 });
    expect(verdict.why.join("\n")).toMatch(/replica dn2 at the end: \d+ of \d+ rows of dfs:\/\/stillwater_probe_run1\/3/);
  });

  test("a row that a replica loses later is told with replica and partition", async () => {
    const verdict = await judged(
      () => undefined,
      () => {
        const rows = cluster.rowsOn("dn2");
        // Its second replica: the first one answers queries.
        rows.splice(
          rows.findIndex(({ lane }) => lane === 3),
          1,
        );
      },
    );
    expect(verdict.verdict).toBe("fail");
    expect(verdict.why.join("\n")).toMatch(/replica dn2 at the end: \d+ of \d+ rows of dfs:\/\/stillwater_probe_run1\/\d+/);
  });

  test("[DD-12] a row that is sent again is told and is no harm", async () => {
    const repeated = await judged(oneRow({ is: "cuts", stored: true }));
    expect(repeated.why).toEqual([]);
    expect(repeated).toMatchObject({ verdict: "pass", duplicated: 0, repeated: repeated.sentAgain });
    expect(repeated.sentAgain).toBeGreaterThan(0);
  });
  test("a row that is stored twice though it was sent once is duplicated", async () => {
    const verdict = await judged(oneRow({ is: "stores twice" }));
    expect(verdict).toMatchObject({ verdict: "fail", duplicated: 1, repeated: 0, sentAgain: 0 });
    expect(verdict.why.join("\n")).toContain("#2, row 2 of a record that was sent once");
  });

  test("a row that is skipped without an error fails, though nothing that was acknowledged is gone", async () => {
    const verdict = await judged(oneRow({ is: "skips" }));
    expect(verdict).toMatchObject({ verdict: "fail", lost: 0, refused: expect.any(Number) as number });
    expect(verdict.why.join("\n")).toMatch(/\d+ rows? (was|were) skipped silently/);
    expect(verdict.reasons?.[0]?.why).toContain("newValuePartitionPolicy=skip");
  });

  test("a row with another content is corrupted", async () => {
    expect(await judged(oneRow({ is: "damages" }))).toMatchObject({ verdict: "fail", corrupted: 1 });
  });

  test("a node that goes and comes back is ridden out; a row that nobody answered for is unknown, stored or not", async () => {
    const verdict = await judged(async () => {
      cluster.welcome = (site) => (site === site1 ? "not listening" : null);
      cluster.fault = ({ site, count }) => (site === site2 && count % 40 === 0 ? { is: "never answers", stored: count % 80 === 0 } : null);
      cluster.cut(site1);
      await sleep(300);
      cluster.fault = () => null;
      cluster.welcome = () => null;
    });
    expect(verdict.why).toEqual([]);
    expect(verdict).toMatchObject({ verdict: "pass", lost: 0, duplicated: 0 });
    expect(verdict.unknown).toBeGreaterThan(0);
  });

  test("replicas that are not settled leave it not measured, by name", async () => {
    const verdict = await judged(
      () => undefined,
      () => void cluster.states.set(3, "RECOVERING"),
    );
    expect(verdict.verdict).toBe("not-measured");
    expect(verdict.why.join("\n")).toContain("/stillwater_probe_run1/3/a is RECOVERING");
  });
});
