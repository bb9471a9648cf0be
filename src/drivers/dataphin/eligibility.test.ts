import { describe, expect, test } from "vitest";
import type { Goal, Mode } from "../../model/goal.ts";
import { chosenMode, modeVerdicts } from "./eligibility.ts";
import type { DpFacts } from "./facts.ts";
import { factsOf, goalOf } from "./testing/facts.ts";

const eligible = (facts: DpFacts, goal: Goal): readonly Mode[] => modeVerdicts(facts, goal).flatMap(({ mode, eligible: is }) => (is ? [mode] : []));
const between = (from: string, to: string): readonly Mode[] => eligible(factsOf({ version: from }), goalOf({ version: to }));

describe("[DP-1] which of the three modes a pair of versions may have", () => {
  test("zero-downtime only with the same first three segments", () => {
    expect(between("5.1.2.02", "V5.1.2.04")).toEqual(["zero-downtime", "semi-downtime", "downtime"]);
    expect(between("5.1.2.02", "V5.1.3.01")).toEqual(["semi-downtime", "downtime"]);
    expect(between("5.1.2.02", "V6.0.0.01")).toEqual(["semi-downtime", "downtime"]);
  });
  test("semi-downtime from 5.1.1 on", () => {
    expect(between("5.1.1.01", "V5.1.2.01")).toEqual(["semi-downtime", "downtime"]);
    expect(between("5.1.0.09", "V5.1.2.01")).toEqual(["downtime"]);
    expect(between("5.0.9.09", "V6.0.0.01")).toEqual(["downtime"]);
    expect(between("5.0.9.01", "V5.0.9.02")).toEqual(["zero-downtime", "downtime"]);
  });
  test("each verdict says why, or why not", () => {
    const words = Object.fromEntries(
      modeVerdicts(factsOf({ version: "5.0.9.09" }), goalOf({ version: "V6.0.0" })).map(({ mode, why }) => [mode, why]),
    );
    expect(words["zero-downtime"]).toContain("first three segments of 5.0.9.09 and V6.0.0 differ");
    expect(words["semi-downtime"]).toContain("before 5.1.1");
    expect(words["downtime"]).toContain("always offered");
  });
  test("an unknown version leaves downtime, which is always offered; a target that is none leaves nothing", () => {
    const unknown = factsOf({ version: null });
    expect(eligible(unknown, goalOf({ version: "V6.0.0" }))).toEqual(["downtime"]);
    expect(modeVerdicts(unknown, goalOf({ version: "V6.0.0" }))[0]?.why).toContain("declared.version");
    expect(eligible(factsOf(), goalOf({ version: "latest" }))).toEqual([]);
    expect(eligible(factsOf(), goalOf({ version: null }))).toEqual([]);
  });
  test("auto is the least disruptive one; one that is not eligible is no plan's", () => {
    expect(chosenMode(factsOf({ version: "6.2.0.1" }), goalOf({ version: "6.2.0.2" }))).toBe("zero-downtime");
    expect(chosenMode(factsOf({ version: "6.2.0.1" }), goalOf({ version: "6.3.0.1" }))).toBe("semi-downtime");
    expect(chosenMode(factsOf({ version: "6.2.0.1" }), goalOf({ version: "6.3.0.1", mode: "zero-downtime" }))).toBeNull();
    expect(chosenMode(factsOf({ version: "5.0.2.1" }), goalOf({ version: "6.3.0.1", mode: "semi-downtime" }))).toBeNull();
  });
});
