import { expect, test } from "vitest";
import type { ProgramInput } from "../../../model/goal.ts";
import { meansProgram, meansRun } from "./inputs.ts";

const run = { ns: "default", app: "orders", type: "spark", program: "Ingest", version: "2", runId: "r1" } as const;
const program: ProgramInput = { appId: "orders", programType: "Spark", programId: "Ingest" };

test.each<[string, ProgramInput, boolean]>([
  ["everything", {}, true],
  ["its namespace", { namespace: "default" }, true],
  ["another namespace", { namespace: "finance" }, false],
  ["its application, which is of the default namespace", { appId: "orders" }, true],
  ["its program, by the vendor's name of the type", program, true],
  ["another type of that name", { ...program, programType: "Workflow" }, false],
  ["a type that does not exist", { ...program, programType: "spork" }, false],
  ["the run", { ...program, runId: "r1" }, true],
  ["another run of the program", { ...program, runId: "r2" }, false],
  ["its version", { ...program, appVersion: "2" }, true],
  ["another version", { ...program, appVersion: "1" }, false],
])("%s means the run: %j, %s", (_, input, means) => expect(meansRun(input, run)).toBe(means));

test("a run of an older version, of which nobody knows which, may be of any that is named", () => {
  expect(meansRun({ ...program, appVersion: "1" }, { ...run, version: null })).toBe(true);
});
test("a program is meant by the inputs that name one of its runs, too", () => {
  expect(meansProgram({ ...program, runId: "r2", appVersion: "1" }, run)).toBe(true);
});
