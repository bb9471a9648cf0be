// Settings by reload and by restart, on real servers.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { run } from "./demo/command.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { editConf } from "./conf-file.ts";
import { steps } from "./steps.ts";
import { driveStep } from "./testing/drive-step.ts";
import { carryOut, describeRun, goal, openTrial, planOf, type Trial } from "./testing/try-run.ts";

let demo: DemoCluster;
let trial: Trial;
beforeAll(async () => {
  demo = await createDemoCluster({ directory: await temporaryDirectory() });
  await demo.snapshot();
});
beforeEach(() => {
  trial = openTrial(demo);
});
afterEach(async () => {
  await trial.close();
  await demo.restore();
});
afterAll(async () => demo?.destroy());

const started = async (): Promise<unknown> =>
  Object.entries((await trial.driver.inspect()).now.nodes).map(([node, now]) => [node, now.role, now.startedAt]);
const everywhere = async (name: string): Promise<unknown> =>
  Object.values((await trial.driver.inspect()).structure.nodes).map(({ settings }) => settings[name]);

async function ask(node: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client(demo.connection(node));
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test("A value that a reload takes is on every node, without a restart and without a role that moves; an abort takes it back", async () => {
  const before = await started();
  const plan = await planOf(trial, goal({ settings: { work_mem: "16MB", log_min_duration_statement: "1s" } }));
  expect(plan.turns.flatMap(({ items }) => items.map((item) => ("do" in item ? item.do : "undo")))).toEqual(["set", "set", "set"]);
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  expect(await everywhere("work_mem")).toEqual(["16384", "16384", "16384"]);
  expect(await everywhere("log_min_duration_statement")).toEqual(["1000", "1000", "1000"]);
  expect(await started()).toEqual(before);

  const conf = join(demo.node("pg2").dataDirectory, "postgresql.auto.conf");
  const former = await readFile(conf, "utf8");
  const other = await planOf(trial, goal({ settings: { work_mem: "32MB" } }));
  const aborted = await carryOut(trial, other.turns, { watch: (event) => (event.is === "acting" && event.step === "set pg2" ? "abort" : "run") });
  expect(aborted.outcome.is, describeRun(aborted)).toBe("aborted");
  expect(await everywhere("work_mem")).toEqual(["16384", "16384", "16384"]);
  expect(await readFile(conf, "utf8")).toBe(former);

  const back = trial.driver.goalBack(plan.facts as never, plan.goal);
  expect(back.settings).toEqual({ work_mem: null, log_min_duration_statement: null });
  const undone = await carryOut(trial, (await planOf(trial, back)).turns);
  expect(undone.outcome.is, describeRun(undone)).toBe("succeeded");
  expect(await everywhere("work_mem")).toEqual([undefined, undefined, undefined]);
});

test("max_connections raised: standbys first, then a switchover, read back everywhere; lowered: the primary first, in its place", async () => {
  const raise = await planOf(trial, goal({ settings: { max_connections: "120" } }));
  expect(raise.mode).toBe("zero-downtime");
  const raised = await carryOut(trial, raise.turns);
  expect(raised.outcome, describeRun(raised)).toEqual({ is: "succeeded" });
  expect(await everywhere("max_connections")).toEqual(["120", "120", "120"]);
  const facts = await trial.driver.inspect();
  expect(Object.values(facts.now.nodes).flatMap(({ pendingRestart }) => pendingRestart)).toEqual([]);

  const lower = await planOf(trial, goal({ settings: { max_connections: "80" } }));
  expect(lower.mode).toBe("semi-downtime");
  expect(lower.modes.find(({ mode }) => mode === "zero-downtime")).toMatchObject({
    eligible: false,
    why: expect.stringContaining("lowered") as string,
  });
  const [primary] = Object.entries(facts.now.nodes).find(([, { role }]) => role === "primary")!;
  expect(lower.turns[0]!.id).toBe(primary);
  const lowered = await carryOut(trial, lower.turns);
  expect(lowered.outcome, describeRun(lowered)).toEqual({ is: "succeeded" });
  expect(await everywhere("max_connections")).toEqual(["80", "80", "80"]);
});

test("Unknown names, values out of range, internal settings and what the switchover owns are refused with the server's own limits", async () => {
  const refused = (settings: Record<string, string>): Promise<unknown> =>
    planOf(trial, goal({ settings })).then(
      () => "planned",
      (error: unknown) => error,
    );
  expect(await refused({ max_conections: "100" })).toMatchObject({
    code: "SW6002",
    message: expect.stringContaining("did you mean max_connections") as string,
  });
  expect(await refused({ max_connections: "0" })).toMatchObject({ code: "SW6002", message: expect.stringContaining("1 to 262143") as string });
  expect(await refused({ work_mem: "16 apples" })).toMatchObject({ code: "SW6002" });
  expect(await refused({ server_version: "18" })).toMatchObject({ code: "SW6002", message: expect.stringContaining("internal") as string });
  expect(await refused({ primary_conninfo: "host=x" })).toMatchObject({ code: "SW6002" });
  const facts = await trial.driver.inspect();
  const odd = goal({ settings: { log_destination: "nowhere" } });
  expect(await trial.driver.examine(facts, odd)).toMatchObject([{ verdict: "blocker" }, { verdict: "blocker" }, { verdict: "blocker" }]);
  // Where nobody asked before, the server's refusal comes before anything is applied, and the file is as it was.
  const conf = join(demo.node("pg2").dataDirectory, "postgresql.auto.conf");
  const former = await readFile(conf, "utf8");
  const ran = await carryOut(trial, (await planOf(trial, odd)).turns);
  expect(ran.outcome).toMatchObject({ is: "paused", code: "SW6002" });
  expect(await readFile(conf, "utf8")).toBe(former);
});

test("A standby that cannot start with a value stands still with the server's own words; the abort brings it back as it was", async () => {
  // More memory than any machine has: the binary accepts the number, and only the start shows it.
  const plan = await planOf(trial, goal({ settings: { shared_buffers: "8000GB" } }));
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome, describeRun(ran)).toMatchObject({
    is: "paused",
    code: "SW2106",
    step: "start pg2",
    why: expect.stringMatching(/FATAL|memory/i) as string,
  });
  const aborted = await carryOut(trial, plan.turns, { events: ran.events, abort: true });
  expect(aborted.outcome.is, describeRun(aborted)).toBe("aborted");
  expect(await everywhere("shared_buffers")).toEqual(["2048", "2048", "2048"]);
  expect(trial.driver.nodes(await trial.driver.inspect()).map(({ state, role }) => [state, role])).toEqual([
    ["serving", "primary"],
    ["serving", "standby"],
    ["serving", "standby"],
  ]);
});

test("A restart of every node restarts each once and moves the primary once", async () => {
  const before = (await started()) as [string, string, number][];
  const plan = await planOf(trial, goal({ restart: true }));
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  const after = (await started()) as [string, string, number][];
  for (const [index, [node, , at]] of after.entries()) expect(at, node).toBeGreaterThan(before[index]![2]);
  expect(after.filter(([, role]) => role === "primary").map(([node]) => node)).not.toEqual(["pg1"]);
});

test("An entry taken out of its file by somebody who died before the reload is taken out of the server, too", async () => {
  const pg2 = demo.node("pg2");
  const conf = join(pg2.dataDirectory, "postgresql.auto.conf");
  const former = await readFile(conf, "utf8");
  const names = { synchronous_standby_names: "nobody", max_connections: "130" };
  await writeFile(conf, editConf(former, names));
  await demo.stopNode("pg2");
  await demo.startNode("pg2");
  await writeFile(conf, former);
  const set = steps.set("put back", { node: "pg2", values: { synchronous_standby_names: null, max_connections: null } }, "restore");
  await expect(driveStep(trial, set)).resolves.toMatchObject([{ proof: { synchronous_standby_names: "", max_connections: "130 until restart" } }]);
  expect(await ask("pg2", "show synchronous_standby_names")).toEqual([{ synchronous_standby_names: "" }]);
  expect(await readFile(conf, "utf8")).toBe(former);
});

test("Standbys that connect by a URI are told the new primary like others, with their slots", async () => {
  for (const name of ["pg2", "pg3"]) {
    const conf = join(demo.node(name).dataDirectory, "postgresql.auto.conf");
    const text = await readFile(conf, "utf8");
    const { host, port } = demo.node("pg1");
    const pass = encodeURIComponent(demo.node(name).passFile);
    const uri = `postgresql://${demo.replicationUser}@${host}:${String(port)}/?passfile=${pass}&application_name=${name}`;
    await writeFile(conf, editConf(text, { primary_conninfo: uri }));
    await ask(name, "select pg_reload_conf()");
  }
  await demo.streaming();
  const ran = await carryOut(trial, (await planOf(trial, goal({ restart: true }))).turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  const { now } = await trial.driver.inspect();
  const [leader] = Object.entries(now.nodes).find(([, { role }]) => role === "primary")!;
  expect(leader).not.toBe("pg1");
  expect(now.nodes[leader]!.slots.filter(({ active }) => active).map(({ name }) => name)).toEqual(
    ["pg1", "pg2", "pg3"].filter((name) => name !== leader),
  );
});

test("A server whose configuration lies outside of its data directory is asked, and started again, with that configuration", async () => {
  const pg2 = demo.node("pg2");
  const elsewhere = join(pg2.directory, "elsewhere.conf");
  await demo.stopNode("pg2");
  await rename(join(pg2.dataDirectory, "postgresql.conf"), elsewhere);
  const options = `-c config_file=${elsewhere}`;
  const argv = [join(pg2.installation, "bin/pg_ctl"), "start", "-w", "-D", pg2.dataDirectory, "-l", pg2.logFile, "-o", options];
  await run(argv, { user: demo.serverUser });
  await demo.streaming();
  const wanted = goal({ settings: { max_connections: "120" }, only: ["pg2"] });
  expect(await trial.driver.examine(await trial.driver.inspect(), wanted)).toMatchObject([{ code: "value", object: "pg2", verdict: "passed" }]);
  const ran = await carryOut(trial, (await planOf(trial, wanted)).turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  expect(await ask("pg2", "select current_setting('config_file') as file, current_setting('max_connections') as most")).toEqual([
    { file: elsewhere, most: "120" },
  ]);
});

test("Values that our own sessions set for themselves are set, read back and told like any others", async () => {
  const settings = { synchronous_commit: "remote_apply", statement_timeout: "1min", jit: "on" };
  const plan = await planOf(trial, goal({ settings }));
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  expect(await everywhere("synchronous_commit")).toEqual(["remote_apply", "remote_apply", "remote_apply"]);
  expect(await everywhere("statement_timeout")).toEqual(["60000", "60000", "60000"]);
  const facts = await trial.driver.inspect();
  expect((await trial.driver.settings(facts, Object.keys(settings))).map(({ key, value }) => [key, value])).toEqual([
    ["jit", "on"],
    ["statement_timeout", "1min"],
    ["synchronous_commit", "remote_apply"],
  ]);
  const undone = await carryOut(trial, (await planOf(trial, trial.driver.goalBack(plan.facts as never, plan.goal))).turns);
  expect(undone.outcome, describeRun(undone)).toEqual({ is: "succeeded" });
  expect(await everywhere("synchronous_commit")).toEqual([undefined, undefined, undefined]);
});
