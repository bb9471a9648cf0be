import { describe, expect, it } from "vitest";
import { assess, hopsBetween } from "./hops.ts";
import { publishedLevels } from "./published.ts";
import { compareVersions, isWithinCap, parseVersion, releaseOf } from "./version.ts";

const path = (from: string, to: string): readonly string[] => hopsBetween(from, to).map((hop) => `${hop.from}>${hop.to}:${String(hop.level)}`);

describe("versions", () => {
  it.each([
    ["2.00.8.12", { line: "2.00", release: 8, build: 12 }],
    ["3.00.5", { line: "3.00", release: 5, build: 0 }],
    ["1.30.16", { line: "1.30", release: 16, build: 0 }],
  ])("%s", (text, parsed) => expect(parseVersion(text)).toEqual(parsed));
  it.each(["", "2.00", "2.00.8.12_JIT", "V2.00.8", "2.00.8.12 2023.01.10", "2.00.x"])("%j is none", (text) => expect(parseVersion(text)).toBeNull());
  it("numbers are compared, not letters", () => {
    expect(compareVersions("2.00.10", "2.00.9.4")).toBeGreaterThan(0);
    expect(compareVersions("2.00.8", "2.00.8.1")).toBeLessThan(0);
    expect(compareVersions("2.00.8", "2.00.8.0")).toBe(0);
    expect(compareVersions("x", "2.00.8")).toBeNaN();
  });
  it("plugins must match the first three numbers", () => expect(releaseOf("2.00.8.12")).toBe("2.00.8"));
  it.each([
    ["2.00.17.3", "2.00", true],
    ["3.00.0", "2.00", false],
    ["3.00.5", "3.10", true],
    ["2.00.8.12", "2.00.8.11", false],
    ["2.00.8.12", "2.00.8", true],
    ["2.00.8.12", "latest", null],
  ])("%s under the cap %s: %s", (version, cap, allowed) => expect(isWithinCap(version, cap)).toBe(allowed));
});

describe("hops", () => {
  it("[DD-7] the tutorial's example has level 2, by the release notes", () => {
    expect(path("2.00.7.4", "2.00.8.12")).toEqual(["2.00.7>2.00.8:2"]);
    expect(assess("2.00.7.4", "2.00.8.12")).toMatchObject({ level: 2, rolling: false });
  });
  it("[DD-5] the lowest of all hops counts", () => {
    expect(path("2.00.6", "2.00.10.9")).toEqual(["2.00.6>2.00.7:1", "2.00.7>2.00.8:2", "2.00.8>2.00.9:2", "2.00.9>2.00.10:2"]);
    expect(assess("2.00.6", "2.00.10.9").level).toBe(1);
  });
  it("a hop that nobody published is no number, and the jump cannot be better than what is published", () => {
    expect(path("2.00.9.4", "2.00.11")).toEqual(["2.00.9>2.00.10:2", "2.00.10>2.00.11:null"]);
    expect(assess("2.00.9.4", "2.00.11")).toMatchObject({
      level: null,
      atMost: 2,
      rolling: false,
      unpublished: [{ from: "2.00.10", to: "2.00.11" }],
    });
  });
  it("builds of one release have no published level, whatever the vendor says in general", () => {
    expect(assess("2.00.8.11", "2.00.8.12")).toMatchObject({
      level: null,
      atMost: null,
      rolling: false,
      unpublished: [{ from: "2.00.8.11", to: "2.00.8.12" }],
    });
  });
  it("what support said fills the gaps and raises nothing that is published", () => {
    const stated = { level: 5, source: "support case 4711" } as const;
    expect(assess("2.00.8.11", "2.00.8.12", stated)).toMatchObject({ level: 5, rolling: true, stated: [{ source: "support case 4711" }] });
    expect(assess("2.00.9.4", "2.00.11", stated)).toMatchObject({ level: 2, rolling: false });
    expect(assess("2.00.7.4", "2.00.8.12", stated)).toMatchObject({ level: 2, stated: [] });
  });
  it("to another line it goes through the release that the vendor names", () => {
    expect(path("2.00.13.1", "3.00.5")).toEqual(["2.00.13>3.00.2:2", "3.00.2>3.00.3:2", "3.00.3>3.00.4:2", "3.00.4>3.00.5:1"]);
    expect(path("2.00.10", "3.00.0")).toEqual(["2.00.10>2.00.11:null", "2.00.11>3.00.0:2"]);
    expect(path("1.30.17", "2.00.5")).toEqual(["1.30.17>2.00.5:2"]);
  });
  it("from a release that is younger than the other line's: nobody published that", () =>
    expect(path("2.00.16", "3.00.1")).toEqual(["2.00.16>3.00.0:null", "3.00.0>3.00.1:2"]));
  it.each([
    ["2.00.8.12", "2.00.8.12"],
    ["2.00.8.12", "2.00.8.11"],
    ["nonsense", "2.00.8.11"],
  ])("%s to %s has no hops", (from, to) => expect(assess(from, to)).toMatchObject({ hops: [], level: null, rolling: false }));
  it("the table names a source for every level and no release twice", () => {
    for (const entry of publishedLevels) expect(entry.source, entry.release).toContain(entry.release);
    expect(new Set(publishedLevels.map(({ release }) => release)).size).toBe(publishedLevels.length);
  });
});
