import { afterEach, expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import { Unreachable } from "../model/errors.ts";
import { thisHolder } from "../journal/process-identity.ts";
import { gone, Scene, type SceneOptions } from "./testing/scene.fixture.ts";
import { answerStep } from "./resume.ts";
import { GRACE_MS, Watchdog } from "./watchdog.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
function sceneWith(options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scenes.push(scene);
  return scene;
}
const frozen: readonly RunEvent[] = [
  { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
  { is: "done", step: "n2/freeze", proof: null },
];
const freeze = (scene: Scene): void => scene.change((quarry) => (quarry.frozen = true));

test("puts back what is held once nobody has come within the grace, and says so once", async () => {
  const scene = sceneWith();
  freeze(scene);
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun(...frozen));
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: false });
  expect(scene.quarry.frozen).toBe(true);
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  expect(scene.quarry.frozen).toBe(false);
  scene.later += 600_000;
  await watchdog.look();
  const events = await scene.events();
  expect(events.filter(({ is }) => is === "alarm")).toHaveLength(1);
  expect(events.filter(({ is }) => is === "released")).toHaveLength(1);
  expect(scene.alerts()).toEqual(["Stillwater died in the middle of the run; put back: freeze the schedule"]);
  expect(await (await scene.workspace.store()).holder("orders")).toBeNull();
});

test("a resume that sets it again and dies between two looks is another death, with a grace of its own", async () => {
  const scene = sceneWith();
  freeze(scene);
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun(...frozen));
  await watchdog.look();
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: gone, leaseMs: 15_000, above: 0, holderIsDead: () => true });
  await store.append(claim, 1, [{ is: "claimed", holder: "ben on jump1", verb: "resume", pid: gone.pid }, ...frozen]);
  freeze(scene);
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: false });
  scene.later += GRACE_MS - 1000;
  expect(await watchdog.look()).toMatchObject({ over: false });
  expect(scene.quarry.frozen).toBe(true);
  scene.later += 1000;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  expect(scene.quarry.frozen).toBe(false);
  expect(scene.alerts()).toHaveLength(2);
});

test("leaves a run alone that stands still in order, also when its question was answered and nobody has gone on yet", async () => {
  const scene = sceneWith();
  freeze(scene);
  const record = await scene.deadRun(...frozen, { is: "asked", step: "n2/stop", code: "SW2103", question: "?" });
  const store = await scene.workspace.store();
  const claim = await store.holder("orders");
  if (claim) await store.release(claim);
  const watchdog = new Watchdog(scene.workspace, record);
  expect(await watchdog.look()).toMatchObject({ is: "standing" });
  await answerStep(scene.workspace, { step: "n2/stop", answer: "again", reason: "looked at it" });
  for (const later of [0, GRACE_MS, GRACE_MS]) {
    scene.later += later;
    expect(await watchdog.look()).toMatchObject({ is: "standing" });
  }
  expect(scene.quarry.frozen).toBe(true);
  expect(scene.alerts()).toEqual([]);
});

test("does nothing while somebody holds the cluster, and gives the whole grace again after him", async () => {
  const scene = sceneWith();
  freeze(scene);
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun(...frozen));
  await watchdog.look();
  scene.later += GRACE_MS - 1000;
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("resume"), leaseMs: 60_000, above: 0, holderIsDead: () => true });
  expect(await watchdog.look()).toEqual({ is: "attended" });
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toEqual({ is: "attended" });
  await store.release(claim);
  expect(await watchdog.look()).toMatchObject({ is: "orphaned" });
  scene.later += GRACE_MS - 1000;
  await watchdog.look();
  expect(scene.quarry.frozen).toBe(true);
});

test("what cannot be put back is complained of once, tried again ever more rarely, and put back when it can be", async () => {
  let silent = true;
  let looks = 0;
  const scene = sceneWith({
    driver: (driver) => {
      const { thaw } = driver.operations;
      if (!thaw) return driver;
      const look: typeof thaw.look = (...args) => {
        looks++;
        if (silent) throw new TypeError("cannot read the schedule");
        return thaw.look(...args);
      };
      return { ...driver, operations: { ...driver.operations, thaw: { ...thaw, look } } };
    },
  });
  freeze(scene);
  const said: string[] = [];
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun(...frozen), (text) => said.push(text));
  await watchdog.look();
  scene.later += GRACE_MS;
  for (let i = 0; i < 20; i++) {
    expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: false });
    scene.later += 200;
  }
  // At 0, 1 and 3 seconds.
  expect(looks).toBe(3);
  expect(said[0]).toContain("freeze the schedule: cannot read the schedule");
  expect(scene.alerts()).toEqual([expect.stringContaining("could not put everything back yet: freeze the schedule: cannot read the schedule")]);
  expect((await scene.events()).filter(({ is }) => is === "alarm")).toHaveLength(1);
  silent = false;
  scene.later += 60_000;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  expect(scene.quarry.frozen).toBe(false);
  expect(scene.alerts()).toHaveLength(2);
});

test("a host that cannot be reached is complained of too, and the look itself goes on", async () => {
  let away = true;
  const scene = sceneWith({
    host: { readRecord: () => (away ? Promise.reject(new Unreachable("h1 cannot be reached", { code: "SW3001" })) : Promise.resolve(null)) },
  });
  freeze(scene);
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun(...frozen));
  await watchdog.look();
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: false });
  expect(scene.alerts()).toEqual([expect.stringContaining("h1 cannot be reached")]);
  away = false;
  scene.later += 60_000;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  expect(scene.quarry.frozen).toBe(false);
});

test("a run with nothing held is only told of", async () => {
  const scene = sceneWith();
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun());
  await watchdog.look();
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toMatchObject({ is: "orphaned", over: true });
  expect(scene.alerts()).toEqual(["Stillwater died in the middle of the run; nothing temporary is left set"]);
});

test("a finished run is finished, whoever holds the cluster", async () => {
  const scene = sceneWith();
  const watchdog = new Watchdog(scene.workspace, await scene.deadRun({ is: "finished", as: "aborted" }));
  expect(await watchdog.look()).toEqual({ is: "finished" });
});
