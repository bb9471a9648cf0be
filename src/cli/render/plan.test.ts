import { expect, test } from "vitest";
import type { ImpactForecast } from "../../model/impact.ts";
import { feltLines } from "./plan.ts";

const row = (feature: string, more: Partial<ImpactForecast> = {}): ImpactForecast => ({
  feature,
  turn: "1",
  effect: "refused",
  expectedMs: 60_000,
  basis: `what is known of ${feature}`,
  source: "DP-3",
  measure: null,
  ...more,
});

test("a row that is a number of things says how many", () => {
  const killed = row("instances killed", { effect: "lost", amount: { value: 12, unit: "instances" } });
  expect(feltLines([killed])).toEqual(["instances killed: 12 instances lost (basis: what is known of instances killed)"]);
});

test("none of a thing is nothing to feel", () => {
  expect(feltLines([row("instances killed", { effect: "paused", amount: { value: 0, unit: "instances" } })])).toEqual([]);
});

test("many rows leave their reasons to `impact`", () => {
  const lines = feltLines(Array.from({ length: 9 }, (_, index) => row(`feature ${String(index)}`)));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("feature 0: refused once, about 1 min");
  expect(lines.at(-1)).toBe("(basis and source of each: `stillwater impact`, and the report)");
});

test("where the vendor is silent, nothing is forecast", () => {
  expect(feltLines([row("logon"), row("throttling", { source: "undocumented: facts 5.3" }), row("alerts", { source: "undocumented" })])).toEqual([
    "logon refused once, about 1 min (basis: what is known of logon)",
    "undocumented, measured all the same: throttling, alerts",
  ]);
});
