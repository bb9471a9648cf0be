import { expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { impact } from "./impact.ts";
import type { PgFacts } from "./facts.ts";
import { plan } from "./planning/plan.ts";
import { prove } from "./prove.ts";
import { factsOf } from "./testing/facts-fixture.ts";

const before = factsOf({ pg1: { position: "0/5000" }, pg2: {}, pg3: {} });
const swapped = factsOf({ pg2: { timeline: 2 }, pg1: { timeline: 2 }, pg3: { timeline: 2 } });
const promoted = (proof: Json): readonly StepEvidence[] => [{ step: "promote pg2", do: "promote", params: { node: "pg2", from: "pg1" }, proof }];
const received = { from: "pg1", to: "pg2", shutdown: "0/6B00128", left: "0/6B00128", leftTimeline: 1, timeline: 2, received: true };

test("A switchover is covered by the position that was received, named", () => {
  expect(prove(promoted(received), before, swapped)).toMatchObject({
    coverage: "shutdown position of pg1 received by pg2 (0/6B00128)",
    violations: [],
  });
});
test("Nothing is covered when the new primary left the old timeline too early, or nobody knows where", () => {
  for (const proof of [
    { ...received, left: "0/6B00000", received: false },
    { ...received, left: null, received: false },
  ]) {
    const result = prove(promoted(proof), before, swapped);
    expect(result.coverage).toBeNull();
    expect(result.violations[0]!.what).toMatch(/is not proved/);
  }
});
test("A primary that moved without a step of the run is a violation, one that stayed is covered by its own log", () => {
  expect(prove([], before, swapped)).toMatchObject({
    coverage: null,
    violations: [{ what: "the lead went from pg1 on timeline 1 to pg2 on timeline 2 without a step of this run" }],
  });
  const later = factsOf({ pg1: { position: "0/9000" }, pg2: {}, pg3: {} });
  expect(prove([], before, later).coverage).toMatch(/pg1 stayed the primary on timeline 1/);
  expect(prove([], later, before).violations).toMatchObject([{ object: "pg1", what: "its log went back from 0/9000 to 0/5000" }]);
});
test("A failover behind the planned switchover, before it or between two is no part of what was proved", () => {
  const on = (timeline: number, ...names: readonly string[]): PgFacts => factsOf(Object.fromEntries(names.map((name) => [name, { timeline }])));
  const left = (result: ReturnType<typeof prove>): readonly string[] => result.violations.map(({ what }) => what);
  expect(left(prove(promoted(received), before, on(3, "pg3", "pg1", "pg2")))).toEqual([
    "the lead went from pg2 on timeline 2 to pg3 on timeline 3 without a step of this run",
  ]);
  // The same server leads again, but not on the timeline that it was promoted to.
  expect(left(prove(promoted(received), before, on(4, "pg2", "pg1", "pg3")))).toEqual([expect.stringContaining("to pg2 on timeline 4")]);
  expect(left(prove([], before, on(3, "pg1", "pg2", "pg3")))).toEqual([expect.stringContaining("to pg1 on timeline 3")]);
  const late = { ...received, leftTimeline: 3, timeline: 4 };
  expect(left(prove(promoted(late), before, on(4, "pg2", "pg1", "pg3")))).toEqual([expect.stringContaining("to pg1 on timeline 3")]);
  const on2 = { ...received, from: "pg2", to: "pg3", leftTimeline: 2, timeline: 3 };
  expect(prove([...promoted(received), ...promoted(on2)], before, on(3, "pg3", "pg1", "pg2")).violations).toEqual([]);
});
test("Two primaries at the end are a violation, whoever they are", () => {
  const two = factsOf({ pg1: {}, pg2: { role: "primary", streaming: false } });
  expect(prove([], factsOf({ pg1: {}, pg2: {} }), two)).toMatchObject({ coverage: null, violations: [{ object: "pg1, pg2" }] });
});
test("A standby that does not stream at the end is said so", () => {
  const behind = factsOf({ pg1: { position: "0/9000" }, pg2: {}, pg3: { streaming: false } });
  expect(prove([], before, behind)).toMatchObject({ coverage: null, violations: [{ object: "pg3" }] });
});

test("What is felt: reads move in each turn, writes pause once, at the switchover, where it can be measured", () => {
  const goal = { version: null, artefact: null, settings: {}, restart: true, mode: "auto", only: null, options: {} } as const;
  const draft = plan(before, goal, []);
  const rows = impact(before, goal, "zero-downtime", "turns" in draft ? draft.turns : []);
  expect(rows.map(({ feature, turn, effect }) => [feature, turn, effect])).toEqual([
    ["reads on pg2", "pg2", "refused"],
    ["reads on pg3", "pg3", "refused"],
    ["writes", "pg1", "paused"],
    ["reads on pg1", "pg1", "refused"],
  ]);
  expect(rows.find(({ feature }) => feature === "writes")!.measure).toEqual({ by: "longest-write-gap" });
  const reload = { ...goal, restart: false, settings: { work_mem: "8MB" } };
  const reloading = plan(before, reload, []);
  expect(impact(before, reload, "zero-downtime", "turns" in reloading ? reloading.turns : []).map(({ effect }) => effect)).toEqual([
    "none",
    "none",
    "none",
  ]);
});
