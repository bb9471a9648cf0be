import { describe, expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import type { Step, Turn } from "../model/step.ts";
import { RunFold } from "./run-fold.ts";

const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "guard", do: "set", params: null, ...more });
const turn: Turn = { id: "t", nodes: [], items: [step("a"), step("b")] };
const acting = (id: string, at: number, settled = at, before: string | null = null): RunEvent => ({ is: "acting", step: id, at, settled, before });
const folded = (...events: readonly RunEvent[]): RunFold => new RunFold([turn], events);

describe("a step", () => {
  test("of which nothing is in the journal has no pre-image", () => {
    expect(folded().of("a")).toMatchObject({ before: undefined, acts: 0, done: false });
  });
  test("keeps the first pre-image, for ever", () => {
    const events: readonly RunEvent[] = [acting("a", 1, 1, "original"), { is: "done", step: "a", proof: null }];
    expect(folded(...events).of("a").before).toBe("original");
  });
  test("keeps a pre-image of null apart from none", () => {
    expect(folded({ is: "done", step: "a", proof: "seen", before: null }).of("a")).toMatchObject({ before: null, done: true, proof: "seen" });
  });
  test("that was asked twice without an answer may still arrive until the first request has settled", () => {
    expect(folded(acting("a", 1, 801), acting("a", 900, 1_700)).of("a")).toMatchObject({
      acts: 2,
      flight: 801,
      settled: 1_700,
      answered: false,
      trying: 1,
    });
  });
  test("that was refused has nothing to settle, and the refusals are counted", () => {
    const refused: RunEvent = { is: "refused", step: "a", why: "no" };
    const fold = folded(acting("a", 1, 801), refused, acting("a", 2, 802), refused);
    expect(fold.of("a")).toMatchObject({ answered: true, settled: 0, refusals: 2, refusal: "no" });
  });
  test("keeps its receipt, and an answer ends the refusals in a row", () => {
    const fold = folded(acting("a", 1), { is: "refused", step: "a", why: "no" }, acting("a", 2), { is: "acted", step: "a", receipt: 7 });
    expect(fold.of("a")).toMatchObject({ receipt: 7, refusals: 0, answered: true });
  });
  test("that is lost is not done, and done again is not lost", () => {
    const lost: readonly RunEvent[] = [
      { is: "done", step: "a", proof: null },
      { is: "lost", step: "a" },
    ];
    expect(folded(...lost).of("a")).toMatchObject({ done: false, lost: true });
    expect(folded(...lost, { is: "done", step: "a", proof: null }).of("a")).toMatchObject({ done: true, lost: false });
  });
  test("that never happened has not acted", () => {
    expect(folded(acting("a", 1), { is: "absent", step: "a" }).of("a")).toMatchObject({ acts: 0, trying: 0 });
  });
  test("that was released needs an undo of its own again, with everything it expanded into", () => {
    const fold = folded({ is: "expanded", step: "a", into: [step("a/0.x")] }, { is: "done", step: "a", proof: null }, { is: "released", step: "a" });
    expect(fold.of("a")).toMatchObject({ done: false, lost: true, releases: 1 });
    expect(fold.of("a/0.x").releases).toBe(1);
  });
});

describe("a person", () => {
  const asked: RunEvent = { is: "asked", step: "a", code: "SW2007", question: "go?" };
  const answer = (is: "approve" | "done" | "again" | "skip"): RunFold =>
    folded(acting("a", 1), asked, { is: "answered", step: "a", answer: is, by: "op", reason: "because" });

  test("is waited for", () => {
    expect(folded(asked).asking).toBe("a");
  });
  test.each([
    ["approve", { approved: true, done: false }],
    ["done", { done: false, word: "op" }],
    ["again", { done: false, trying: 0 }],
    ["skip", { done: true, skipped: true }],
  ] as const)("who answers %s", (is, state) => {
    const fold = answer(is);
    expect(fold.of("a")).toMatchObject(state);
    expect(fold.asking).toBeNull();
  });
  test("who aborts need not answer any more", () => {
    expect(folded(asked, { is: "aborting", turn: "t", finish: false, by: "op", reason: "" }).asking).toBeNull();
  });
});

describe("the run", () => {
  test("a pause ends with the next claim, and refusals are counted afresh", () => {
    const paused: RunEvent = { is: "paused", step: "a", code: "SW2106", why: "no" };
    const refused: readonly RunEvent[] = [acting("a", 1), { is: "refused", step: "a", why: "no" }, paused];
    expect(folded(...refused).paused).toEqual({ step: "a", code: "SW2106", why: "no" });
    const resumed = folded(...refused, { is: "claimed", holder: "op", verb: "resume", pid: 1 });
    expect(resumed.paused).toBeNull();
    expect(resumed.of("a").refusals).toBe(0);
  });
  test("ends once", () => {
    expect(folded({ is: "finished", as: "aborted" }).finished).toBe("aborted");
  });
  test("knows the steps of expansions, and refuses a name that nobody has given", () => {
    const fold = folded({ is: "expanded", step: "a", into: [step("a/0.x")] });
    expect(fold.step("a/0.x").id).toBe("a/0.x");
    expect(() => fold.step("nobody")).toThrow(/SW4003|does not exist/);
  });
});
