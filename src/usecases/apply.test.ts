import { afterEach, describe, expect, test } from "vitest";
import type { Driver } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import { applyPlan, openRun } from "./apply.ts";
import { resumeRun } from "./resume.ts";
import { rollbackPlan } from "./rollback.ts";
import type { RunObserver } from "./run-types.ts";
import { Scene, type SceneOptions } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const sceneWith = (options: SceneOptions = {}): Scene => {
  const scene = new Scene(options);
  scenes.push(scene);
  return scene;
};
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
const open = async (scene: Scene): Promise<unknown> => openRun(await scene.workspace.store(), "orders");
const holder = async (scene: Scene): Promise<unknown> => (await scene.workspace.store()).holder("orders");

/** The same driver, with something else for one operation. */
const changed =
  (
    name: string,
    change: (operation: Driver<Facts>["operations"][string]) => Partial<Driver<Facts>["operations"][string]>,
  ): NonNullable<SceneOptions["driver"]> =>
  (driver) => {
    const operation = driver.operations[name];
    if (!operation) throw new Error(`no operation ${name}`);
    return { ...driver, operations: { ...driver.operations, [name]: { ...operation, ...change(operation) } } };
  };

test("a plan is applied to the end, and the cluster is free again", async () => {
  const scene = sceneWith();
  await scene.fakeSidecar();
  expect(await applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
  expect(scene.quarry.nodes.map((node) => node.version)).toEqual(["17.10", "17.10", "17.10"]);
  expect(await open(scene)).toBeNull();
  expect(await holder(scene)).toBeNull();
});

describe("refused", () => {
  test("with a stale plan: no run is made", async () => {
    const scene = sceneWith();
    const plan = await scene.plan();
    scene.change((quarry) => {
      quarry.nodes = quarry.nodes.slice(0, 2);
    });
    await expect(applyPlan(scene.workspace, { plan, probe: false }, nobody)).rejects.toMatchObject({ code: "SW1201" });
    expect(await (await scene.workspace.store()).runs("orders")).toEqual([]);
    expect(await holder(scene)).toBeNull();
  });

  test("not for roles that have moved since: they are no structure", async () => {
    const scene = sceneWith();
    await scene.fakeSidecar();
    const plan = await scene.plan();
    scene.change((quarry) => (quarry.leader = "n2"));
    expect(await applyPlan(scene.workspace, { plan, probe: false }, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
  });

  test("with a plan that was edited, or is another cluster's", async () => {
    const scene = sceneWith();
    const plan = await scene.plan();
    await expect(applyPlan(scene.workspace, { plan: { ...plan, undoUntil: "never" }, probe: false }, nobody)).rejects.toMatchObject({
      code: "SW1202",
    });
  });

  test("without a probe: the run that was made is ended, so that it blocks nobody", async () => {
    // The sidecar is a process of its own, and finds no cluster file here.
    const scene = sceneWith({ definition: (same) => ({ ...same, continuity: { ...same.continuity, enabled: true } }) });
    await expect(applyPlan(scene.workspace, { plan: await scene.plan(), probe: true }, nobody)).rejects.toMatchObject({ code: "SW5001" });
    expect((await scene.events()).map(({ is }) => is)).toEqual(["claimed", "alarm", "finished"]);
    expect(await open(scene)).toBeNull();
    expect(await holder(scene)).toBeNull();
    await expect(resumeRun(scene.workspace, {}, nobody)).rejects.toMatchObject({ code: "SW2005" });
    await expect(rollbackPlan(scene.workspace)).rejects.toMatchObject({ code: "SW2005" });
    await scene.fakeSidecar(2);
    expect(await applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, nobody)).toMatchObject({
      run: 2,
      outcome: { is: "succeeded" },
    });
  });
});

describe("a defect of the driver", () => {
  test("stops the run in order: in the journal, told, everything free, and gone on with once it is mended", async () => {
    let broken = true;
    const scene = sceneWith({
      driver: changed("replace", (operation) => ({
        look: (...args) => {
          if (broken) throw new TypeError("undefined is not a version");
          return operation.look(...args);
        },
      })),
    });
    await scene.fakeSidecar();
    const result = await applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, nobody);
    expect(result.outcome).toMatchObject({ is: "paused", code: "SW9999", step: "n2/replace" });
    expect(JSON.stringify((await scene.events()).at(-1))).toMatch(/"SW9999".*undefined is not a version/);
    expect(await holder(scene)).toBeNull();
    broken = false;
    expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
  });

  test("in an act is looked at again after the resume: whether it happened, the system says", async () => {
    let acts = 0;
    const scene = sceneWith({
      driver: changed("replace", (operation) => ({
        act: async (...args) => {
          const receipt = await operation.act?.(...args);
          if (acts++ === 0) throw new TypeError("the answer has no body");
          return receipt ?? null;
        },
      })),
    });
    await scene.fakeSidecar();
    const result = await applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, nobody);
    expect(result.outcome).toMatchObject({ is: "paused", code: "SW9999", step: "n2/replace" });
    expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
    expect(acts).toBe(3);
  });
});

test("a journal that fails for good is told as what it is", async () => {
  const scene = sceneWith({
    driver: changed("replace", () => ({
      look: () => {
        throw new StillwaterError("SW4002", "the disk is full");
      },
    })),
  });
  await scene.fakeSidecar();
  const store = await scene.workspace.store();
  const append = store.append.bind(store);
  store.append = (claim, run, events) =>
    events.some(({ is }) => is === "paused") ? Promise.reject(new StillwaterError("SW4002", "the disk is full")) : append(claim, run, events);
  const withPause = applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, nobody);
  withPause.catch(() => undefined);
  // A look that throws says nothing; only what the journal itself refuses ends the worker.
  while ((await store.runs("orders")).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await store.signal(1, { desired: "pause", by: "ben", reason: "" });
  await expect(withPause).rejects.toMatchObject({ code: "SW4002" });
});
