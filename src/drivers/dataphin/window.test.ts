import { describe, expect, test } from "vitest";
import { factsOf, goalOf, noon } from "./testing/facts.ts";
import { crossings, expiryInstant, windowOf } from "./window.ts";

const hour = 3_600_000;
const windowFor = (options: Readonly<Record<string, string>>, timeZone = "UTC") => {
  const found = windowOf(factsOf({ timeZone }), goalOf({ options }), "downtime");
  return "refused" in found ? expect.fail(found.refused) : found;
};

describe("the window", () => {
  test("begins now and lasts two hours by default; both can be said, by Dataphin's own clock", () => {
    expect(windowFor({})).toMatchObject({
      from: noon,
      durationMs: 2 * hour,
      applicationMs: 40 * 60_000,
      given: { duration: false, application: false },
    });
    expect(windowFor({ start: "22:30", duration: "20" })).toMatchObject({
      from: noon + 12.5 * hour,
      durationMs: 20 * 60_000,
      given: { duration: true, application: false },
    });
    expect(windowFor({ start: "22:30" }, "Asia/Shanghai").from).toBe(noon + 4.5 * hour);
    expect(windowFor({ start: "09:00" }).from).toBe(noon + 23 * hour);
    expect(windowFor({ start: "2026-11-22T03:00" }).from).toBe(noon + 41 * hour);
    expect(windowFor({ duration: "30", "application-minutes": "2.5" }).applicationMs).toBe(150_000);
  });
  test("refuses what is no time, no length, or over", () => {
    const refusals = [
      { start: "25:00" },
      { start: "tonight" },
      { start: "2026-11-19T03:00" },
      { duration: "0" },
      { duration: "two" },
      { duration: "5", "application-minutes": "6" },
    ];
    for (const options of refusals)
      expect(windowOf(factsOf(), goalOf({ options }), "downtime")).toMatchObject({ refused: expect.stringContaining("is not valid") as string });
  });
});

describe("[DP-12] what the window crosses", () => {
  test("23:00 and midnight by the installation's clock; a window that ends then does not cross it", () => {
    expect(crossings({ from: noon, to: noon + 13 * hour }, "UTC", 23)).toEqual([]);
    expect(crossings({ from: noon, to: noon + 13 * hour + 1 }, "UTC", 23)).toEqual([noon + 13 * hour]);
    expect(crossings({ from: noon + 13 * hour, to: noon + 14 * hour }, "UTC", 23)).toEqual([noon + 13 * hour]);
    expect(crossings({ from: noon, to: noon + 62 * hour + 1 }, "UTC", 0)).toEqual([noon + 14 * hour, noon + 38 * hour, noon + 62 * hour]);
    expect(crossings({ from: noon, to: noon + 6 * hour }, "Asia/Shanghai", 23)).toEqual([noon + 5 * hour]);
  });
  test("also where a day has 25 hours", () => {
    const before = Date.UTC(2026, 9, 24, 22, 30);
    expect(crossings({ from: before, to: before + 30 * hour }, "Europe/Berlin", 0)).toEqual([Date.UTC(2026, 9, 25, 23, 0)]);
    expect(crossings({ from: Date.UTC(2026, 9, 24, 21, 0), to: before }, "Europe/Berlin", 0)).toEqual([Date.UTC(2026, 9, 24, 22, 0)]);
  });
  test("a grant's last day ends with its midnight", () => {
    expect(expiryInstant("2026-11-20", "UTC")).toBe(noon + 14 * hour);
    expect(expiryInstant("2026-11-20", "Asia/Shanghai")).toBe(noon + 6 * hour);
    expect(expiryInstant("never", "UTC")).toBeNull();
  });
});
