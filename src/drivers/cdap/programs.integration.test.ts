import { expect, test } from "vitest";
import type { Grace, ProgramInput } from "../../model/goal.ts";
import type { Answer } from "./ledger/inputs.ts";
import type { StartProof } from "./operations/start-programs.ts";
import { maintenance, MemoryRun } from "./testing/memory-run.ts";

const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
const workflow = { programType: "Workflow", programId: "DataPipelineWorkflow" };
const streaming = { programType: "Spark", programId: "DataStreamsSparkStreaming" };

async function stop(run: MemoryRun, inputs: readonly ProgramInput[], grace: Grace = "server"): Promise<readonly Answer[]> {
  await run.plan(maintenance({ is: "stop-programs", inputs, grace }));
  expect(await run.run()).toMatchObject(succeeded);
  return (run.proof("stopPrograms") as { readonly answers: readonly Answer[] }).answers;
}

test("[CD-11] [CD-12] [CD-15] [CD-16] several programs of different applications and types in one call: one answer for each, also for those that are stopped or not there", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const inputs = [
    { appId: "clicks", ...streaming },
    { appId: "batch-0001", ...workflow },
    { appId: "replicate-crm", programType: "Worker", programId: "DeltaWorker" },
    { appId: "order-service", programType: "services", programId: "Orders" },
    { appId: "batch-0003", ...workflow },
    { appId: "nowhere", ...workflow },
    { appId: "clicks", programType: "Spork", programId: "X" },
    { namespace: "finance", appId: "batch-0004", ...workflow },
    { appId: "clicks" },
  ];
  const answers = await stop(run, inputs);
  expect(answers.map(({ input, statusCode }) => [input, statusCode])).toEqual([
    [0, 200],
    [1, 200],
    [2, 200],
    [3, 200],
    [4, 400],
    [5, 404],
    [6, 400],
    [7, 400],
    [8, 200],
  ]);
  expect(answers[4]?.error).toContain("is stopped already");
  expect(answers[0]?.runs).toMatchObject([{ program: "default.clicks.spark.DataStreamsSparkStreaming", endState: "KILLED" }]);
  expect(answers[8]?.runs).toEqual(answers[0]?.runs);
  // Children of the workflow are ended by it, and are among its runs.
  expect(run.count("POST", /\/spark\/phase-\d+\/runs\/[^/]+\/stop$/)).toBe(0);
});

test("[CD-13] [CD-14] several runs of a program are ended one by one, each by its run id; one of them alone is ended when it is named", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const { programs } = run.lab.platform;
  const program = { namespace: "default", app: "batch-0001", type: "WORKFLOW", name: "DataPipelineWorkflow" } as const;
  for (const n of ["1", "2"]) programs.start(program, { n });
  await run.lab.world.advance(10_000);
  const runs = programs.all().filter(({ program: each, end }) => each.app === "batch-0001" && each.type === "WORKFLOW" && end === null);
  expect(runs).toHaveLength(3);
  const [, second] = runs;
  const one = await stop(run, [{ appId: "batch-0001", ...workflow, runId: second?.id ?? "" }]);
  expect(one).toMatchObject([{ statusCode: 200, runs: [{ runId: second?.id, endState: "KILLED" }] }]);
  const again = await stop(run, [{ appId: "batch-0001", ...workflow, runId: second?.id ?? "" }]);
  expect(again).toMatchObject([{ statusCode: 400, error: expect.stringContaining("it is KILLED") as string, runs: [] }]);
  const all = await stop(run, [{ appId: "batch-0001", ...workflow }]);
  expect(all[0]?.runs.filter(({ program: name }) => name.endsWith("DataPipelineWorkflow"))).toHaveLength(2);
  expect(run.count("POST", /workflows\/DataPipelineWorkflow\/stop$/)).toBe(0);
});

test("[CD-13] the child of a workflow is not stopped alone: the answer names the workflow's run", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const child = run.lab.platform.programs.all().find(({ parent, end }) => parent !== null && end === null);
  const program = { appId: child?.program.app ?? "", programType: child?.program.type ?? "", programId: child?.program.name ?? "" };
  const answers = await stop(run, [{ ...program, runId: child?.id ?? "" }, program]);
  for (const answer of answers) expect(answer).toMatchObject({ statusCode: 400, error: expect.stringContaining(child?.parent ?? "?") as string });
  expect(answers).toHaveLength(2);
});

test("what a stop has stopped is started again from its ledger, each once, with the arguments that it had; a second start finds it running", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  // A stop suspends no schedules: what a trigger starts afterwards is not in its ledger.
  for (const schedule of run.lab.platform.schedules.all()) run.lab.platform.schedules.set(schedule, "SUSPENDED");
  const before = run.running();
  await stop(run, [{}]);
  expect(run.running()).toEqual([]);
  const stopped = run.evidence().map((each) => ({ do: each.do, params: each.params, before: null, proof: each.proof }));
  for (const outcome of ["started", "started"]) {
    await run.plan(maintenance({ is: "start-programs", inputs: [], stopped, token: "t" }));
    expect(await run.run()).toMatchObject(succeeded);
    expect((run.proof("startPrograms") as StartProof).started.every(({ is }) => is === outcome)).toBe(true);
    expect(run.running()).toEqual(before);
  }
  const { args } = run.lab.platform.programs.all().findLast(({ program, parent }) => program.app === "batch-0001" && parent === null) ?? { args: {} };
  expect(args).toMatchObject({ day: "2026-03-01" });
});

test("what a trigger starts while everything is stopped is not stopped with it: the answer names it, and the proof does not hold", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const [answer] = await stop(run, [{}]);
  // The second begins whenever the first has ended.
  expect(run.running()).toEqual(["default.batch-0002.WORKFLOW.DataPipelineWorkflow"]);
  expect(answer).toMatchObject({
    statusCode: 409,
    error: expect.stringContaining("default.batch-0002.workflows.DataPipelineWorkflow run ") as string,
  });
  expect(answer?.runs.filter(({ endState }) => endState === "RUNNING").map(({ program }) => program)).toContain(
    "default.batch-0002.workflows.DataPipelineWorkflow",
  );
  expect((await run.proved()).violations.map(({ object }) => object)).toContainEqual(expect.stringContaining("default.batch-0002.workflows"));
});

test("a program that is named is started once, with its arguments, and answers with its run", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const inputs = [
    { appId: "batch-0003", ...workflow, runtimeargs: { day: "2026-03-02" } },
    { appId: "nowhere", ...workflow },
  ];
  await run.plan(maintenance({ is: "start-programs", inputs, stopped: [], token: "t" }));
  expect(await run.run()).toMatchObject(succeeded);
  expect((run.proof("startPrograms") as StartProof).answers).toMatchObject([
    { input: 0, statusCode: 200, runs: [{ endState: "RUNNING" }] },
    { input: 1, statusCode: 404, runs: [] },
  ]);
});
