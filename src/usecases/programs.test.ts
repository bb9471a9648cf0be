import { expect, test } from "vitest";
import { goal } from "../cli/testing/plan.fixture.ts";
import { parseInputs, programAnswers } from "./programs.ts";

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
