import { expect, it } from "vitest";
import { dateOf, durationOf, midnightOf, timeOf } from "./times.ts";

it("dates, times and durations as Dataphin writes them", () => {
  const at = Date.UTC(2026, 10, 22, 1, 2, 3);
  expect([dateOf(at), timeOf(at)]).toEqual(["2026-11-22", "2026-11-22 01:02:03"]);
  expect(midnightOf("2026-11-22")).toBe(Date.UTC(2026, 10, 22));
  expect(() => midnightOf("tomorrow")).toThrow("not yyyy-MM-dd");
  expect([durationOf(0), durationOf(3_723_000), durationOf(400 * 3_600_000)]).toEqual(["000:00:00", "001:02:03", "400:00:00"]);
});
