// A run that dies at every event of its journal: an act announced but not done, or done but not recorded. Each time a new process goes on from the journal alone.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../model/event.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { startLoad } from "./demo/load.ts";
import { carryOut, describeRun, goal, Killed, openTrial, planOf, type Ran } from "./testing/try-run.ts";

let demo: DemoCluster;
beforeAll(async () => {
  demo = await createDemoCluster({ directory: await temporaryDirectory(), synchronous: true });
  for (const { name } of demo.nodes) await demo.layNewRelease(name);
});
afterAll(async () => demo?.destroy());

const starts = async (): Promise<readonly number[]> =>
  Promise.all(demo.nodes.map(async ({ logFile }) => (await readFile(logFile, "utf8")).split("starting PostgreSQL").length - 1));

test("Killed at every instant of the whole upgrade: the same end, no question asked, each node restarted once, nothing lost", async () => {
  let trial = openTrial(demo);
  const plan = await planOf(trial, goal({ version: "17.10" }));
  const load = await startLoad(demo, { rate: 50 });
  const before = await starts();
  const killed = new Set<string>();
  const kill = (event: RunEvent): "before" | "after" | null => {
    const name = `${event.is} ${"step" in event ? String(event.step) : ""}`;
    if (killed.has(name)) return null;
    killed.add(name);
    return event.is === "acting" ? "after" : "before";
  };
  let ran: Ran | null = null;
  let events: Ran["events"] = [];
  while (ran === null) {
    try {
      ran = await carryOut(trial, plan.turns, { events, kill });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      events = error.events;
      await trial.close();
      trial = openTrial(demo);
    }
  }
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  const after = await starts();
  expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 1]);
  const facts = await trial.driver.inspect();
  expect(Object.values(facts.now.nodes).map(({ running, streaming, role }) => [running, role === "primary" || streaming])).toEqual([
    ["17.10", true],
    ["17.10", true],
    ["17.10", true],
  ]);
  for (const { role, slots } of Object.values(facts.now.nodes)) expect(slots).toHaveLength(role === "primary" ? 2 : 0);
  await trial.close();
  const { lost, acknowledged } = await load.stop();
  console.log(`killed ${String(killed.size)} times; ${String(acknowledged)} acknowledged`);
  expect(lost).toEqual([]);
}, 300_000);
