import { afterEach, expect, test } from "vitest";
import { goal } from "../cli/testing/plan.fixture.ts";
import type { SystemDriver } from "../model/driver.ts";
import type { Step } from "../model/step.ts";
import { applyPlan } from "./apply.ts";
import { parseInputs, planPrograms, programAnswers, type ProgramsRequest } from "./programs.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const move = (to: string): Step => ({ id: `lead ${to}`, phase: "move", do: "move", params: { to } });
/** A stop of `n2` moves the leader there, one of anything else finds nothing to stop; a start moves it back to n1. */
const stops = (driver: SystemDriver): SystemDriver => ({
  ...driver,
  maintenance: ["stop-programs", "start-programs"],
  plan: (_, { maintenance }) => {
    if (maintenance?.is === "stop-programs") {
      const meant = maintenance.inputs.some(({ appId }) => appId === "n2");
      return { turns: [{ id: "stop", nodes: [], items: meant ? [move("n2")] : [] }] };
    }
    if (maintenance?.is !== "start-programs") throw new Error("not asked for");
    const moved = maintenance.stopped.filter((each) => each.do === "move");
    if (moved.length === 0) return { refused: "nothing was stopped", clear: "name it", code: "SW2109" };
    return { turns: [{ id: "start", nodes: [], items: [move("n1")] }] };
  },
});
async function run(scene: Scene, number: number, request: ProgramsRequest): Promise<void> {
  await scene.fakeSidecar(number);
  const { plan } = await planPrograms(scene.workspace, request);
  const nobody = { entry: () => undefined, progress: () => undefined };
  expect(await applyPlan(scene.workspace, { plan, probe: false }, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
}

test("a start puts back what was stopped last, also after another stop that found nothing to stop; once", async () => {
  const scene = new Scene({ driver: stops });
  scenes.push(scene);
  const start: ProgramsRequest = { is: "start", inputs: [] };
  await expect(planPrograms(scene.workspace, start)).rejects.toMatchObject({ code: "SW2005" });
  await run(scene, 1, { is: "stop", inputs: [{ appId: "n2" }], grace: "server" });
  await run(scene, 2, { is: "stop", inputs: [{ appId: "other" }], grace: "server" });
  expect(scene.quarry.leader).toBe("n2");
  await run(scene, 3, start);
  expect(scene.quarry.leader).toBe("n1");
  await expect(planPrograms(scene.workspace, start)).rejects.toMatchObject({ code: "SW2005" });
});

test("[CD-16] every element of the input has its answer, in its place, also where two are answered alike", () => {
  const inputs = [
    { appId: "a", programType: "Spark", programId: "P" },
    { appId: "b", programType: "Worker", programId: "W" },
    { appId: "a", programType: "Spark", programId: "P" },
  ];
  const plan = { goal: { ...goal, maintenance: { is: "stop-programs", inputs, grace: "server" } as const } };
  const runs = [{ program: "default.a.spark.P", runId: "r1", endState: "KILLED", seconds: 3 }];
  const answers = [
    { input: 0, statusCode: 200, runs },
    { input: 1, statusCode: 400, error: "default.b.workers.W is not running: it is stopped already", runs: [] },
    { input: 2, statusCode: 200, runs },
  ];
  expect(programAnswers(plan, [{ proof: null }, { proof: { answers } }])).toEqual([
    { input: inputs[0], statusCode: 200, runs },
    { input: inputs[1], statusCode: 400, error: "default.b.workers.W is not running: it is stopped already", runs: [] },
    { input: inputs[2], statusCode: 200, runs },
  ]);
  expect(programAnswers(plan, [])).toEqual([]);
});

test("[CD-15] a file in the shape of the batch call is read whole, or refused with the element that is wrong", () => {
  const file = '[{"appId":"a","programType":"Spark","programId":"P"},{"appId":"b","namespace":"n","runtimeargs":{"k":"v"}}]';
  expect(parseInputs(file, "f")).toEqual(JSON.parse(file));
  for (const [text, why] of [
    ["{}", "expected array"],
    ["[]", "it is empty"],
    ["[{}]", "element 0.appId"],
    ['[{"appId":"a"},{"appId":7}]', "element 1.appId"],
    ['[{"appId":"a","program":"P"}]', "element 0"],
    ["[", "JSON"],
  ] as const)
    expect(() => parseInputs(text, "f"), text).toThrow(why);
});
