import { expect, test } from "vitest";
import type { JournalEntry, RunEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { Step } from "../model/step.ts";
import { hhhmmss, recordOf, recordStatus } from "./record.ts";

const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "drain", do: id, params: null, ...more });
const plan = (steps: readonly Step[]): Plan =>
  ({ turns: [{ id: "1", nodes: [], items: steps }], goal: { version: "V5.2.0.01" }, nodes: [{ version: "V5.1.2.02" }] }) as unknown as Plan;
const entries = (...events: readonly (readonly [at: number, event: RunEvent])[]): readonly JournalEntry[] =>
  events.map(([at, event], index) => ({ n: index + 1, epoch: 1, at, event }));
const claimed: RunEvent = { is: "claimed", holder: "ana", verb: "apply", pid: 1 };
const done = (id: string): RunEvent => ({ is: "done", step: id, proof: null });

test("maintenance lasts from the first step that begins it to the last that ends it; instants have their names", () => {
  const steps = [
    step("enter", { maintenance: "begins" }),
    step("upgrade", { instant: "application restored" }),
    step("leave", { maintenance: "ends", instant: "console accessible" }),
  ];
  const record = recordOf(
    plan(steps),
    entries([0, claimed], [100, done("enter")], [500, done("upgrade")], [900, done("leave")], [950, { is: "finished", as: "succeeded" }]),
  );
  expect(record).toEqual({
    initialVersion: "V5.1.2.02",
    targetVersion: "V5.2.0.01",
    startedAt: 0,
    durationMs: 950,
    maintenance: { startedAt: 100, durationMs: 800 },
    instants: [
      { instant: "application restored", at: 500 },
      { instant: "console accessible", at: 900 },
    ],
  });
});

test("maintenance that begins with its step lasts from its first act, or from when a person was asked for it and did it", () => {
  const steps = [step("replace", { maintenance: "begins-with" }), step("ready", { maintenance: "ends" })];
  const act: RunEvent = { is: "acting", step: "replace", at: 100, settled: 100 };
  const asked: RunEvent = { is: "asked", step: "replace", code: "SW2007", question: "replace it" };
  const lasts = (...events: readonly (readonly [number, RunEvent])[]) => recordOf(plan(steps), entries([0, claimed], ...events)).maintenance;
  expect(lasts([100, act])).toEqual({ startedAt: 100, durationMs: null });
  expect(lasts([100, act], [600, done("replace")], [700, done("ready")])).toEqual({ startedAt: 100, durationMs: 600 });
  expect(lasts([100, asked])).toBeNull();
  expect(lasts([100, asked], [600, done("replace")], [700, done("ready")])).toEqual({ startedAt: 100, durationMs: 600 });
  expect(lasts([100, act], [200, { is: "absent", step: "replace" }])).toBeNull();
});

test("what an operator says has happened counts from then; what he leaves out does not", () => {
  const steps = [
    step("enter", { maintenance: "begins" }),
    step("upgrade", { instant: "application restored" }),
    step("leave", { maintenance: "ends" }),
  ];
  const told = (id: string, answer: "done" | "skip"): RunEvent => ({ is: "answered", step: id, answer, by: "ana", reason: "r" });
  const record = (answer: "done" | "skip") =>
    recordOf(plan(steps), entries([0, claimed], [100, done("enter")], [500, told("upgrade", answer)], [900, told("leave", answer)]));
  expect(record("done")).toMatchObject({ maintenance: { durationMs: 800 }, instants: [{ instant: "application restored", at: 500 }] });
  expect(record("skip")).toMatchObject({ maintenance: { durationMs: null }, instants: [] });
});

test("a clock that was set back makes no negative times", () => {
  const steps = [step("enter", { maintenance: "begins" }), step("leave", { maintenance: "ends" })];
  const record = recordOf(
    plan(steps),
    entries([5_000, claimed], [9_000, done("enter")], [4_000, done("leave")], [4_500, { is: "finished", as: "succeeded" }]),
  );
  expect(record).toMatchObject({ durationMs: 0, maintenance: { startedAt: 9_000, durationMs: 0 } });
});

test("maintenance that an abort puts back has ended; a run that stands has not", () => {
  const steps = [step("enter", { maintenance: "begins", held: "page" })];
  const begun = [
    [0, claimed],
    [100, done("enter")],
  ] as const;
  expect(recordOf(plan(steps), entries(...begun)).maintenance).toEqual({ startedAt: 100, durationMs: null });
  expect(recordOf(plan(steps), entries(...begun, [400, { is: "undone", step: "enter" }])).maintenance).toEqual({ startedAt: 100, durationMs: 300 });
});

test("a step of an expansion counts like any other", () => {
  const inside = step("drain/0.enter", { maintenance: "begins", instant: "tasks stopped" });
  const record = recordOf(
    plan([step("drain")]),
    entries([0, claimed], [10, { is: "expanded", step: "drain", into: [inside] }], [20, done(inside.id)]),
  );
  expect(record.maintenance?.startedAt).toBe(20);
  expect(record.instants).toEqual([{ instant: "tasks stopped", at: 20 }]);
});

test.each([
  [null, null, false, false, "Upgrading"],
  [null, null, true, false, "Verifying"],
  ["succeeded", null, false, false, "Succeeded"],
  ["succeeded", null, false, true, "Failed"],
  ["aborted", null, false, false, "Stopped"],
  ["force-stopped", "succeeded", false, false, "Force-Stopped and Marked as Succeeded"],
  ["force-stopped", "failed", false, true, "Force-Stopped and Marked as Failed"],
] as const)("%s, marked %s: the record's status", (finished, mark, verifying, harm, status) => {
  const forced = mark === null ? null : { mark, by: "ana", reason: "r", left: [] };
  expect(recordStatus({ finished, forced, verifying, harm })).toBe(status);
});

test.each([
  [0, "000:00:00"],
  [7_629_000, "002:07:09"],
  [360_000_000, "100:00:00"],
])("%i ms are %s", (ms, text) => {
  expect(hhhmmss(ms)).toBe(text);
});
