import { expect, test } from "vitest";
import { invariants } from "./invariants.ts";
import { factsOf } from "./testing/facts-fixture.ts";

test("No turn begins and no run ends with two primaries, also where they were there before it", () => {
  const two = factsOf({ pg1: {}, pg2: { role: "primary", streaming: false } });
  const gate = invariants(1).filter(({ holds }) => holds === "between turns");
  expect(gate.flatMap((each) => each.broken(two))).toEqual([{ object: "pg1, pg2", what: "more than one primary" }]);
  expect(gate.flatMap((each) => each.broken(factsOf({ pg1: {}, pg2: {} })))).toEqual([]);
});
