import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RunRecord } from "../journal/store.ts";
import type { RunEvent } from "../model/event.ts";
import { readReport } from "./report.ts";
import { writeWhole } from "./sidecar.ts";
import { statusOf } from "./status.ts";
import { Scene } from "./testing/scene.fixture.ts";
import { verifyRun } from "./verify.ts";

// One state directory serves several clusters: here `orders`, whose cluster file is at hand, and `payments`.
const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
async function runOfPayments(
  ...events: readonly RunEvent[]
): Promise<{ readonly scene: Scene; readonly record: RunRecord; readonly asked: () => number }> {
  let asked = 0;
  const scene = new Scene({
    driver: (driver) => ({
      ...driver,
      inspect: (clock) => {
        asked++;
        return driver.inspect(clock);
      },
    }),
  });
  scenes.push(scene);
  const record = await scene.deadRunOf({ ...(await scene.plan()), cluster: "payments" }, ...events);
  // What orders runs is just what the run of payments was for.
  scene.change((quarry) => {
    for (const node of quarry.nodes) node.version = "17.10";
  });
  asked = 0;
  return { scene, record, asked: () => asked };
}
const succeeded: RunEvent = { is: "finished", as: "succeeded" };
const why = "run 1 is of payments, and the cluster file is of orders";

test("verify refuses to judge a run by the nodes of another cluster", async () => {
  const { scene, asked } = await runOfPayments(succeeded);
  await expect(verifyRun(scene.workspace, { run: 1 })).rejects.toMatchObject({
    code: "SW1004",
    message: "Run 1 is of payments, and the cluster file is of orders.",
    remedy: "Name the file of payments with --cluster FILE.",
  });
  expect(asked()).toBe(0);
});

test("status shows another cluster's run from the journal, and no node of this one", async () => {
  const { scene, asked } = await runOfPayments({ is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null });
  expect(await statusOf(scene.workspace, { run: 1 })).toMatchObject({
    cluster: "payments",
    run: { cluster: "payments", state: "stopped" },
    nodes: null,
    notSeen: why,
  });
  expect(asked()).toBe(0);
});

test("the report of another cluster's run is made of what is kept, and says that the cluster was not looked at", async () => {
  const { scene, asked } = await runOfPayments(succeeded);
  const report = await readReport(scene.workspace, { run: 1 });
  expect(report).toMatchObject({ cluster: "payments", outcome: "succeeded", verdict: "not-measured", systemProof: { coverage: null } });
  expect(report.nodes.map(({ name, from, to }) => [name, from, to])).toEqual([
    ["n1", "17.0", null],
    ["n2", "17.0", null],
    ["n3", "17.0", null],
  ]);
  expect(report.notSeen).toContain(`the cluster: ${why}`);
  expect(asked()).toBe(0);
});

test("the report that was written when the run ended is shown as it is, whatever the cluster file", async () => {
  const { scene, record } = await runOfPayments(succeeded);
  const kept = { ...(await readReport(scene.workspace, { run: 1 })), verdict: "pass" };
  const directory = scene.workspace.runDirectory(record.id);
  mkdirSync(directory, { recursive: true });
  await writeWhole(join(directory, "report.json"), kept);
  expect(await readReport(scene.workspace, { run: 1 })).toEqual(kept);
});
