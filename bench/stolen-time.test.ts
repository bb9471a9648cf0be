import { expect, test } from "vitest";
import { leastStolen, parseProcessorTime, stolenShare } from "./stolen-time.ts";

test("the share of the processors' time that the host of the machine took", () => {
  const from = parseProcessorTime("cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  expect(from).toEqual({ all: 1_000, stolen: 35 });
  expect(stolenShare(from, parseProcessorTime("cpu  150 0 60 910 10 0 5 65 7 0\n"))).toBe(0.15);
  expect(stolenShare(from, from)).toBe(0);
});
test("what was left alone is counted in its order, else that from which the least was taken, and nothing that was measured decides", () => {
  const pairs = [0.2, 0.009, 0.004, 0.02, 0, 0.03].map((stolen, at) => ({ at, stolen }));
  const chosen = (count: number): readonly number[] => leastStolen(pairs, count).map(({ at }) => at);
  expect(chosen(2)).toEqual([1, 2]);
  expect(chosen(3)).toEqual([1, 2, 4]);
  expect(chosen(5)).toEqual([1, 2, 3, 4, 5]);
  expect(chosen(9)).toEqual([0, 1, 2, 3, 4, 5]);
});
