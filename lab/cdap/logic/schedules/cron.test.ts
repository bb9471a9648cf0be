import { describe, expect, it } from "vitest";
import { cronOf } from "./cron.ts";

const next = (expression: string, from: string): string | null => {
  const at = cronOf(expression)?.next(Date.parse(from)) ?? null;
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
};

describe("cron", () => {
  it("finds the next instant that fits, never now", () => {
    expect(next("* * * * *", "2026-03-01T12:00:00Z")).toBe("2026-03-01T12:01");
    expect(next("*/15 * * * *", "2026-03-01T12:00:01Z")).toBe("2026-03-01T12:15");
    expect(next("30 2 * * *", "2026-03-01T12:00:00Z")).toBe("2026-03-02T02:30");
    expect(next("0 0 1 */3 *", "2026-02-01T00:00:00Z")).toBe("2026-04-01T00:00");
    expect(next("5,10 8-9 * * 1-5", "2026-03-06T09:10:00Z")).toBe("2026-03-09T08:05");
    expect(next("0 6 * * 7", "2026-03-02T00:00:00Z")).toBe("2026-03-08T06:00");
    expect(next("0 0 30 2 *", "2026-03-02T00:00:00Z")).toBeNull();
  });
  it("refuses what is none", () => {
    for (const wrong of ["", "* * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "* * 0 * *"]) expect(cronOf(wrong)).toBeNull();
  });
});
