import { expect, test } from "vitest";
import type { LedgerEntry } from "../step-names.ts";
import type { Instance, TaskRun } from "../wire/operations/instances.ts";
import { fateOf, statusOf } from "./judge.ts";

const entry: LedgerEntry = {
  id: "t_7162269257990100014",
  project: "1",
  node: "n_1",
  name: "load",
  due: "",
  taskruns: ["tr_1"],
  autoRerun: null,
  idempotent: true,
  after: [],
};
const instance = (...statuses: readonly string[]): Instance => ({
  id: entry.id,
  project: "1",
  nodeId: "n_1",
  node: "load",
  bizDate: null,
  dueAt: null,
  startedAt: null,
  endedAt: null,
  statuses,
  paused: false,
  dryRun: false,
  priority: null,
});
const run = (id: string, status: string): TaskRun => ({ id, status, startedAt: 1, endedAt: status === "RUNNING" ? null : 2 });
const fate = (status: string, runs: readonly TaskRun[], ranBefore = true) =>
  fateOf(entry, { instance: instance(status), taskruns: runs }, ranBefore).is;

test("[DP-9] what ran immediately before the terminate and is FAILED was ended by it", () => {
  expect(fate("FAILED", [run("tr_1", "FAILED")])).toBe("killed");
});
test("[DP-9] what had ended before the terminate was sent is never ours, succeeded or not", () => {
  expect(fate("SUCCESS", [run("tr_1", "SUCCESS")])).toBe("finished");
  expect(fate("FAILED", [run("tr_1", "FAILED")], false)).toBe("failed");
});
test("what succeeded although it was terminated is not run again", () => {
  expect(fate("SUCCESS", [run("tr_1", "SUCCESS")])).toBe("finished");
});
test("[DP-9] a later task run is a re-run, whoever caused it", () => {
  for (const [status, stands] of [
    ["RUNNING", "running"],
    ["WAIT_SUBMISSION", "running"],
    ["SUCCESS", "succeeded"],
    ["FAILED", "failed"],
  ] as const)
    expect(fateOf(entry, { instance: instance(status), taskruns: [run("tr_1", "FAILED"), run("tr_2", status)] }, true)).toMatchObject({
      is: "again",
      status: stands,
    });
});
test("an accepted re-run that has not begun is queued; one that is gone has vanished", () => {
  expect(fate("WAIT_RESOURCE", [run("tr_1", "FAILED")])).toBe("queued");
  expect(fateOf(entry, { instance: null, taskruns: [] }, true).is).toBe("vanished");
});
test("a logical table's instance runs while one of its fields does, and has succeeded when all have", () => {
  expect(statusOf(instance("SUCCESS", "RUNNING", "FAILED"))).toBe("RUNNING");
  expect(statusOf(instance("SUCCESS", "FAILED"))).toBe("FAILED");
  expect(statusOf(instance("SUCCESS", "WAIT_RESOURCE"))).toBe("WAIT_RESOURCE");
  expect(statusOf(instance("SUCCESS", "SUCCESS"))).toBe("SUCCESS");
});
