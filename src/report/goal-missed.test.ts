import { expect, test } from "vitest";
import type { NodeView } from "../model/facts.ts";
import type { Goal } from "../model/goal.ts";
import { goalMissed } from "./goal-missed.ts";

const node = (name: string, version: string | null): NodeView => ({
  name,
  role: "standby",
  endpoint: "h:1",
  version,
  installed: version,
  state: version === null ? "down" : "serving",
  detail: "",
});

const goal = (part: Partial<Goal>): Pick<Goal, "version" | "only" | "settings" | "restart"> => ({
  version: null,
  only: null,
  settings: {},
  restart: false,
  ...part,
});
const after = (...nodes: readonly NodeView[]): { readonly before: readonly NodeView[]; readonly after: readonly NodeView[] } => ({
  before: [],
  after: nodes,
});

test("every node that the goal names runs its version: nothing is missed", () => {
  expect(goalMissed(goal({ version: "2.0" }), after(node("a", "2.0"), node("b", "2.0")))).toEqual([]);
  expect(goalMissed(goal({ version: "2.0", only: ["a"] }), after(node("a", "2.0"), node("b", "1.0")))).toEqual([]);
  expect(goalMissed(goal({}), after(node("a", "1.0")))).toEqual([]);
});
test("a node that was left out, or tells nothing, is named", () => {
  expect(goalMissed(goal({ version: "2.0" }), after(node("a", "1.0"), node("b", null)))).toEqual([
    "the goal: a runs 1.0, not 2.0",
    "the goal: b does not tell its version",
  ]);
});
test("a node that told no version while it served before the run has none to miss; one that told one has", () => {
  const silent: NodeView = { ...node("gateway", null), state: "serving" };
  const wanted = goal({ version: "2.0" });
  expect(goalMissed(wanted, { before: [node("a", "1.0"), silent], after: [node("a", "2.0"), silent] })).toEqual([]);
  expect(goalMissed(wanted, { before: [node("a", "1.0")], after: [node("a", null)] })).toHaveLength(1);
  expect(goalMissed(wanted, { before: [node("a", null)], after: [node("a", null)] })).toHaveLength(1);
});
test("a cluster that could not be read proves nothing", () => {
  expect(goalMissed(goal({}), after())).toHaveLength(1);
});
test("a node that served before and does not now is missed whatever the goal was; one that did not, or is not in it, is not", () => {
  const [up, down] = [node("a", "1.0"), node("a", null)];
  const missed = ["the goal: a served before, and is down now"];
  for (const one of [goal({ restart: true }), goal({ settings: { work_mem: "8MB" } }), goal({ version: "1.0" })])
    expect(goalMissed(one, { before: [up], after: [down] })).toEqual(missed);
  expect(goalMissed(goal({ restart: true }), { before: [down], after: [down] })).toEqual([]);
  expect(goalMissed(goal({ restart: true, only: ["b"] }), { before: [up], after: [down] })).toEqual([]);
});
test("a step that a person left out of settings or restarts is named: the nodes' versions tell nothing of it", () => {
  const nodes = after(node("a", "2.0"));
  expect(goalMissed(goal({ settings: { work_mem: "8MB" } }), nodes, ["set work_mem on a"])).toEqual(["the goal: set work_mem on a: left out"]);
  expect(goalMissed(goal({ version: "2.0" }), nodes, ["set work_mem on a"])).toEqual([]);
});
