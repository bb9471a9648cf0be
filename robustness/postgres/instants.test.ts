import { expect, it } from "vitest";
import { stepsOf, type JournalLine } from "../validators/journal.ts";
import { instantsOf, kindOf, sooner, standOf } from "./instants.ts";

const lines = (...events: readonly (readonly [string, string, number])[]): readonly JournalLine[] =>
  events.map(([is, step, at], index) => ({ n: index + 1, epoch: 1, at, event: { is, step } }));
const run = lines(
  ["acting", "stop a", 0],
  ["acted", "stop a", 10],
  ["done", "stop a", 10],
  ["done", "ready a", 20],
  ["acting", "start a", 30],
  ["done", "start a", 130],
);

it("has four instants for each step that acted, and boundaries beside them", () => {
  const instants = instantsOf(stepsOf(run), true);
  expect(instants.filter(({ counted }) => counted)).toHaveLength(8);
  expect(instants.filter(({ counted }) => !counted).map(({ failpoint }) => failpoint)).toEqual([
    "before-succeeded:2",
    "after-succeeded:2",
    "inside:2:33",
  ]);
});

it("knows a step again when another standby has its part", () => {
  expect(kindOf("move pg1/0.promote pg2")).toBe(kindOf("move pg1/0.promote pg3"));
  expect(kindOf("move pg1/0.pg3 follows pg2")).toBe(kindOf("move pg1/0.pg2 follows pg3"));
  expect(kindOf("move pg1/0.promote pg2")).not.toBe(kindOf("move pg1/0.stop pg1"));
  expect(kindOf("stop pg1")).not.toBe(kindOf("stop pg2"));
});

it("sees in the journal of a killed run whether it was killed where it should be", () => {
  const [, afterStarted] = instantsOf(stepsOf(run), true);
  expect(afterStarted?.place).toBe("after-started");
  expect(standOf(run.slice(0, 1), afterStarted!).hit).toBe(true);
  expect(standOf(run, afterStarted!).hit).toBe(false);
});

it("tries again after half the time where an effect may have been over already, and where it was otherwise", () => {
  const instants = instantsOf(stepsOf(run), true);
  const inside = instants.filter(({ place }) => place === "inside");
  expect(inside.map((each) => sooner(sooner(each)).failpoint)).toEqual(["inside:2:9"]);
  expect(instants.filter((each) => sooner(each) !== each)).toEqual(inside);
});
