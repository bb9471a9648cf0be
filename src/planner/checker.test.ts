import { describe, expect, test } from "vitest";
import type { AnyOperation, Draft } from "../model/driver.ts";
import type { Facts, Invariant } from "../model/facts.ts";
import type { Item, Step } from "../model/step.ts";
import { checkDraft } from "./checker.ts";

type TestFacts = Facts<null, { readonly up: readonly string[] }>;

const facts = (...up: readonly string[]): TestFacts => ({ structure: null, now: { up } });
const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "stop", do: "nothing", params: null, ...more });
const look = async () => ({ is: "open" as const });
const changing = (is: boolean): AnyOperation<TestFacts> => ({
  look,
  act: async () => null,
  undo: (node) => [step("back", { do: is ? "stop" : "start", params: node })],
  predict: ({ structure, now }, node) => ({
    structure,
    now: { up: [...now.up.filter((each) => each !== node), ...(is && typeof node === "string" ? [node] : [])] },
  }),
});
const operations: Readonly<Record<string, AnyOperation<TestFacts>>> = {
  nothing: { look },
  lease: { look, undo: () => [] },
  stop: changing(false),
  start: changing(true),
  "stop, wrongly undone": { ...changing(false), undo: () => [step("back", { do: "no such thing" })] },
  "stop, badly undone": { ...changing(false), undo: (node) => [step("also", { do: "stop", params: node === "a" ? "b" : "a" })] },
};
const invariants: readonly Invariant<TestFacts>[] = [
  { name: "two up", holds: "always", broken: ({ now }) => (now.up.length < 2 ? [{ object: "cluster", what: `${now.up.length} up` }] : []) },
  {
    name: "all up",
    holds: "between turns",
    broken: ({ now }) => ["a", "b", "c"].filter((node) => !now.up.includes(node)).map((object) => ({ object, what: "down" })),
  },
];
const check = (from: TestFacts, ...turns: readonly { readonly nodes?: readonly string[]; readonly items: readonly Item[] }[]): readonly string[] => {
  const draft: Draft = { turns: turns.map(({ nodes = [], items }, i) => ({ id: `t${i + 1}`, nodes, items })) };
  return checkDraft({ operations, invariants }, from, draft);
};
const all = facts("a", "b", "c");
const stopping = (node: string): Step => step(`stop ${node}`, { do: "stop", params: node });
const starting = (node: string): Step => step(`start ${node}`, { do: "start", params: node });

test("a turn that heals needs no gate before it, and need not heal everything, but makes nothing worse", () => {
  const draft = (item: Item): Draft => ({ turns: [{ id: "t", nodes: [], heals: true, items: [item] }] });
  expect(checkDraft({ operations, invariants }, facts("a", "b"), draft(starting("c")))).toEqual([]);
  expect(checkDraft({ operations, invariants }, facts("a", "b"), draft(step("x")))).toEqual([]);
  expect(checkDraft({ operations, invariants }, facts("a", "b"), draft(stopping("a")))).toContain("at the end: all up: a: down");
  const and = { nodes: ["d"], id: "then", items: [step("y")] };
  const more = { turns: [...draft(step("x")).turns, and] };
  expect(checkDraft({ operations, invariants }, facts("a", "b"), more)).toEqual(["before then: all up: c: down", "at the end: all up: c: down"]);
});

test("a draft that keeps every rule has no lines", () => {
  const rolling = ["a", "b", "c"].map((node) => ({ nodes: [node], items: [stopping(node), starting(node)] }));
  expect(check(all, { items: [step("lease", { do: "lease", held: "release" })] }, ...rolling, { items: [{ undo: "lease" }] })).toEqual([]);
});

describe("one line for", () => {
  test.each<[string, readonly string[], string]>([
    [
      "an invariant that breaks inside a turn",
      check(all, { items: [stopping("a"), stopping("b"), starting("a"), starting("b")] }),
      "stop b: two up: cluster: 1 up",
    ],
    [
      "a gate that does not hold before the next turn",
      check(all, { items: [stopping("a")] }, { items: [starting("a")] }),
      "before t2: all up: a: down",
    ],
    ["a gate that does not hold at the end", check(all, { items: [stopping("a")] }), "at the end: all up: a: down"],
    ["a gate that does not hold before the first turn", check(facts("a", "b"), { items: [starting("c")] }), "before t1: all up: c: down"],
    ["a node with two turns", check(all, { nodes: ["a"], items: [] }, { nodes: ["a"], items: [] }), "t2: a has a turn already"],
    ["two steps of one id", check(all, { items: [step("x"), step("x")] }), "x: two steps have this id"],
    ["an undo of nothing", check(all, { items: [{ undo: "x" }] }), "t1: puts back x, which no earlier step is called"],
    ["an operation that does not exist", check(all, { items: [step("x", { do: "fly" })] }), "x: no operation fly"],
    [
      "an expansion into an operation that does not exist",
      check(all, { items: [step("x", { may: { do: ["fly"], atMost: 1 } })] }),
      "x: may expand into fly, which is no operation",
    ],
    ["a phase that does not exist", check(all, { items: [step("x", { phase: "later" as "stop" })] }), "x: no phase later"],
    ["a lease that is never put back", check(all, { items: [step("x", { do: "lease", held: "page" })] }), "x: held, and never put back"],
    ["a lease that cannot be put back", check(all, { items: [step("x", { held: "page" }), { undo: "x" }] }), "x: held, but nothing has no undo"],
    [
      "an undo by an operation that does not exist",
      check(all, { items: [step("x", { do: "stop, wrongly undone", params: "a" }), starting("a")] }),
      "t1: abort after x: x is undone by no such thing, which is no operation",
    ],
    [
      "an abort that breaks an invariant",
      check(all, { items: [step("x", { do: "stop, badly undone", params: "a" }), starting("a")] }),
      "t1: abort after x: two up: cluster: 1 up",
    ],
  ])("%s", (_, lines, line) => {
    expect(lines).toContain(line);
  });
});

test("what was broken before the first step counts only where a step makes it worse", () => {
  const degraded = facts("a");
  expect(check(degraded, { items: [step("look")] }).filter((line) => line.startsWith("look"))).toEqual([]);
  expect(check(degraded, { items: [stopping("a")] })).toContain("stop a: two up: cluster: 0 up");
});
test("past a commit the abort finishes the turn, so it is not undone on paper", () => {
  const committed = step("x", { do: "stop, badly undone", params: "a", commits: { of: "turn", why: "it serves" } });
  expect(check(all, { items: [committed, starting("a")] })).toEqual([]);
});
test("past a commit of the whole run no later turn is undone on paper either", () => {
  const committed = step("x", { commits: { of: "run", why: "the format changes" } });
  const turns = [{ items: [committed] }, { items: [step("y", { do: "stop, badly undone", params: "a" }), starting("a")] }] as const;
  expect(check(all, ...turns)).toEqual([]);
});
