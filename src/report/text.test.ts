import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clock, count, duration, printable, wrap } from "./text.ts";

test.each([
  [0, "0 ms"],
  [6.4, "6 ms"],
  [99.6, "0.1 s"],
  [380, "0.38 s"],
  [400, "0.4 s"],
  [5_000, "5 s"],
  [9_999, "10 s"],
  [12_340, "12.3 s"],
  [98_000, "98 s"],
  [100_000, "00:01:40"],
  [36_000_000, "10:00:00"],
])("%d ms is %s", (ms, words) => expect(duration(ms)).toBe(words));

test("a count is grouped by thousands", () => {
  expect([0, 999, 1000, 19_604, 1_234_567].map(count)).toEqual(["0", "999", "1,000", "19,604", "1,234,567"]);
});
test("a clock rounds to the second and carries", () => expect([59_600, 3_599_600].map(clock)).toEqual(["00:01:00", "01:00:00"]));

test("wrapping loses no word and keeps to the width where a word allows it", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 20, max: 80 }), (words, width) => {
      const lines = wrap(words.join(" "), width, { first: "  ", rest: "    " });
      expect(
        lines
          .join(" ")
          .split(" ")
          .filter((one) => one !== ""),
      ).toEqual(words);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});
test("control characters do not reach a terminal", () => expect(printable("a\u001b[2Jb\nc\u009bd")).toBe("a?[2Jb?c?d"));
