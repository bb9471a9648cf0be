import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePorts } from "../../../kit/free-ports.ts";
import { MemoryZooKeeper } from "../../../kit/memory-zookeeper.ts";
import { RealClock } from "../../../kit/real-clock.ts";
import { RealDisk } from "../../../kit/real-disk.ts";
import { RealNetwork } from "../../../kit/real-network.ts";
import { callRpc } from "../brpc.ts";
import type { GetTableStatusReply, ScanReply } from "../tablet-messages.ts";
import { tablet, type RunningTablet } from "./tablet.ts";

const directory = mkdtempSync(join(tmpdir(), "tablets-"));
const network = new RealNetwork();
const running: RunningTablet[] = [];
afterAll(() => {
  for (const node of running) node.kill();
  network.close();
  rmSync(directory, { recursive: true, force: true });
});

it("the same logic on sockets and files: rows are replicated, and are there after kill -9 and LoadTable", async () => {
  const clock = new RealClock();
  const zookeeper = new MemoryZooKeeper(clock);
  const start = async (name: string, endpoint: string): Promise<RunningTablet> => {
    const node = tablet(
      {
        role: "tablet",
        endpoint,
        release: "0.9.2",
        directory: `${directory}/${name}`,
        flags: { zk_session_timeout: "200", binlog_notify_on_put: "true" },
        durations: { roundTrip: 1, task: 1, rowsPerSecond: 100_000, replicationDelay: 1, replicationPerSecond: 50_000, catalogRefresh: 10 },
      },
      { clock, network, zookeeper: zookeeper.port(endpoint), disk: new RealDisk(), random: Math.random, log: () => {}, exit: () => {} },
    );
    running.push(node);
    await node.start();
    await expect.poll(() => zookeeper.peek(`/openmldb/nodes/${endpoint}`)).toBe(`startup_${endpoint}`);
    return node;
  };
  const ask = <Answer>(endpoint: string, method: string, request: object): Promise<Answer> =>
    callRpc<Answer>(network, "127.0.0.1:1", endpoint, `TabletServer/${method}`, request, 5_000);
  const ports = await freePorts(2);
  const [a, b] = [`127.0.0.1:${String(ports[0])}`, `127.0.0.1:${String(ports[1])}`];
  const leader = await start("a", a);
  await start("b", b);
  const at = { tid: 3, pid: 1 };
  await ask(b, "CreateTable", { table_meta: { ...at, name: "t", mode: "kTableFollower" } });
  await ask(a, "CreateTable", { table_meta: { ...at, name: "t", mode: "kTableLeader", term: 1, replicas: [b] } });
  const puts = Array.from({ length: 300 }, (_, row) => ask<{ code: number }>(a, "Put", { ...at, key: `k${String(row)}`, value: "v", ts: row }));
  for (const { code } of await Promise.all(puts)) expect(code).toBe(0);
  const offset = async (endpoint: string): Promise<number | undefined> =>
    (await ask<GetTableStatusReply>(endpoint, "GetTableStatus", at)).all_table_status?.[0]?.offset;
  await expect.poll(() => offset(b)).toBe(300);
  const rows = (await ask<ScanReply>(a, "Scan", at)).rows;
  expect((await ask<ScanReply>(b, "Scan", at)).rows).toEqual(rows);

  leader.kill();
  // A connection that was kept open says `closed` once.
  const failure = (): Promise<string> => ask(a, "GetTableStatus", {}).then(() => "answered", String);
  await expect.poll(failure).toContain("refused");
  await expect.poll(() => zookeeper.peek(`/openmldb/nodes/${a}`)).toBeNull();
  await start("a", a);
  expect(await offset(a)).toBeUndefined();
  await ask(a, "LoadTable", { table_meta: { ...at, name: "t" } });
  await expect.poll(() => offset(a)).toBe(300);
  expect((await ask<ScanReply>(a, "Scan", at)).rows).toEqual(rows);
});
