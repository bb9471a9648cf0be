import { describe, expect, test } from "vitest";
import type { SystemDriver } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Check } from "../model/facts.ts";
import type { Goal, ModeVerdict } from "../model/goal.ts";
import type { Plan } from "../model/plan.ts";
import { makePlan, planHash, shortHash, type PlanRequest } from "./plan.ts";

const goal: Goal = { version: "2", artefact: null, settings: {}, restart: false, mode: "auto", only: null, options: {} };
const eligible = (...names: readonly ModeVerdict["mode"][]): readonly ModeVerdict[] =>
  (["zero-downtime", "semi-downtime", "downtime"] as const).map((mode) => ({ mode, eligible: names.includes(mode), why: `because ${mode}` }));

const fakeDriver = (more: Partial<SystemDriver> = {}): SystemDriver => ({
  system: "made-up",
  operations: { set: { look: async () => ({ is: "open" }), fenced: "unfenced" }, peek: { look: async () => ({ is: "done" }) } },
  invariants: [],
  inspect: async () => ({ structure: { version: "1" }, now: null }),
  plan: () => ({
    turns: [{ id: "t", nodes: ["n"], items: [{ id: "a", phase: "replace", do: "peek", params: null, may: { do: ["set"], atMost: 1 } }] }],
  }),
  nodes: () => [],
  check: () => [],
  modes: () => eligible("semi-downtime", "downtime"),
  impact: () => [],
  undoUntil: () => "always",
  goalBack: (_, to) => to,
  artefact: async () => {
    throw new StillwaterError("SW1205", "none");
  },
  prove: () => ({ coverage: null, objects: [], violations: [] }),
  close: async () => undefined,
  ...more,
});
const request: PlanRequest = {
  cluster: "c",
  goal,
  facts: { structure: { version: "1", nodes: ["n"] }, now: null },
  overrides: [],
  rollsBack: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  createdBy: "op",
};
const planned = (more: Partial<SystemDriver> = {}, of: Partial<PlanRequest> = {}): Plan => makePlan(fakeDriver(more), { ...request, ...of });
function refusal(more: Partial<SystemDriver>, of: Partial<PlanRequest> = {}): StillwaterError {
  try {
    planned(more, of);
  } catch (error) {
    if (error instanceof StillwaterError) return error;
    throw error;
  }
  throw new Error("it was planned");
}

describe("the hash", () => {
  const plan = planned();
  test("is that of everything else, and the same for the same plan", () => {
    expect(plan.hash).toBe(planHash(plan));
    expect(plan.hash).toBe(planned().hash);
    expect(shortHash(plan)).toBe(plan.hash.slice(0, 8));
  });
  test("survives the way through JSON", () => {
    expect(planHash(JSON.parse(JSON.stringify(plan)) as Plan)).toBe(plan.hash);
  });
  test("does not depend on the order of keys", () => {
    expect(planHash(Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan)).toBe(plan.hash);
  });
  test.each(Object.keys(plan).filter((key) => key !== "hash"))("changes with %s", (key) => {
    expect(planHash({ ...plan, [key]: { changed: true } })).not.toBe(plan.hash);
  });
  test("changes with a value deep inside a step", () => {
    const edited = JSON.parse(JSON.stringify(plan).replace('"atMost":1', '"atMost":2')) as Plan;
    expect(planHash(edited)).not.toBe(plan.hash);
  });
});

describe("the mode", () => {
  test("auto takes the least disruptive one that is eligible", () => {
    expect(planned().mode).toBe("semi-downtime");
    expect(planned({ modes: () => eligible("downtime") }).mode).toBe("downtime");
    expect(planned({ modes: () => eligible("zero-downtime", "downtime") }).mode).toBe("zero-downtime");
  });
  test("one that was asked for is taken, also when a milder one is eligible", () => {
    expect(planned({}, { goal: { ...goal, mode: "downtime" } }).mode).toBe("downtime");
  });
  test("one that is not eligible is refused with all the reasons", () => {
    const error = refusal({}, { goal: { ...goal, mode: "zero-downtime" } });
    expect(error.code).toBe("SW2108");
    expect(error.why).toHaveLength(3);
    expect(error.why[0]).toBe("zero-downtime: not eligible: because zero-downtime");
  });
  test("none at all is refused", () => {
    expect(refusal({ modes: () => eligible() })).toMatchObject({ code: "SW2108", message: "No mode is eligible." });
  });
});

describe("blockers", () => {
  const blocker = (code: string, price?: string): Check => ({
    code,
    object: "slot s",
    verdict: "blocker",
    what: "would be lost",
    ...(price === undefined ? {} : { price }),
  });
  const accept = (code: string) => [{ code, by: "op", reason: "known" }];

  test("refuse, naming the object and the price", () => {
    expect(refusal({ check: () => [blocker("PG-1", "the slot")] })).toMatchObject({ code: "SW2107", object: "slot s", price: "the slot" });
  });
  test("are passed by an override of that name, which the plan keeps", () => {
    const plan = planned({ check: () => [blocker("PG-1", "the slot")] }, { overrides: accept("PG-1") });
    expect(plan.overrides).toEqual(accept("PG-1"));
  });
  test("without a price cannot be overridden", () => {
    expect(refusal({ check: () => [blocker("PG-1")] }, { overrides: accept("PG-1") }).code).toBe("SW2107");
  });
  test("are not passed by an override of another name; all of them are listed", () => {
    const error = refusal({ check: () => [blocker("PG-1", "x"), blocker("PG-2", "y")] }, { overrides: accept("PG-3") });
    expect(error.why).toEqual(["PG-1: would be lost", "PG-2: slot s: would be lost"]);
  });
  test("warnings do not refuse, and stand in the plan", () => {
    const warning: Check = { ...blocker("PG-1"), verdict: "warning" };
    expect(planned({ check: () => [warning] }).checks).toEqual([warning]);
  });
});

describe("a driver", () => {
  test("that finds nothing to do is quoted", () => {
    const error = refusal({ plan: () => ({ refused: "it is there already", clear: "nothing", code: "SW2109" }) });
    expect(error).toMatchObject({ code: "SW2109", message: "it is there already" });
  });
  test("that refuses is quoted with object, reasons and price", () => {
    const error = refusal({ plan: () => ({ refused: "no", clear: "mend it", object: "n", why: ["a"], price: "much" }) });
    expect(error).toMatchObject({ code: "SW2110", object: "n", why: ["a"], remedy: "mend it", price: "much" });
  });
  test("whose draft breaks a rule is not believed", () => {
    const error = refusal({ plan: () => ({ turns: [{ id: "t", nodes: [], items: [{ id: "a", phase: "stop", do: "fly", params: null }] }] }) });
    expect(error).toMatchObject({ code: "SW1207", why: ["a: no operation fly"] });
  });
  test("names what a frozen orchestrator could still do, expansions included", () => {
    expect(planned().unfenced).toEqual(["set"]);
  });
});
