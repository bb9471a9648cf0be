import { afterEach, expect, test } from "vitest";
import type { Goal } from "../model/goal.ts";
import { applyPlan } from "./apply.ts";
import { rollbackPlan } from "./rollback.ts";
import { Scene } from "./testing/scene.fixture.ts";

let scene: Scene | null = null;
afterEach(() => scene?.close());

test("a backup that was made after an upgrade does not stand in the way of its rollback", async () => {
  scene = new Scene();
  await scene.fakeSidecar();
  await applyPlan(scene.workspace, { plan: await scene.plan(), probe: false }, { entry: () => undefined, progress: () => undefined });
  const plan = await scene.plan({ version: null, restart: true });
  const goal: Goal = { ...plan.goal, restart: false, maintenance: { is: "backup", directory: "/backups/1" } };
  await scene.deadRunOf({ ...plan, goal }, { is: "acting", step: plan.turns[0]?.id ?? "", at: 1, settled: 2 }, { is: "finished", as: "succeeded" });
  expect(await rollbackPlan(scene.workspace)).toMatchObject({ rollsBack: "1", goal: { version: "17.0" } });
});
