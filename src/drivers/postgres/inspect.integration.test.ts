import { Client } from "pg";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { definitionOf, openTrial, type Trial } from "./testing/try-run.ts";

let demo: DemoCluster;
let trial: Trial;
beforeAll(async () => {
  demo = await createDemoCluster({ directory: await temporaryDirectory() });
  trial = openTrial(demo);
});
beforeEach(async () => demo.start());
afterAll(async () => {
  await trial?.close();
  await demo?.destroy();
});

test("One observation tells versions, roles, positions and slots of every node, and no secret", async () => {
  const facts = await trial.driver.inspect();
  expect(facts.structure.nodes["pg1"]).toMatchObject({ installed: "17.0", installation: demo.node("pg1").installation });
  expect(facts.now.nodes["pg1"]).toMatchObject({ state: "serving", role: "primary", running: "17.0", timeline: 1, otherSenders: [], managers: [] });
  for (const node of ["pg2", "pg3"])
    expect(facts.now.nodes[node]).toMatchObject({
      role: "standby",
      streaming: true,
      applicationName: node,
      follows: { slot: node, port: demo.node("pg1").port },
    });
  expect(facts.now.nodes["pg1"]!.slots.map(({ name, kind, active }) => [name, kind, active])).toEqual([
    ["pg2", "physical", true],
    ["pg3", "physical", true],
  ]);
  expect(facts.now.catalogue["max_connections"]?.[0]).toBe("postmaster");
  expect(JSON.stringify(facts)).not.toContain(demo.password);
  expect(JSON.stringify(facts.structure)).not.toContain("primary_conninfo");
  expect(trial.driver.nodes(facts)).toMatchObject([
    { name: "pg1", role: "primary", version: "17.0", installed: "17.0", state: "serving" },
    { name: "pg2", role: "standby", detail: expect.stringContaining("streaming") as string },
    { name: "pg3" },
  ]);
});

test("The slot that a primary would come back with as a standby is known while it leads", async () => {
  const client = new Client(demo.connection("pg1"));
  await client.connect();
  try {
    expect((await trial.driver.inspect()).now.nodes).toMatchObject({
      pg1: { role: "primary", follows: null, slotName: null },
      pg2: { slotName: "pg2" },
    });
    await client.query("alter system set primary_slot_name = 'slot_a'");
    expect((await trial.driver.inspect()).now.nodes["pg1"]).toMatchObject({ role: "primary", follows: null, slotName: "slot_a" });
  } finally {
    await client.query("alter system reset primary_slot_name");
    await client.end();
  }
});

test("The structure does not change while the cluster only works", async () => {
  const first = await trial.driver.inspect();
  await demo.stopNode("pg3");
  await demo.startNode("pg3");
  await demo.streaming();
  expect((await trial.driver.inspect()).structure).toEqual(first.structure);
});

test("A node that was stopped is down, its position read from its control file; a killed one has crashed", async () => {
  await demo.stopNode("pg1");
  const stopped = await trial.driver.inspect();
  expect(stopped.now.nodes["pg1"]).toMatchObject({ state: "down", up: false, role: null });
  // The standby has received exactly the end of the log: the shutdown checkpoint record and nothing more.
  expect(stopped.now.nodes["pg2"]).toMatchObject({ streaming: false, position: stopped.now.nodes["pg1"]!.position });
  await demo.startNode("pg1");
  await demo.streaming();
  await demo.stopNode("pg3", "immediate");
  expect((await trial.driver.inspect()).now.nodes["pg3"]).toMatchObject({ state: "crashed", up: false });
});

test("A host that does not answer is no fact: it throws", async () => {
  const definition = definitionOf(demo);
  const elsewhere = openTrial(demo, {
    ...definition,
    hosts: definition.hosts.map((host) =>
      host.name === demo.node("pg2").hostName ? { ...host, transport: "openssh", address: "nobody@127.0.0.1" } : host,
    ),
  });
  await expect(elsewhere.driver.inspect()).rejects.toMatchObject({ code: "SW3001" });
  await elsewhere.close();
});

test("An observation takes a few milliseconds", async () => {
  await trial.driver.inspect();
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const began = performance.now();
    await trial.driver.inspect();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(`inspect of 3 nodes: median ${times[10]!.toFixed(1)} ms, least ${times[0]!.toFixed(1)} ms`);
  // Loose, because other programs share the machine of a test; the benchmark holds the figure.
  expect(times[0]).toBeLessThan(500);
});

test("A primary that never was a standby is told by the name under which it will follow: its own, as the others use theirs", async () => {
  const conf = join(demo.node("pg1").dataDirectory, "postgresql.auto.conf");
  await demo.stopNode("pg1");
  await appendFile(conf, "cluster_name = '17/main'\n");
  await demo.startNode("pg1");
  await demo.streaming();
  const { now } = await trial.driver.inspect();
  expect(now.nodes["pg1"]).toMatchObject({ role: "primary", applicationName: "pg1" });
});
