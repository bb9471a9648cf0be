import { describe, expect, test } from "vitest";
import type { Goal, Mode, ProgramInput } from "../../model/goal.ts";
import type { StepEvidence } from "../../model/driver.ts";
import { compare } from "./compare.ts";
import { count } from "./count.ts";
import type { CdapFacts } from "./facts.ts";
import { impact } from "./impact.ts";
import { plan } from "./planning/plan.ts";
import { appOn, appsGoal, factsOf, maintenanceGoal, pipelineNamed, platformGoal, runOf, system } from "./testing/facts-fixture.ts";

const facts: CdapFacts = factsOf({
  artifacts: ["cdap-data-pipeline", "cdap-data-streams"].flatMap((name) => [system(name, "6.9.2"), system(name, "6.9.3")]),
  apps: {
    batch: appOn(system("cdap-data-pipeline", "6.9.2")),
    logged: appOn(system("cdap-data-streams", "6.9.2")),
    bare: appOn(system("cdap-data-streams", "6.9.2")),
  },
  pipelines: [pipelineNamed("logged"), pipelineNamed("bare", { wal: false })],
  runs: [
    runOf("logged"),
    runOf("bare"),
    runOf("batch", { type: "workflows", program: "W", runId: "w" }),
    runOf("batch", { program: "phase-1", runId: "c", childOf: "w" }),
  ],
});
function forecast(goal: Goal, mode: Mode) {
  const draft = plan(facts, { ...goal, mode }, { namespaces: null, upgrade: { by: "operator" }, backups: "/b", checkpoints: {} });
  if ("refused" in draft) throw new Error(draft.refused);
  const rows = impact(facts, goal, mode, draft.turns);
  for (const row of rows) expect(draft.turns.map(({ id }) => id)).toContain(row.turn);
  return (feature: string) => rows.find((row) => row.feature.startsWith(feature));
}

describe("the forecast", () => {
  test("of CDAP itself: the API is refused, schedules pause, every run but children of workflows stops and starts once", () => {
    const row = forecast(platformGoal("6.10.1"), "downtime");
    expect(row("API")).toMatchObject({ effect: "refused", measure: { by: "watch", of: "total" } });
    expect(row("pending work: schedules")).toMatchObject({ effect: "paused", measure: { by: "lease-held" } });
    expect(row("running work: runs stopped")).toMatchObject({ amount: { value: 3 } });
    expect(row("running work: batch runs")).toMatchObject({ effect: "lost", amount: { value: 1 } });
  });
  test("has the loss of each real-time pipeline, with the reason [CD-7]", () => {
    const row = forecast(platformGoal("6.10.1"), "downtime");
    expect(row("records of default.logged")).toMatchObject({ effect: "none", amount: { value: 0 } });
    expect(row("records of default.bare")).toMatchObject({ effect: "lost", basis: expect.stringContaining("write-ahead log is off") as string });
  });
  test("of applications without a stop: the API serves, runs go on, nothing is drained", () => {
    const row = forecast(appsGoal({ apps: "batch" }), "zero-downtime");
    expect(row("API")).toMatchObject({ effect: "none", expectedMs: 0 });
    expect(row("running work: runs that go on")).toMatchObject({ effect: "none", amount: { value: 1 } });
    expect(row("pending work")).toBeUndefined();
    expect(row("running work: runs stopped")).toBeUndefined();
  });
  test("of applications that are drained counts only theirs", () => {
    const row = forecast(appsGoal({ apps: "logged", "real-time": "redeploy" }), "semi-downtime");
    expect(row("running work: runs stopped")).toMatchObject({ amount: { value: 1 } });
    expect(row("records of default.bare")).toBeUndefined();
  });
  test("of a stop by itself counts the runs that are named, each workflow once with its children [CD-12]", () => {
    const stop = (...inputs: readonly ProgramInput[]) => forecast(maintenanceGoal({ is: "stop-programs", inputs, grace: "server" }), "semi-downtime");
    expect(stop({})("running work: runs stopped")).toMatchObject({ effect: "paused", amount: { value: 3 } });
    expect(stop({})("running work: batch runs")).toMatchObject({ effect: "lost", amount: { value: 1 } });
    const named = stop({ appId: "logged" });
    expect(named("running work: runs stopped")).toMatchObject({ amount: { value: 1, unit: "run" } });
    expect(named("running work: batch runs")).toMatchObject({ effect: "none", amount: { value: 0 } });
    expect(stop({ appId: "nosuch" })("running work: runs stopped")).toMatchObject({ effect: "none" });
  });
  test("batch runs that are waited for lose nothing", () => {
    expect(forecast(platformGoal("6.10.1", { batch: "wait" }), "downtime")("running work: batch runs")).toMatchObject({
      effect: "none",
      amount: { value: 0 },
    });
  });
});

describe("what was counted", () => {
  const end = (
    app: string,
    runId: string,
    endState: string,
    seconds: number | null,
    by: string,
    type = "spark",
    program = "DataStreamsSparkStreaming",
  ) => ({
    ns: "default",
    app,
    type,
    program,
    runId,
    endState,
    seconds,
    by,
  });
  const evidence = (runs: readonly ReturnType<typeof end>[]): readonly StepEvidence[] => [
    { step: "programs", do: "drain", params: {}, proof: {} },
    { step: "programs/1", do: "stopRuns", params: {}, proof: { runs, notes: [] } },
    { step: "schedules", do: "suspendSchedules", params: {}, proof: {} },
    { step: "schedules/1", do: "suspendListed", params: { schedules: [{ ns: "default", app: "batch", schedule: "s" }] }, proof: {} },
  ];
  test("stopped runs without children, batch runs that were cut, and real-time runs that had no time", () => {
    const found = count(
      evidence([
        end("logged", "run-of-logged", "KILLED", 12, "stop"),
        end("bare", "run-of-bare", "KILLED", 300, "stop"),
        end("batch", "w", "KILLED", 1, "stop", "workflows", "W"),
        end("batch", "c", "KILLED", 1, "stop", "spark", "phase-1"),
      ]),
      facts,
    );
    expect(found["runs stopped"]?.value).toBe(3);
    expect(found["batch runs cut short"]?.value).toBe(1);
    expect(found["schedules suspended"]?.value).toBe(1);
    expect(found["cut short: default.logged"]?.value).toBe(0);
    expect(found["cut short: default.bare"]?.value).toBe(1);
  });
  test("one that was killed by force was cut short, however quickly", () => {
    expect(count(evidence([end("logged", "run-of-logged", "KILLED", 1, "force")]), facts)["cut short: default.logged"]?.value).toBe(1);
  });
  test("without a drain nothing was counted", () => {
    expect(count([], facts)).toEqual({});
  });
});

describe("what verify compares", () => {
  const verdicts = (after: CdapFacts) => compare(facts, after).map(({ verdict }) => verdict);
  test("the same passes, with new run ids and a batch run that has ended", () => {
    const runs = [runOf("logged", { runId: "new" }), runOf("bare", { runId: "newer" })];
    expect(verdicts({ ...facts, now: { ...facts.now, activeRuns: runs } })).toEqual(["passed", "passed", "passed"]);
  });
  test("a pipeline that does not run again, one that runs twice, and a schedule too many fail", () => {
    const twice = [...facts.now.activeRuns, runOf("logged", { runId: "second" })];
    expect(verdicts({ ...facts, now: { ...facts.now, activeRuns: [] } })[1]).toBe("failed");
    expect(verdicts({ ...facts, now: { ...facts.now, activeRuns: twice } })[1]).toBe("failed");
    expect(verdicts({ ...facts, now: { ...facts.now, schedules: { scheduled: 3, suspended: 0 } } })[2]).toBe("failed");
  });
  test("a missing application fails", () => {
    const namespaces = { default: { apps: {}, artifacts: [] } };
    expect(verdicts({ ...facts, structure: { ...facts.structure, namespaces } })[0]).toBe("failed");
  });
});
