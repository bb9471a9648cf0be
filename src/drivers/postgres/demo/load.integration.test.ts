import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo-cluster.ts";
import { startLoad } from "./load.ts";

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await createDemoCluster({ directory: await temporaryDirectory() });
  await cluster.snapshot();
});
afterAll(async () => {
  await cluster.destroy();
});
async function promote(node: string): Promise<void> {
  const client = new Client(cluster.connection(node));
  await client.connect();
  await client.query("select pg_promote()");
  await client.end();
}

const within = { timeout: 10_000 };

test("rows are written at the rate, acknowledged, and there", async () => {
  const load = await startLoad(cluster, { rate: 200, watch: true });
  await pause(2000);
  const result = await load.stop();
  console.log(`load: ${JSON.stringify(result)}`);
  expect(result.lost).toEqual([]);
  expect(result.acknowledged).toBe(result.attempts);
  expect(result.acknowledged).toBeGreaterThan(300);
  expect(result.nodes.map((node) => node.node)).toEqual(["pg1", "pg2", "pg3"]);
});

test("it follows the primary's role to another host, and counts the pause", async () => {
  const load = await startLoad(cluster);
  await cluster.stopNode("pg1", "fast");
  await pause(300);
  await promote("pg2");
  const before = (await load.figures()).acknowledged;
  await expect.poll(async () => (await load.figures()).acknowledged, within).toBeGreaterThan(before + 50);
  const result = await load.stop();
  expect(result.longestGapMs).toBeGreaterThanOrEqual(300);
  expect(result.lost).toEqual([]);
  await cluster.restore();
});

test("a lost acknowledged row is found", async () => {
  const load = await startLoad(cluster);
  // Standbys that receive nothing any more: what the primary acknowledges from now on is only there.
  for (const standby of ["pg2", "pg3"]) await cluster.stopNode(standby, "immediate");
  const written = (await load.figures()).acknowledged;
  await expect.poll(async () => (await load.figures()).acknowledged, within).toBeGreaterThan(written + 20);
  await cluster.stopNode("pg1", "kill");
  await cluster.startNode("pg2");
  await promote("pg2");
  const result = await load.stop();
  expect(result.lost.length).toBeGreaterThan(0);
  await cluster.restore();
});
