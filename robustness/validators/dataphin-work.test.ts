import { expect, test } from "vitest";
import { judgeWork, stoppedAt, upgradedTo, type InstallationSeen, type RunSeen } from "./dataphin-work.ts";

const first: RunSeen = { id: "tr_1", trigger: "AUTO_SCHEDULED", status: "RUNNING", killedBy: null };
const killed: RunSeen = { ...first, status: "FAILED", killedBy: "openapi" };
const again = (id: string, status = "SUCCESS", trigger = "RERUN"): RunSeen => ({ id, trigger, status, killedBy: null });
const seen = (runs: readonly RunSeen[], more: Partial<InstallationSeen> = {}): InstallationSeen => ({
  instances: [{ id: "t_1", name: "load", runs }],
  pausedNodes: [],
  pausedInstances: [],
  dispatch: true,
  tracking: true,
  maintenance: false,
  versions: ["6.2.0.2"],
  record: "Upgrade Succeeded",
  commands: ["select-version"],
  realtimeRestarts: 0,
  ...more,
});
const judge = (runs: readonly RunSeen[], more: Partial<InstallationSeen> = {}, before: Partial<InstallationSeen> = {}) =>
  judgeWork(seen([first], before), seen(runs, more), upgradedTo("6.2.0.2"));
const clean = { notRerun: [], rerunTwice: [], rerunForNothing: [], disturbed: [], leftovers: [], notUpgraded: [], twice: [] };

test("killed and run again once", () => {
  expect(judge([killed, again("tr_2")])).toMatchObject({ ...clean, killed: 1 });
});
test("killed and never run again, or not to a good end", () => {
  expect(judge([killed]).notRerun).toHaveLength(1);
  expect(judge([killed, again("tr_2", "FAILED")]).notRerun).toHaveLength(1);
});
test("killed and run again twice", () => {
  expect(judge([killed, again("tr_2"), again("tr_3")]).rerunTwice).toHaveLength(1);
});
test("killed in two sweeps counts as one kill: what ran between them was killed, too", () => {
  expect(judge([killed, { ...again("tr_2", "FAILED"), killedBy: "openapi" }, again("tr_3")])).toMatchObject({ ...clean, killed: 1 });
});
test("run again though nobody ended it", () => {
  expect(judge([{ ...first, status: "SUCCESS" }, again("tr_2")]).rerunForNothing).toHaveLength(1);
});
test("ran before, and has not come to a good end although nobody ended it", () => {
  expect(judge([{ ...first, status: "FAILED" }]).disturbed).toHaveLength(1);
  expect(judge([{ ...first, status: "SUCCESS" }])).toMatchObject(clean);
});
test("what was killed before this upgrade is not of it", () => {
  const before = seen([killed, again("tr_2", "RUNNING")]);
  expect(judgeWork(before, seen([killed, again("tr_2")]), upgradedTo("6.2.0.2"))).toMatchObject({ ...clean, killed: 0 });
});
test("what is left behind, and what is not upgraded", () => {
  const left = judge([killed, again("tr_2")], {
    pausedNodes: ["n_1"],
    dispatch: false,
    maintenance: true,
    versions: ["6.2.0.1"],
    record: "Upgrading",
  });
  expect(left.leftovers).toEqual(["node n_1 is paused", "nothing is dispatched", "maintenance mode is on"]);
  expect(left.notUpgraded).toHaveLength(2);
  expect(judge([killed, again("tr_2")], { pausedNodes: ["n_9"] }, { pausedNodes: ["n_9"] }).leftovers).toEqual([]);
  expect(judge([killed, again("tr_2")], {}, { pausedNodes: ["n_9"] }).leftovers).toEqual(["node n_9, which somebody else had paused, is not paused"]);
});
test("a step that was done twice in the Manager", () => {
  expect(judge([killed, again("tr_2")], { commands: ["shut-down", "backup-database", "shut-down"] }).twice).toEqual(["shut-down"]);
});
test("one that was ended before its point of no return: the release from which it began, and a record that says so", () => {
  const stopped = (record: string | null, commands: readonly string[], versions = ["6.2.0.1"]) => {
    const after = seen([first], { record, commands, versions });
    return judgeWork(seen([first]), after, stoppedAt("6.2.0.1", after)).notUpgraded;
  };
  expect(stopped("Upgrade Stopped", ["select-version", "enter-maintenance"])).toEqual([]);
  expect(stopped("Configuring", ["select-version", "enter-maintenance"])).toHaveLength(1);
  expect(stopped("Configuring", ["select-version"])).toEqual([]);
  expect(stopped("Upgrade Stopped", ["select-version", "enter-maintenance"], ["6.2.0.1", "6.2.0.2"])).toHaveLength(1);
});
