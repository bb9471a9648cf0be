import { access, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { run } from "./command.ts";
import { readControlFile } from "./control-file.ts";
import { until } from "./deadline.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo-cluster.ts";
import { runningPid } from "./postmaster.ts";

let cluster: DemoCluster;
let directory = "";
const figures: string[] = [];
async function timed<T>(name: string, action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await action();
  figures.push(`${name} ${String(Math.round(performance.now() - started))} ms`);
  return result;
}
async function ask<T extends object>(node: string, sql: string): Promise<T[]> {
  const client = new Client(cluster.connection(node));
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  cluster = await timed("create", () => createDemoCluster({ directory, synchronous: true }));
  await timed("snapshot", () => cluster.snapshot());
});
afterAll(async () => {
  await timed("destroy", () => cluster.destroy());
  await expect(access(directory)).rejects.toThrow("ENOENT");
  console.log(`demo cluster: ${figures.join(", ")}`);
});

test("standbys stream over their own physical slots, and a commit waits for one of them", async () => {
  const rows = await ask("pg1", "select slot_name, active, slot_type from pg_replication_slots order by 1");
  expect(rows).toEqual(["pg2", "pg3"].map((slot_name) => ({ slot_name, active: true, slot_type: "physical" })));
  const state = await ask<{ sync_state: string }>("pg1", "select sync_state from pg_stat_replication");
  expect(state.map((row) => row.sync_state)).toEqual(["quorum", "quorum"]);
  expect(await ask("pg2", "select current_setting('server_version') as version, pg_is_in_recovery() as standby")).toEqual([
    { version: "17.0", standby: true },
  ]);
});

test("a row reaches both standbys, and restore puts the former state back", async () => {
  await ask("pg1", "create table kept (n int)");
  await ask("pg1", "insert into kept values (42)");
  for (const standby of ["pg2", "pg3"]) {
    await until(`the row on ${standby}`, 10_000, async () => ((await ask<{ n: number }>(standby, "select n from kept"))[0]?.n === 42 ? true : null));
  }
  await timed("restore (running)", () => cluster.restore());
  expect(await ask("pg2", "select to_regclass('kept') as name")).toEqual([{ name: null }]);
});

test("restore undoes a crash, another release, another primary and what a run left behind", async () => {
  const pg2 = cluster.node("pg2");
  await ask("pg1", "create table lost (n int)");
  await cluster.stopNode("pg1", "kill");
  await ask("pg2", "select pg_promote()");
  await cluster.layNewRelease("pg2");
  await cluster.stopNode("pg2", "fast");
  await run(["ln", "-sfn", "releases/17.10", pg2.installation]);
  await cluster.startNode("pg2");
  expect(await ask("pg2", "select current_setting('server_version') as version")).toEqual([{ version: "17.10" }]);
  await writeFile(join(pg2.stateDirectory, "left"), "");
  await timed("restore (crashed)", () => cluster.restore({ start: false }));
  // Byte by byte: restore itself goes by sizes and times.
  for (const { name, dataDirectory } of cluster.nodes)
    await run(["diff", "-r", "--no-dereference", join(directory, "snapshot", name), dataDirectory]);
  await cluster.start();
  expect(await readlink(pg2.installation)).toBe("releases/17.0");
  await expect(access(join(pg2.stateDirectory, "left"))).rejects.toThrow("ENOENT");
  expect((await readControlFile(pg2.dataDirectory)).timeline).toBe(1);
  expect(await ask("pg1", "select to_regclass('lost') as name")).toEqual([{ name: null }]);
});

test("it can be stopped and started, the standbys having received the primary's last record", async () => {
  await timed("stop", () => cluster.stop());
  const [first, ...others] = await Promise.all(cluster.nodes.map((node) => readControlFile(node.dataDirectory)));
  expect(first?.state).toBe(1);
  for (const other of others) expect(other).toMatchObject({ state: 2, checkpoint: first?.checkpoint });
  expect(await Promise.all(cluster.nodes.map((node) => runningPid(node.dataDirectory)))).toEqual([null, null, null]);
  await timed("start", () => cluster.start());
});

test("the cluster file names every node, and holds no secret", async () => {
  const text = await readFile(cluster.clusterFile, "utf8");
  expect(text).not.toContain(cluster.password);
  const definition = parse(text) as { nodes: Record<string, { endpoint: string }> };
  expect(Object.entries(definition.nodes).map(([name, { endpoint }]) => `${name} ${endpoint}`)).toEqual(
    cluster.nodes.map((node) => `${node.name} ${node.endpoint}`),
  );
});

test("the artefact holds the newer release, its libraries' links included", async () => {
  const artefact = await timed("artefact", () => cluster.artefact());
  const work = join(directory, "unpacked");
  await run(["mkdir", work]);
  await run(["tar", "-xzf", artefact, "-C", work]);
  expect((await run([join(work, "bin", "postgres"), "--version"], { user: cluster.serverUser })).stdout).toBe("postgres (PostgreSQL) 17.10\n");
  expect(await readlink(join(work, "lib", "libpq.so.5"))).toBe("libpq.so.5.17");
  expect(await cluster.artefact()).toBe(artefact);
});
