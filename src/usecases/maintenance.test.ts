import { afterEach, expect, test } from "vitest";
import type { SystemDriver } from "../model/driver.ts";
import type { Step } from "../model/step.ts";
import { applyPlan } from "./apply.ts";
import { planMaintenance } from "./maintenance.ts";
import { planCluster } from "./plan.ts";
import type { RunObserver } from "./run-types.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
const move = (to: string): Step => ({ id: `lead ${to}`, phase: "move", do: "move", params: { to } });

/** A drain moves the leader to n2; a restore moves it back to the node that was drained. */
const drains = (driver: SystemDriver): SystemDriver => ({
  ...driver,
  maintenance: ["drain", "restore"],
  plan: (_, { maintenance }) => {
    if (maintenance?.is === "drain") return { turns: [{ id: "drain", nodes: [], items: [move("n2")] }] };
    if (maintenance?.is === "restore") {
      const moved = maintenance.drained.filter((each) => each.do === "move");
      return { turns: moved.map((_each, index) => ({ id: `restore ${index}`, nodes: [], items: [move(maintenance.node)] })) };
    }
    throw new Error("not asked for");
  },
});
const sceneWith = (driver: (driver: SystemDriver) => SystemDriver): Scene => {
  const scene = new Scene({ driver });
  scenes.push(scene);
  return scene;
};
async function run(scene: Scene, number: number, request: Parameters<typeof planMaintenance>[1]): Promise<void> {
  await scene.fakeSidecar(number);
  const { plan } = await planMaintenance(scene.workspace, request);
  expect(await applyPlan(scene.workspace, { plan, probe: false }, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
}

test("[OM-16] a restore puts back what the last drain of that node moved, once", async () => {
  const scene = sceneWith(drains);
  await run(scene, 1, { is: "drain", node: "n1" });
  expect(scene.quarry.leader).toBe("n2");
  await expect(planMaintenance(scene.workspace, { is: "restore", node: "n3" })).rejects.toMatchObject({ code: "SW2005" });
  await run(scene, 2, { is: "restore", node: "n1" });
  expect(scene.quarry.leader).toBe("n1");
  await expect(planMaintenance(scene.workspace, { is: "restore", node: "n1" })).rejects.toMatchObject({ code: "SW2005" });
});

test("a node that is not there, and a system that has none of it, are refused before anything is asked", async () => {
  await expect(planMaintenance(sceneWith(drains).workspace, { is: "drain", node: "n9" })).rejects.toMatchObject({ code: "SW1001", object: "n9" });
  await expect(planMaintenance(sceneWith(drains).workspace, { is: "recover" })).rejects.toThrow("no recover for quarry");
  await expect(planMaintenance(sceneWith((same) => same).workspace, { is: "drain", node: "n1" })).rejects.toThrow("no drain for quarry");
});

test("a role of the cluster file stands for its nodes", async () => {
  const scene = sceneWith((same) => same);
  const definition = await scene.workspace.definition();
  const nodes = definition.nodes.map((node, index) => ({ ...node, options: { ...node.options, role: index === 0 ? "front" : "back" } }));
  const { workspace } = scene;
  workspace.definition = () => Promise.resolve({ ...definition, nodes });
  const only = async (words: readonly string[]) => (await planCluster(workspace, { restart: true, only: words })).plan.goal.only;
  expect(await only(["back"])).toEqual(nodes.slice(1).map(({ name }) => name));
  expect(await only([nodes[0]?.name ?? "", "front"])).toEqual([nodes[0]?.name]);
  await expect(only(["top"])).rejects.toMatchObject({ code: "SW1001", object: "top" });
});
