import { expect, test } from "vitest";
import { Losses } from "./losses.ts";

const times = (count: number, everyMs: number, step = "lease"): readonly boolean[] => {
  const losses = new Losses();
  return Array.from({ length: count }, (_, index) => losses.isFight(step, index * everyMs));
};

test("ten losses within a minute are borne, the eleventh is a fight", () => {
  expect(times(11, 1_000)).toEqual([...Array.from({ length: 10 }, () => false), true]);
});
test("losses that are far apart never are", () => {
  expect(times(50, 6_000)).not.toContain(true);
});
test("each step is counted by itself", () => {
  const losses = new Losses();
  for (let time = 0; time < 10; time++) losses.isFight("one", time);
  expect([losses.isFight("other", 10), losses.isFight("one", 10)]).toEqual([false, true]);
});
