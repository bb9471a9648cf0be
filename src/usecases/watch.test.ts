import { afterEach, expect, test } from "vitest";
import { isDead, thisHolder } from "../journal/process-identity.ts";
import { Scene } from "./testing/scene.fixture.ts";
import { runUnderWay } from "./watch.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
function made(): Scene {
  const scene = new Scene();
  scenes.push(scene);
  return scene;
}

test("a second start of a plan that is being applied finds its run; of any other plan it does not", async () => {
  const scene = made();
  const plan = await scene.plan();
  expect(await runUnderWay(scene.workspace, plan)).toBeNull();
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: isDead });
  const record = await store.createRun(claim, plan);
  await store.append(claim, record.id, [{ is: "claimed", holder: "ana on jump1", verb: "apply", pid: process.pid }]);
  expect(await runUnderWay(scene.workspace, plan)).toBe(record.id);
  expect(await runUnderWay(scene.workspace, { ...plan, hash: "another" })).toBeNull();
  await store.append(claim, record.id, [{ is: "finished", as: "succeeded" }]);
  expect(await runUnderWay(scene.workspace, plan)).toBeNull();
});

test("a run whose worker was killed is not attached to: it is to be resumed", async () => {
  const scene = made();
  const record = await scene.deadRun();
  expect(await runUnderWay(scene.workspace, record.plan)).toBeNull();
});
