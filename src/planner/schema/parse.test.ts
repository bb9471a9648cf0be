import { expect, test } from "vitest";
import { StillwaterError } from "../../model/errors.ts";
import { planHash } from "../plan.ts";
import { parsePlan } from "./parse.ts";

const content = {
  version: 1,
  cluster: "orders",
  system: "quarry",
  goal: { version: "2.1", artefact: null, settings: { limit: "5", old: null }, restart: false, mode: "auto", only: null, options: {} },
  mode: "zero-downtime",
  modes: [{ mode: "zero-downtime", eligible: true, why: "two followers" }],
  facts: { structure: { members: ["n1", "n2"] }, now: null },
  structureDigest: "0".repeat(64),
  turns: [
    {
      id: "n1",
      nodes: ["n1"],
      items: [
        { id: "n1/hold", phase: "guard", do: "hold", params: { node: "n1" }, held: "release" },
        { id: "n1/stop", phase: "stop", do: "stop", params: {}, may: { do: ["kill"], atMost: 1 }, commits: { of: "turn", why: "stopped" } },
        { undo: "n1/hold" },
      ],
    },
  ],
  impact: [
    { feature: "writes", turn: "n1", effect: "paused", expectedMs: 400, basis: "driver default", source: "x", measure: { by: "longest-write-gap" } },
  ],
  checks: [{ code: "Q-1", object: "n1", verdict: "passed", what: "streams" }],
  overrides: [],
  unfenced: [],
  undoUntil: "until the end",
  rollsBack: null,
  createdAt: "2026-11-20T18:00:00.000Z",
  createdBy: "ana on jump1",
} as const;
const hash = planHash({ ...content, turns: content.turns });
const plan = { ...content, hash };

const errorOf = (text: string): StillwaterError => {
  try {
    parsePlan(text, "p.json");
  } catch (error) {
    if (error instanceof StillwaterError) return error;
    throw error;
  }
  throw new Error("accepted");
};

test("reads what was written, keys in any order", () => {
  const reversed = Object.fromEntries(Object.entries(plan).toReversed());
  expect(parsePlan(JSON.stringify(reversed, null, 4), "p.json")).toEqual(plan);
});

test("a plan that was edited by hand is refused", () => {
  const error = errorOf(JSON.stringify({ ...plan, mode: "downtime" }));
  expect(error.code).toBe("SW1202");
  expect(error.object).toBe("p.json");
  expect(errorOf(JSON.stringify({ ...plan, hash: "f".repeat(64) })).code).toBe("SW1202");
});

test("a version of another release is refused before anything else is looked at", () => {
  expect(errorOf('{"version":7}').code).toBe("SW1209");
  expect(errorOf('{"version":"1"}').code).toBe("SW1208");
});

test.each([
  ["nothing", ""],
  ["half a file", JSON.stringify(plan).slice(0, 300)],
  ["a list", "[]"],
  ["null", "null"],
  ["an empty object", "{}"],
  ["nested too deep", `${"[".repeat(200_000)}${"]".repeat(200_000)}`],
])("%s is not a plan", (_, text) => expect(errorOf(text).code).toBe("SW1208"));

test("names the places that are wrong, with unknown keys among them", () => {
  const error = errorOf(JSON.stringify({ ...plan, goal: { ...plan.goal, restart: "yes" }, surprise: 1 }));
  expect(error.code).toBe("SW1208");
  expect(error.why.join("\n")).toContain("goal.restart");
  expect(error.why.join("\n")).toContain("surprise");
});
