import { expect, it } from "vitest";
import { aheadOf, ShiftedClock } from "./clocks.ts";

it("is ahead of this machine by as much as the wanted time of day is", () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0);
  expect(aheadOf("22:58", now)).toBe((10 * 60 + 58) * 60_000);
  expect(aheadOf("11:00", now)).toBe(23 * 3_600_000);
  expect(() => aheadOf("24:00", now)).toThrow("at: a time such as 22:58");
  const hour = 3_600_000;
  expect(Math.abs(new ShiftedClock(hour).now() - Date.now() - hour)).toBeLessThan(1_000);
});
