import { expect, test } from "vitest";
import { localText, localTime, machineOffset } from "./local-time.ts";

const at = Date.UTC(2026, 10, 20, 1, 29, 31, 456);

test("times are shown at their distance from UTC, which is named", () => {
  const berlin = localTime(60);
  expect([berlin.full(at), berlin.time(at), berlin.time(at, 2), berlin.time(at, 3), berlin.zone]).toEqual([
    "2026-11-20 02:29:31",
    "02:29:31",
    "02:29:31.45",
    "02:29:31.456",
    "UTC+01:00",
  ]);
  const west = localTime(-210);
  expect([west.full(at), west.zone]).toEqual(["2026-11-19 21:59:31", "UTC-03:30"]);
  expect(localTime(330).zone).toBe("UTC+05:30");
  expect(localTime(0).zone).toBe("UTC");
});
test("this machine's clock says the same as its dates", () => {
  const date = new Date(at);
  expect(localText(at)).toContain(`:${String(date.getMinutes()).padStart(2, "0")}:31 UTC`);
  expect(localTime(machineOffset(at)).time(at).slice(0, 2)).toBe(String(date.getHours()).padStart(2, "0"));
});
