import { describe, expect, test } from "vitest";
import { judgeWork, type AppSeen, type Expected, type RunSeen, type WorkSeen, type WorkVerdict } from "./cdap-work.ts";

const run = (id: string, more: Partial<RunSeen> = {}): RunSeen => ({
  id,
  program: "default.jobs.SPARK.stream",
  status: "RUNNING",
  ended: false,
  parent: null,
  version: "v1",
  args: {},
  stopping: null,
  starting: 0,
  ...more,
});
const stopped = (one: RunSeen): RunSeen => ({ ...one, status: "KILLED", ended: true, stopping: 1 });
const app = (artifactVersion: string, versions: number): AppSeen => ({ app: "default.jobs", artifact: "streams", artifactVersion, versions });
const seen = (more: Partial<WorkSeen> = {}): WorkSeen => ({ runs: [], schedules: [], apps: [], records: [], ...more });
const expected: Expected = {
  mark: "mark",
  othersTouched: new Set(),
  isContinuous: (program) => program.includes(".SPARK."),
  targets: new Map([["default.jobs", "2"]]),
  verdicts: new Map([["default.jobs", "no-loss"]]),
};
const fine: WorkVerdict = {
  doubleStarts: [],
  notStarted: [],
  otherArguments: [],
  schedules: [],
  notUpgraded: [],
  upgradedTwice: [],
  contradicted: [],
  lossPossible: [],
};
const judge = (before: Partial<WorkSeen>, after: Partial<WorkSeen>, more: Partial<Expected> = {}): WorkVerdict =>
  judgeWork(seen(before), seen(after), { ...expected, ...more });
const marked = { args: { mark: "t/0" } };

describe("whether the work is as it was", () => {
  test("each run that was stopped runs again, once, with what it had", () => {
    const old = run("a", { args: { day: "1" } });
    expect(judge({ runs: [old] }, { runs: [stopped(old), run("b", { args: { day: "1", mark: "t/0" } })] })).toEqual(fine);
    expect(judge({ runs: [old] }, { runs: [stopped(old)] }).notStarted).toEqual(["default.jobs.SPARK.stream: 0 runs instead of 1"]);
    expect(judge({ runs: [old] }, { runs: [stopped(old), run("b", marked)] }).otherArguments).toHaveLength(1);
  });
  test("twice is found by the mark, and by the number of runs", () => {
    const old = run("a");
    const twice = [run("b", marked), stopped(run("c", marked))];
    expect(judge({ runs: [old] }, { runs: [stopped(old), ...twice] }).doubleStarts).toEqual(["default.jobs.SPARK.stream t/0: 2 runs"]);
    const another = judge({ runs: [old] }, { runs: [stopped(old), run("b", marked), run("d", { args: { mark: "t/1" } })] });
    expect(another.doubleStarts).toEqual(["default.jobs.SPARK.stream: 2 runs instead of 1"]);
    expect(judge({ runs: [old] }, { runs: [old, run("x")] }, { othersTouched: new Set([old.program]) }).doubleStarts).toEqual([]);
    // A child carries the arguments of its workflow, and a run that was rejected never ran.
    const carried = [
      run("k", { ...marked, parent: "b", program: "default.jobs.SPARK.phase-1", ended: true }),
      run("r", { ...marked, status: "REJECTED", ended: true }),
    ];
    expect(judge({ runs: [old] }, { runs: [stopped(old), run("b", marked), ...carried] }).doubleStarts).toEqual([]);
  });
  test("a batch run may end by itself, a continuous one may not", () => {
    const batch = run("a", { program: "default.jobs.WORKFLOW.daily" });
    const completed = { status: "COMPLETED", ended: true } as const;
    expect(judge({ runs: [batch] }, { runs: [{ ...batch, ...completed }] }).notStarted).toEqual([]);
    expect(judge({ runs: [batch] }, { runs: [stopped(batch)] }).notStarted).toHaveLength(1);
    expect(judge({ runs: [run("a")] }, { runs: [run("a", completed)] }).notStarted).toHaveLength(1);
  });
  test("schedules, versions of artefacts, and how often an application was upgraded", () => {
    const one = (status: string) => ({ schedules: [{ schedule: "default.jobs.daily", status }] });
    expect(judge(one("SCHEDULED"), one("SUSPENDED")).schedules).toEqual(["default.jobs.daily was SCHEDULED and is SUSPENDED"]);
    expect(judge(one("SUSPENDED"), { schedules: [] }).schedules).toEqual(["default.jobs.daily was SUSPENDED and is gone"]);
    expect(judge({ apps: [app("1", 1)] }, { apps: [app("2", 2)] })).toEqual(fine);
    expect(judge({ apps: [app("1", 1)] }, { apps: [app("1", 1)] }).notUpgraded).toHaveLength(1);
    expect(judge({ apps: [app("1", 1)] }, { apps: [app("2", 3)] }).upgradedTwice).toEqual(["default.jobs: 2 new versions"]);
  });
  test("records against verdicts: only what was lost in between", () => {
    const lost = (count: number) => ({ records: [{ app: "default.jobs", lost: count, delivered: 1 }] });
    expect(judge(lost(5), lost(5))).toEqual(fine);
    expect(judge(lost(5), lost(6)).contradicted).toEqual(["default.jobs: 1 records lost"]);
    expect(judge(lost(5), lost(7), { verdicts: new Map([["default.jobs", "loss-possible"]]) })).toEqual({
      ...fine,
      lossPossible: [{ app: "default.jobs", lost: 2 }],
    });
  });
});
