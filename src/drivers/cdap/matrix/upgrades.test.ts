import { describe, expect, test } from "vitest";
import { behavioursOf, generationWords } from "./behaviours.ts";
import { isKnown, pathTo } from "./upgrades.ts";
import { compareVersions, newest, parseRange } from "./version.ts";

describe("versions", () => {
  test.each([
    ["6.9.2", "6.9.10", -1],
    ["6.7", "6.7.0", 0],
    ["6.7", "6.7.1", -1],
    ["6.7.0-SNAPSHOT", "6.7.0", -1],
    ["6.10.1.4", "6.10.1", 1],
    ["2.11.1-1658877300000", "2.11.1", 1],
    ["latest", "1.0.0", -1],
  ])("%s against %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(sign === 0 ? 0 : -sign);
  });
  test("a snapshot is the newest only where it may be", () => {
    expect(newest(["6.9.1", "6.10.0-SNAPSHOT", "6.9.2"])).toBe("6.10.0-SNAPSHOT");
    expect(newest(["6.9.1", "6.10.0-SNAPSHOT", "6.9.2"], false)).toBe("6.9.2");
    expect(newest([])).toBeNull();
  });
  test("a range holds its lower bound and not its upper one", () => {
    const range = parseRange("[6.8.0,7.0.0)");
    expect([range?.contains("6.8.0"), range?.contains("6.11.1"), range?.contains("7.0.0"), range?.contains("6.7.3")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(parseRange("6.8.0")).toBeNull();
  });
});

describe("which version may follow which, as published", () => {
  test.each([
    ["6.11.0", "6.11.1"],
    ["6.8.3", "6.11.1"],
    ["6.7.2", "6.7.3"],
    ["6.1.4", "6.10.1"],
    ["6.10.1", "6.10.1.2"],
    ["4.3.1", "5.0.0"],
  ])("%s to %s is one step", (from, to) => {
    expect(pathTo(from, to).is).toBe("published");
  });
  test("the last patch of the minor comes first, then the jump", () => {
    expect(pathTo("6.8.1", "6.11.1")).toMatchObject({ is: "via", steps: ["6.8.3", "6.11.1"] });
    expect(pathTo("6.5.0", "6.9.2")).toMatchObject({ is: "via", steps: ["6.5.1", "6.9.2"] });
  });
  test("packages of 5.x and before skip no minor", () => {
    expect(pathTo("4.1.0", "5.1.2")).toMatchObject({ is: "via", steps: ["4.2", "4.3", "5.0", "5.1.2"] });
  });
  test("from 5.x to 6.x there is no upgrade in place, and never one down", () => {
    expect(pathTo("5.1.3", "6.1.4")).toMatchObject({ is: "never", why: expect.stringContaining("exported") as string });
    expect(pathTo("6.10.1", "6.9.2").is).toBe("never");
  });
  test("what nobody has published is said to be that, and the same version is the same", () => {
    expect(pathTo("6.11.1", "6.12.0").is).toBe("unpublished");
    expect(pathTo("6.9.2", "tomorrow").is).toBe("unpublished");
    expect(pathTo("6.9.2", "6.9.2").is).toBe("same");
  });
});

describe("what a server does by its version [CD-1]", () => {
  test("an unknown version has no behaviours, and says so", () => {
    expect(behavioursOf("7.0.0")).toBeNull();
    expect(behavioursOf(null)).toBeNull();
    expect(generationWords("7.0.0").join()).toContain("not known");
    expect(isKnown("6.12.0")).toBe(false);
  });
  test.each([
    ["6.8.3", { newVersionByUpgrade: false, upgradesStateStore: false, autoWal: true, upgradesPostActions: true, graceful: "ignored" }],
    ["6.9.2", { newVersionByUpgrade: true, upgradesStateStore: true, graceful: "ignored" }],
    ["6.6.0", { autoWal: false, replicationAsBatch: false, upgradesPostActions: false }],
    ["6.7.0-dev", { graceful: "perhaps", autoWal: true }],
    ["6.1.4", { upgradeCall: false }],
  ] as const)("%s", (version, expected) => {
    expect(behavioursOf(version)).toMatchObject(expected);
  });
});
