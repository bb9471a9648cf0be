import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { startLoad } from "./demo/load.ts";
import { carryOut, describeRun, goal, openTrial, planOf, type Trial } from "./testing/try-run.ts";

let demo: DemoCluster;
let trial: Trial;
beforeAll(async () => {
  demo = await createDemoCluster({ directory: await temporaryDirectory() });
  trial = openTrial(demo);
});
afterAll(async () => {
  await trial?.close();
  await demo?.destroy();
});
test("17.0 to 17.10 under load: every node on the new release, one switchover, nothing lost", async () => {
  const artefact = await trial.driver.artefact(await demo.artefact());
  expect(artefact.version).toBe("17.10");
  const load = await startLoad(demo);
  const plan = await planOf(trial, goal({ version: "17.10", artefact }));
  const ran = await carryOut(trial, plan.turns);
  console.log(describeRun(ran));
  const result = await load.stop();
  console.log(result);
  expect(ran.outcome).toEqual({ is: "succeeded" });
});
