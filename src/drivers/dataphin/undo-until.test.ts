import { expect, test } from "vitest";
import { factsOf, goalOf } from "./testing/facts.ts";
import { undoUntil } from "./undo-until.ts";

test("the point up to which there is a way back, and what it leaves, by mode", () => {
  const until = (mode: "downtime" | "semi-downtime" | "zero-downtime", version = "6.2.0.2") => undoUntil(factsOf(), goalOf({ mode, version }));
  expect(until("downtime")).toMatch(/^until the shutdown begins: .*what was killed runs again/);
  for (const mode of ["semi-downtime", "zero-downtime"] as const) expect(until(mode)).toMatch(/^until the application upgrade begins/);
  for (const mode of ["downtime", "semi-downtime", "zero-downtime"] as const) expect(until(mode)).toContain("until somebody cancels it there");
  expect(until("zero-downtime", "6.3.0.1")).toContain("nothing begins");
});
