// Plans that may not be applied: nothing is changed, and it is said why.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scenario } from "./scene.ts";

export const stalePlan: Scenario = {
  name: "a plan that was made before the cluster changed",
  kind: "stale plan",
  async play(scene) {
    const { stand } = scene;
    await scene.sql("pg1", "alter system set work_mem = '5MB'");
    await scene.sql("pg1", "select pg_reload_conf()");
    const before = await stand.state();
    scene.expectExit("apply", await stand.call(await stand.applyArgs()), 3, "SW1201", "work_mem");
    scene.expectSame("apply of a stale plan", await stand.state(), before);
    scene.expect(scene.journal().length === 0, "a run was begun");
  },
};

export const editedPlan: Scenario = {
  name: "a plan that was edited by hand",
  kind: "edited plan",
  async play(scene) {
    const { stand } = scene;
    const [{ file, hash }, before] = [await stand.plan(), await stand.state()];
    const plan = JSON.parse(await readFile(file, "utf8")) as { turns: unknown[] };
    const edits: readonly (readonly [string, unknown])[] = [
      ["a turn taken out", { ...plan, turns: plan.turns.slice(0, -1) }],
      ["another goal", { ...plan, goal: { ...(plan as unknown as { goal: object }).goal, version: "17.9" } }],
      ["a check left out", { ...plan, checks: [] }],
    ];
    for (const [what, edited] of edits) {
      const other = join(stand.cluster.directory, "edited.json");
      await writeFile(other, JSON.stringify(edited));
      scene.expectExit(what, await stand.call(["apply", other, "--yes", hash]), 2, "SW1202");
    }
    await writeFile(join(stand.cluster.directory, "edited.json"), JSON.stringify(plan).slice(0, -200));
    scene.expectExit("half a plan", await stand.call(["apply", join(stand.cluster.directory, "edited.json"), "--yes", hash]), 2, "SW1208");
    scene.expectExit("another hash", await stand.call(["apply", file, "--yes", "0badc0de"]), 2, "SW1003");
    scene.expectSame("apply of an edited plan", await stand.state(), before);
  },
};
