// Prechecks against servers that really are in that state.
import { writeFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Check } from "../../model/facts.ts";
import { until } from "./demo/deadline.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { discover } from "./discover.ts";
import { carryOut, definitionOf, describeRun, goal, openTrial, planOf, type Trial } from "./testing/try-run.ts";

let demo: DemoCluster;
let trial: Trial;
beforeAll(async () => {
  demo = await createDemoCluster({
    directory: await temporaryDirectory(),
    settings: {
      wal_level: "logical",
      archive_mode: "on",
      archive_command: "/bin/true",
      max_prepared_transactions: "4",
      wal_retrieve_retry_interval: "5s",
    },
  });
});
beforeEach(() => {
  trial = openTrial(demo);
});
afterEach(async () => trial.close());
afterAll(async () => demo?.destroy());

const restart = goal({ restart: true });
async function on(node: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client(demo.connection(node));
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
async function found(code: string): Promise<readonly Check[]> {
  const checks = trial.driver.check(await trial.driver.inspect(), restart);
  return checks.filter((check) => check.code === code && check.verdict !== "passed");
}

test("A quiet cluster passes everything", async () => {
  const checks = trial.driver.check(await trial.driver.inspect(), restart);
  expect(checks.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
  const artefact = await trial.driver.artefact(await demo.artefact());
  const asked = await trial.driver.examine(await trial.driver.inspect(), goal({ version: "17.10", artefact, settings: { work_mem: "8MB" } }));
  const wanted = demo.nodes.flatMap(({ name }) => ["value", "disk", "exchange"].map((code) => `${code} ${name} passed`));
  expect(asked.map(({ code, object, verdict }) => `${code} ${object} ${verdict}`).toSorted((a, b) => a.localeCompare(b))).toEqual(
    wanted.toSorted((a, b) => a.localeCompare(b)),
  );
});

test("The primary is not stopped while the replay of the standby that takes over is paused, or held back by a query there", async () => {
  const look = async (): Promise<string> =>
    (await trial.driver.operations["stop"]!.look({ node: "pg1", takesOver: "pg2" }, { before: null, receipt: null }, { now: Date.now() })).is;
  expect(await look()).toBe("open");
  await on("pg2", "select pg_wal_replay_pause()");
  expect(await look()).toBe("waiting");
  await on("pg2", "select pg_wal_replay_resume()", "alter system set max_standby_streaming_delay = -1", "select pg_reload_conf()");
  await on("pg1", "create table held as select generate_series(1, 1000) as n");
  await until("pg2 has replayed it", 10_000, async () => ((await look()) === "open" ? true : null));
  const reader = new Client(demo.connection("pg2"));
  await reader.connect();
  try {
    await until("pg2 knows the table", 10_000, async () => {
      await on("pg2", "select from held");
      return true;
    });
    await reader.query("begin isolation level repeatable read");
    await reader.query("select count(*) from held");
    await on("pg1", "delete from held", "vacuum held");
    await until("the query holds replay back", 10_000, async () => ((await look()) === "waiting" ? true : null));
    await reader.query("commit");
    await until("replay goes on", 10_000, async () => ((await look()) === "open" ? true : null));
  } finally {
    await reader.end();
    await on("pg1", "drop table held");
    await on("pg2", "alter system reset max_standby_streaming_delay", "select pg_reload_conf()");
  }
});

test("A logical slot that the switchover would lose blocks, named with its consumer; a restart in place does not touch it", async () => {
  await on("pg1", "select pg_create_logical_replication_slot('audit', 'pgoutput')");
  try {
    const [check] = await found("logical-slot");
    expect(check).toMatchObject({ verdict: "blocker", object: "audit" });
    expect(check!.what).toMatch(/database postgres on pg1, read by a consumer that is not connected \(plugin pgoutput\)/);
    await expect(planOf(trial, restart)).rejects.toMatchObject({ code: "SW2107", object: "audit" });
    expect((await planOf(trial, goal({ restart: true, mode: "semi-downtime" }))).mode).toBe("semi-downtime");
    const accepted = await planOf(trial, restart, [{ code: "logical-slot", by: "ana", reason: "its reader is gone" }]);
    expect(accepted.overrides).toHaveLength(1);
  } finally {
    await on("pg1", "select pg_drop_replication_slot('audit')");
  }
});

test("Prepared and long transactions, an archiver that fails and a standby that stopped replicating are seen before", async () => {
  const idle = new Client(demo.connection("pg1"));
  await idle.connect();
  await idle.query("begin");
  await idle.query("select pg_current_xact_id()");
  await on("pg1", "create table if not exists t (i int)", "begin", "insert into t values (1)", "prepare transaction 'order-7'");
  expect(await found("prepared")).toMatchObject([{ verdict: "warning", object: "pg1", what: expect.stringContaining("order-7") as string }]);
  await on("pg1", "rollback prepared 'order-7'");
  await idle.query("rollback");
  await idle.end();

  await on("pg1", "alter system set archive_command = '/bin/false'", "select pg_reload_conf()", "select pg_switch_wal()");
  await expect.poll(async () => (await found("archiver")).map(({ verdict }) => verdict), { timeout: 20_000, interval: 100 }).toEqual(["blocker"]);
  await on("pg1", "alter system reset archive_command", "select pg_reload_conf()", "select pg_switch_wal()");
  await expect.poll(async () => found("archiver"), { timeout: 20_000, interval: 100 }).toEqual([]);

  await demo.stopNode("pg3");
  expect(await found("all-serving")).toMatchObject([{ object: "pg3", verdict: "blocker", what: "is stopped" }]);
  await demo.startNode("pg3");
  await demo.streaming();
});

test("Another manager's mark refuses the plan", async () => {
  const mark = join(demo.node("pg2").dataDirectory, "patroni.dynamic.json");
  await writeFile(mark, "{}");
  try {
    await expect(planOf(trial, restart)).rejects.toMatchObject({ code: "SW6003" });
    expect(await found("SW6003")).toMatchObject([{ object: "pg2" }]);
  } finally {
    await rm(mark);
  }
});

test("synchronous_standby_names that a restart would block is lowered for the run and put back, on every node, also after an abort", async () => {
  const names = "ANY 2 (pg1, pg2, pg3)";
  for (const { name } of demo.nodes) await on(name, `alter system set synchronous_standby_names = '${names}'`, "select pg_reload_conf()");
  const values = async (): Promise<unknown> => Object.values((await trial.driver.inspect()).now.nodes).map(({ syncNames }) => syncNames);
  await expect.poll(values).toEqual([names, names, names]);
  expect(await found("synchronous")).toMatchObject([{ verdict: "warning", price: expect.stringContaining("fewer standbys") as string }]);
  const plan = await planOf(trial, restart);
  expect(plan.turns.map(({ id }) => id)).toEqual(["lease", "pg2", "pg3", "pg1", "restore"]);
  const during: unknown[] = [];
  const aborted = await carryOut(trial, plan.turns, {
    watch: (event) => {
      if (event.is === "done" && event.step === "start pg2") during.push(values());
      return event.is === "done" && event.step === "start pg2" ? "abort" : "run";
    },
  });
  expect(aborted.outcome.is, describeRun(aborted)).toBe("aborted");
  expect(await during[0]).toEqual(["ANY 1 (pg1, pg2, pg3)", "ANY 1 (pg1, pg2, pg3)", "ANY 1 (pg1, pg2, pg3)"]);
  expect(await values()).toEqual([names, names, names]);
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome.is, describeRun(ran)).toBe("succeeded");
  expect(await values()).toEqual([names, names, names]);
});

test("The cluster is found from any of its servers", async () => {
  const handles = {
    host: () => {
      throw new Error("no host is known yet");
    },
    secret: async () => demo.password,
    now: () => Date.now(),
  };
  // Standbys on loopback addresses connect from another one than they listen on: there the places are named.
  const options = { user: demo.user, password: "@file:password", cluster: "orders", nodes: demo.nodes.map(({ endpoint }) => endpoint).join(",") };
  await expect(discover(demo.node("pg1").endpoint, { ...options, nodes: "" }, handles)).rejects.toMatchObject({
    code: "SW6001",
    remedy: expect.stringContaining("nodes=") as string,
  });
  const wanted = definitionOf(demo).nodes.map(({ name, endpoint, options: { dataDirectory, installation } }) => ({
    name,
    endpoint,
    options: { dataDirectory, installation },
  }));
  for (const node of ["pg1", "pg2"]) {
    const definition = await discover(demo.node(node).endpoint, options, handles);
    expect(definition.nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject(wanted);
    expect(definition.options).toMatchObject({ user: demo.user, password: "@file:password" });
    expect(JSON.stringify(definition)).not.toContain(demo.password);
  }
  await expect(discover("nowhere", options, handles)).rejects.toMatchObject({ code: "SW1001" });
  await expect(discover("127.0.0.1:1", options, handles)).rejects.toMatchObject({ code: "SW6001" });
});
