import { describe, expect, test } from "vitest";
import { compareVersions, isVersion, parseVersion, sameRelease } from "./version.ts";

const parsed = (text: string) => parseVersion(text) ?? expect.fail(`${text} is a version`);

describe("versions", () => {
  test("are read as the Manager and as the server write them", () => {
    expect(parseVersion("V5.1.2.02")).toEqual([5, 1, 2, 2]);
    expect(parseVersion("v6.3.0.964601")).toEqual([6, 3, 0, 964_601]);
    expect(parseVersion("6.3.1")).toEqual([6, 3, 1, null]);
    for (const text of ["", "V5", "5.1", "latest", "5.1.2.02-beta", "5.1.2.3.4"]) expect(parseVersion(text)).toBeNull();
  });
  test("are compared by number: a padded build is not a small fraction, and 10 comes after 9", () => {
    expect(compareVersions(parsed("V5.1.2.02"), parsed("V5.1.2.2"))).toBe(0);
    expect(compareVersions(parsed("V5.1.10"), parsed("V5.1.9.99"))).toBeGreaterThan(0);
    expect(compareVersions(parsed("V5.1.2.04"), parsed("V5.1.2.10"))).toBeLessThan(0);
    expect(compareVersions(parsed("V5.1.2"), parsed("V5.1.2.01"))).toBeLessThan(0);
    expect(sameRelease(parsed("V5.1.2.02"), parsed("V5.1.2.04"))).toBe(true);
    expect(sameRelease(parsed("V5.1.2.02"), parsed("V5.1.3.02"))).toBe(false);
  });
  test("what runs is what was asked for in every segment that was named", () => {
    expect(isVersion("6.3.0.964601", "V6.3.0")).toBe(true);
    expect(isVersion("6.3.0.964601", "V6.3.0.964601")).toBe(true);
    expect(isVersion("6.3.0.964601", "V6.3.0.964602")).toBe(false);
    expect(isVersion(null, "V6.3.0")).toBe(false);
    expect(isVersion("6.3.0", "V6.3.0.1")).toBe(false);
  });
});
