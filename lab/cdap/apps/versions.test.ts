import { expect, it } from "vitest";
import { compareVersions, highest, isWithin, matchesVersion, parseRange } from "./versions.ts";

it("orders releases, snapshots and four components", () => {
  const sorted = ["6.10.0", "6.9.2", "6.9.2-SNAPSHOT", "6.9.2.1", "6.7.0"].toSorted(compareVersions);
  expect(sorted).toEqual(["6.7.0", "6.9.2-SNAPSHOT", "6.9.2", "6.9.2.1", "6.10.0"]);
  expect(highest(sorted, (version) => version)).toBe("6.10.0");
  expect(highest([], String)).toBeNull();
});

it("reads ranges with open and closed ends", () => {
  const range = parseRange("[6.1.1,7.0.0)");
  if (range === null) throw new Error("no range");
  expect(isWithin("6.1.1", range)).toBe(true);
  expect(isWithin("7.0.0", range)).toBe(false);
  expect(parseRange("6.1.1")).toBeNull();
  expect(matchesVersion("6.9.2", "6.9.2")).toBe(true);
  expect(matchesVersion("6.9.2", "(6.9.2,7.0.0]")).toBe(false);
  expect(matchesVersion("7.0.0", "(6.9.2,7.0.0]")).toBe(true);
});
