import { expect, test } from "vitest";
import type { Goal, Mode } from "../../../model/goal.ts";
import { isUndo, type Item, type Step } from "../../../model/step.ts";
import type { DpFacts } from "../facts.ts";
import { backupBeforePreUpgrade, vendorSteps } from "./vendor-steps.ts";
import { plan } from "./plan.ts";

const facts = (version: string): DpFacts => ({
  structure: {
    version,
    timeZone: "UTC",
    nodes: { application: { role: "application", endpoint: "dataphin:80", host: "jump" } },
    projects: [{ id: "7162269257990111", name: "retail" }],
    apis: [],
    grants: [],
  },
  now: {
    at: Date.UTC(2026, 10, 20, 10),
    states: { application: "serving" },
    console: "accessible",
    why: {},
    instances: { running: [], due: [], pending: 0, paused: 0 },
    realtime: null,
    streamTasks: 0,
  },
});
const goal = (mode: Goal["mode"], options: Goal["options"] = {}, version: string | null = "6.2.0.2"): Goal => ({
  version,
  artefact: null,
  settings: {},
  restart: false,
  mode,
  only: null,
  options,
});
function items(mode: Mode, options: Goal["options"] = {}, by: "operator" | "command" = "command"): readonly Item[] {
  const draft = plan(facts("6.2.0.1"), goal(mode, options), { by });
  if ("refused" in draft) throw new Error(draft.refused);
  return draft.turns.flatMap((turn) => turn.items);
}
const names = (mode: Mode, options: Goal["options"] = {}): readonly string[] =>
  items(mode, options).map((item) => (isUndo(item) ? `-${item.undo}` : item.do));
const steps = (mode: Mode, by: "operator" | "command" = "command"): readonly Step[] =>
  items(mode, {}, by).filter((item): item is Step => !isUndo(item));

test("[DP-2] zero-downtime: select, then the applications are rolled", () => {
  expect(names("zero-downtime")).toEqual(["selectVersion", "upgradeApplication"]);
});
test("[DP-2] semi-downtime: backup, pre-upgrade, application, data, verification; nothing is killed", () => {
  expect(names("semi-downtime")).toEqual([
    "selectVersion",
    "enterMaintenance",
    "backupDatabase",
    "preUpgrade",
    "upgradeApplication",
    "consoleAccessible",
    "updateData",
    "verifyResult",
    "-maintenance",
  ]);
});
test("[DP-2] downtime: dispatch stops before anything is killed, and what was killed runs again before the data is updated", () => {
  expect(names("downtime")).toEqual([
    "selectVersion",
    "enterMaintenance",
    "pauseNodes",
    "stopDispatch",
    "listRunning",
    "shutDown",
    "backupDatabase",
    "preUpgrade",
    "upgradeApplication",
    "-pause nodes",
    "-stop dispatch",
    "-shut down",
    "-kill list",
    "updateData",
    "verifyResult",
    "-maintenance",
    "consoleAccessible",
  ]);
});
test("[DP-2] the order is data with its sources, and where the pages disagree the plan says what is done and why", () => {
  for (const rows of Object.values(vendorSteps))
    for (const { source, vendor, order } of rows) expect([source !== "", vendor !== null || order !== undefined]).toEqual([true, true]);
  const note = (mode: Mode, operation: string): string => steps(mode).find((step) => step.do === operation)?.note ?? "";
  for (const mode of ["semi-downtime", "downtime"] as const)
    for (const operation of ["backupDatabase", "preUpgrade"]) expect(note(mode, operation)).toContain(backupBeforePreUpgrade);
  expect(note("downtime", "pauseNodes")).toContain("ours");
});
test("[DP-2] a backup comes before whatever changes the database or the application, in each mode that has one", () => {
  for (const mode of ["semi-downtime", "downtime"] as const) {
    const all = names(mode);
    for (const later of ["preUpgrade", "upgradeApplication", "updateData"]) expect(all.indexOf("backupDatabase")).toBeLessThan(all.indexOf(later));
  }
});
test("[DP-16] both instants are named, and the maintenance has a begin", () => {
  const instants = (mode: Mode): readonly (readonly [string, string])[] =>
    steps(mode).flatMap((step) => (step.instant === undefined ? [] : [[step.do, step.instant] as const]));
  expect(instants("downtime")).toEqual([
    ["upgradeApplication", "application restored"],
    ["consoleAccessible", "console accessible"],
  ]);
  expect(
    steps("downtime")
      .filter(({ maintenance }) => maintenance === "begins")
      .map((step) => step.do),
  ).toEqual(["enterMaintenance"]);
});
test("a clean end is possible only before the shutdown, or before the application upgrade where there is none", () => {
  const commits = (mode: Mode): readonly string[] =>
    steps(mode).flatMap((step) => (step.commits === undefined ? [] : [`${step.do} ${step.commits.of}`]));
  expect([commits("downtime"), commits("semi-downtime"), commits("zero-downtime")]).toEqual([
    ["shutDown run"],
    ["upgradeApplication run"],
    ["upgradeApplication run"],
  ]);
});
test("[DP-2] by an operator each step in the Manager has its instruction; by a command only the verification needs a person", () => {
  const asked = (by: "operator" | "command"): readonly string[] => steps("downtime", by).flatMap((step) => (step.ask === undefined ? [] : [step.do]));
  expect(asked("command")).toEqual(["verifyResult"]);
  expect(asked("operator")).toEqual([
    "selectVersion",
    "enterMaintenance",
    "stopDispatch",
    "shutDown",
    "backupDatabase",
    "preUpgrade",
    "upgradeApplication",
    "updateData",
    "verifyResult",
  ]);
});
test("[DP-9] by an operator: the Manager is not to run again what this run runs again", () => {
  const asked = (mode: Mode): string => steps(mode, "operator").find((step) => step.do === "updateData")?.ask ?? "";
  expect(asked("downtime")).toContain('go on past "re-run force-stopped tasks" without running anything again');
  expect(asked("semi-downtime")).not.toContain("re-run");
});
test("options: how dispatch is stopped, how long what runs may end by itself, who decides about re-runs", () => {
  expect(names("downtime", { dispatch: "nodes" })).not.toContain("stopDispatch");
  expect(names("downtime", { dispatch: "manager" })).not.toContain("pauseNodes");
  const list = items("downtime", { drain: "15", reruns: "ask", "reruns-until": "started" }).find(
    (item) => !isUndo(item) && item.do === "listRunning",
  );
  expect(list).toMatchObject({ params: { drainMs: 900_000, reruns: "ask", until: "started" } });
  for (const [options, code] of [
    [{ drain: "soon" }, "SW1001"],
    [{ dispatch: "none" }, "SW1001"],
    [{ reruns: "maybe" }, "SW1001"],
    [{ "reruns-until": "noon" }, "SW1001"],
  ] as const)
    expect(plan(facts("6.2.0.1"), goal("downtime", options), { by: "command" })).toMatchObject({ code });
});
test("[DP-1] no plan for a mode that the versions do not allow, for what runs already, or without a version", () => {
  expect(plan(facts("6.1.0.1"), goal("zero-downtime"), { by: "operator" })).toMatchObject({
    code: "SW2108",
    why: [expect.stringContaining("zero-downtime") as string],
  });
  expect(plan(facts("5.0.3.1"), goal("semi-downtime"), { by: "operator" })).toMatchObject({ code: "SW2108" });
  expect(plan(facts("6.2.0.2"), goal("auto"), { by: "operator" })).toMatchObject({ code: "SW2109" });
  expect(plan(facts("6.2.0.1"), goal("auto", {}, null), { by: "operator" })).toMatchObject({ code: "SW2110" });
});
test("steps take together as long as the operator has said, the application its own share, so that the plan ends when his window does", () => {
  const given = items("downtime", { duration: "4", "application-minutes": "1" }).filter((item): item is Step => !isUndo(item));
  expect(given.find((step) => step.do === "upgradeApplication")?.expectedMs).toBe(60_000);
  const together = given.reduce((sum, { expectedMs = 0 }) => sum + expectedMs, 0);
  expect(Math.abs(together - 240_000)).toBeLessThan(given.length);
});
