import { describe, expect, it } from "vitest";
import type { StartEntry } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { judgeStart, type StartSight } from "./judge-start.ts";

const entry: StartEntry = { ns: "n", app: "a", type: "spark", program: "DataStreamsSparkStreaming", mark: "old", after: "old", args: {} };
const record = (runid: string, status: RunRecord["status"], more: Partial<RunRecord> = {}): RunRecord => ({ runid, status, properties: {}, ...more });
const marked = (runid: string, status: RunRecord["status"]): RunRecord =>
  record(runid, status, { properties: { runtimeArgs: JSON.stringify({ "stillwater.start": "old" }) } });
const killed = record("old", "KILLED", { stopping: 5, end: 9 });
const judged = (records: StartSight["records"], of: Partial<StartEntry> = {}, more: Partial<StartSight> = {}) => {
  const each = { ...entry, ...of };
  return judgeStart(each, { records, entries: [each], pending: [each], children: new Set(), neverStopped: false, ...more });
};

describe("whether an entry of the ledger is still to be started", () => {
  it("is, once its run has ended because it was stopped", () => {
    expect(judged([killed])).toEqual({ is: "due" });
    expect(judged([record("old", "COMPLETED", { stopping: 5, end: 9 })])).toEqual({ is: "due" });
    // It was pending: it never was STOPPING (facts 3.2).
    expect(judged([record("old", "KILLED")])).toEqual({ is: "due" });
  });
  it("waits for its run, and for a start whose run has not begun", () => {
    expect(judged([record("old", "STOPPING", { stopping: 5 })])).toMatchObject({ is: "waiting" });
    expect(judged([record("old", "RUNNING")])).toMatchObject({ is: "waiting" });
    expect(judged([marked("new", "PENDING"), killed])).toMatchObject({ is: "waiting" });
  });
  it("is not, when its mark is found, whatever became of that run; a rejected one never ran", () => {
    for (const status of ["RUNNING", "FAILED", "KILLED", "COMPLETED"] as const)
      expect(judged([marked("new", status), killed])).toMatchObject({ is: "over", outcome: { is: "started", runId: "new", status } });
    expect(judged([marked("new", "REJECTED"), killed])).toEqual({ is: "due" });
  });
  it("is not, when it had finished, failed by itself, was never stopped, was a child, or its program is gone", () => {
    const batch = { type: "workflows", program: "DataPipelineWorkflow" } as const;
    expect(judged([record("old", "COMPLETED", { stopping: 5, end: 9 })], batch)).toMatchObject({ outcome: { is: "not started" } });
    expect(judged([record("old", "FAILED", { end: 9 })])).toMatchObject({ outcome: { is: "not started" } });
    expect(judged([record("old", "RUNNING")], {}, { neverStopped: true })).toMatchObject({ outcome: { is: "runs already" } });
    expect(judged([killed], { program: "phase-1" }, { children: new Set(["old"]) })).toMatchObject({ outcome: { is: "not started" } });
    expect(judged(null)).toMatchObject({ outcome: { is: "gone" } });
  });
  it("is not, when somebody else has started what runs only once; of a batch a second run is fine", () => {
    expect(judged([record("his", "RUNNING"), killed])).toMatchObject({ outcome: { is: "runs already", runId: "his" } });
    expect(judged([record("his", "RUNNING"), killed], { type: "workflows", program: "DataPipelineWorkflow" })).toEqual({ is: "due" });
  });
});
