import { describe, expect, test } from "vitest";
import type { AnyOperation } from "../model/driver.ts";
import type { RunEvent } from "../model/event.ts";
import type { Facts } from "../model/facts.ts";
import { isUndo, type Item, type Step, type Turn } from "../model/step.ts";
import { Decider, qualify } from "./decide.ts";
import { RunFold } from "./run-fold.ts";

const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "guard", do: "set", params: id, ...more });
const undo = (id: string): Item => ({ undo: id });

const look = async () => ({ is: "open" as const });
/** `set` is undone by `reset`; `keep` is never undone. */
const operations: Readonly<Record<string, AnyOperation<Facts>>> = {
  set: { look, act: async () => null, undo: (params, before) => [step("reset", { do: "keep", params: { params, before } })] },
  keep: { look, act: async () => null },
};
const byHand: Readonly<Record<string, AnyOperation<Facts>>> = { ...operations, person: { look } };
const decider = (turns: readonly Turn[], events: readonly RunEvent[]): Decider<Facts> => new Decider(new RunFold(turns, events), operations);
const turnOf = (id: string, ...items: readonly Item[]): Turn => ({ id, nodes: [], items });

const acted = (id: string, before: string | null = null): readonly RunEvent[] => [
  { is: "acting", step: id, at: 1, settled: 1, before },
  { is: "acted", step: id, receipt: null },
];
const done = (id: string): readonly RunEvent[] => [...acted(id), { is: "done", step: id, proof: null }];
const aborting = (turn: string | null, finish = false): RunEvent => ({ is: "aborting", turn, finish, by: "op", reason: "" });

/** Walks to the end as if everything succeeded at once; what was done, in order. */
function walk(turns: readonly Turn[], events: readonly RunEvent[]): readonly string[] {
  const fold = new RunFold(turns, events);
  const from = new Decider(fold, operations);
  const seen: string[] = [];
  for (let action = from.next(from.path()); action; action = from.next(from.path())) {
    seen.push(action.do === "close" ? `close ${action.step.id}` : action.step.id);
    if (action.do === "close") fold.fold({ is: "undone", step: action.step.id });
    else for (const event of done(action.step.id)) fold.fold(event);
  }
  return seen;
}

test("qualify makes ids unique in the run, and an undo means its sibling", () => {
  expect(qualify([step("a"), undo("a")], "x/0.")).toEqual([{ ...step("a"), id: "x/0.a" }, { undo: "x/0.a" }]);
});

describe("the way forward", () => {
  const turns = [turnOf("t", step("lease", { held: "release" }), step("work"), undo("lease"))];
  test("takes, works, puts back and closes", () => {
    expect(walk(turns, [])).toEqual(["lease", "work", "undo lease/reset", "close lease"]);
  });
  test("does an expansion before the step that it came from", () => {
    const events: readonly RunEvent[] = [{ is: "expanded", step: "work", into: [step("work/0.x"), step("work/0.y")], before: null }];
    expect(walk([turnOf("t", step("work"))], events)).toEqual(["work/0.x", "work/0.y", "work"]);
  });
  test("does only the newest round of an expansion: the earlier ones were judged by the look that led to it", () => {
    const rounds: readonly RunEvent[] = [
      { is: "expanded", step: "work", into: [step("work/0.x")], before: null },
      ...done("work/0.x"),
      { is: "expanded", step: "work", into: [step("work/1.x")] },
    ];
    expect(walk([turnOf("t", step("work"))], rounds)).toEqual(["work/1.x", "work"]);
  });
  test("a skipped step is passed, and never looked at again as held", () => {
    const skip: RunEvent = { is: "answered", step: "lease", answer: "skip", by: "op", reason: "not today" };
    expect(decider(turns, [skip]).held()).toEqual([]);
    // It acted nothing, so closing it puts nothing back.
    expect(walk(turns, [skip])).toEqual(["work", "close lease"]);
  });
});

describe("undo", () => {
  test("puts back what a step expanded into in reverse order, then its own, and nothing that never acted", () => {
    const events: readonly RunEvent[] = [
      { is: "expanded", step: "a", into: [step("a/0.x"), step("a/0.y"), step("a/0.z")], before: null },
      ...done("a/0.x"),
      ...done("a/0.y"),
      ...acted("a", "original"),
    ];
    const from = decider([turnOf("t", step("a"))], events);
    const items = from.undoing(from.fold.step("a"));
    expect(items.map((item) => (isUndo(item) ? item.undo : item.id))).toEqual(["a/0.y", "a/0.x", "undo a/reset"]);
    expect(items.at(-1)).toMatchObject({ params: { params: "a", before: "original" } });
  });
  test("of a step that a person was asked to do counts as soon as he was asked", () => {
    const asked: RunEvent = { is: "asked", step: "a", code: "SW2007", question: "press it", before: null };
    const from = decider([turnOf("t", step("a", { ask: "press it" }))], [asked]);
    expect(from.touched(from.fold.step("a"))).toBe(true);
  });
});

describe("held steps", () => {
  const turns = [turnOf("t", step("lease", { held: "release" }), step("work"), undo("lease"))];
  test("are those that are taken and whose undo has not begun", () => {
    expect(decider(turns, []).held()).toEqual([]);
    expect(
      decider(turns, done("lease"))
        .held()
        .map(({ id }) => id),
    ).toEqual(["lease"]);
    expect(decider(turns, [...done("lease"), ...done("work"), ...acted("undo lease/reset")]).held()).toEqual([]);
  });
  test("are left on an orphaned cluster from the first act until they are put back", () => {
    expect(decider(turns, acted("lease")).left()).toHaveLength(1);
    expect(decider(turns, [...done("lease"), { is: "undone", step: "lease" }]).left()).toEqual([]);
  });
  test("that the watchdog released are taken again after a resume, and put back by an undo of its own", () => {
    const released: readonly RunEvent[] = [...done("lease"), ...done("undo lease/reset"), { is: "released", step: "lease" }];
    expect(walk(turns, released)).toEqual(["lease", "work", "undo lease (2)/reset", "close lease"]);
  });
  test("that the watchdog released by half are found", () => {
    const half = [...done("lease"), ...done("undo lease/reset")];
    expect(
      decider(turns, half)
        .halfReleased()
        .map(({ id }) => id),
    ).toEqual(["lease"]);
    expect(decider(turns, [...half, { is: "released", step: "lease" }]).halfReleased()).toEqual([]);
  });
  test("that are being put back in their time are not released by half", () => {
    expect(decider(turns, [...done("lease"), ...done("work"), ...acted("undo lease/reset")]).halfReleased()).toEqual([]);
  });
  test("whose undo an abort interrupts are released by half: what the abort undoes needs them", () => {
    const events = [...done("lease"), ...done("work"), ...done("undo lease/reset"), aborting("t")];
    expect(
      decider(turns, events)
        .halfReleased()
        .map(({ id }) => id),
    ).toEqual(["lease"]);
  });
});

describe("after an abort", () => {
  const turns = [
    turnOf("begin", step("lease", { held: "release" }), step("settled")),
    turnOf("one", step("one stop"), step("one ready", { commits: { of: "turn", why: "it serves" } }), step("one tidy")),
    turnOf("two", step("two stop")),
    turnOf("end", undo("lease")),
  ];
  const begun = [...done("lease"), ...done("settled")];

  test("before a commit the open turn is undone in reverse order, then what is held; turns that are done stay", () => {
    const events = [...begun, ...done("one stop"), aborting("one")];
    expect(walk(turns, events)).toEqual(["undo one stop/reset", "undo lease/reset", "close lease"]);
  });
  test("past a commit the open turn is finished, then what is held is put back, and no other turn begins", () => {
    const events = [...begun, ...done("one stop"), ...done("one ready"), aborting("one", true)];
    expect(walk(turns, events)).toEqual(["one tidy", "undo lease/reset", "close lease"]);
  });
  test("between turns only what is held is put back", () => {
    const events = [...begun, ...done("one stop"), ...done("one ready"), ...done("one tidy"), aborting(null)];
    expect(walk(turns, events)).toEqual(["undo lease/reset", "close lease"]);
  });
  test("before anything was done nothing is left to do", () => {
    expect(walk(turns, [aborting(null)])).toEqual([]);
  });
  test("the open turn is the last one that was begun and is not at its end", () => {
    expect(decider(turns, begun).openTurn()).toBeNull();
    expect(decider(turns, [...begun, ...acted("one stop")]).openTurn()?.id).toBe("one");
  });
  test("the points of no return are those of the open turn, also inside an expansion", () => {
    const inner: RunEvent = {
      is: "expanded",
      step: "one stop",
      into: [step("one stop/0.promote", { commits: { of: "turn", why: "" } })],
      before: null,
    };
    const from = decider(turns, [...begun, inner]);
    expect(from.committing(from.openTurn()).map(({ id }) => id)).toEqual(["one ready", "one stop/0.promote"]);
  });
  test("a step that puts another back belongs to no turn, so no gate comes before it", () => {
    const from = decider(turns, begun);
    from.undoing(from.fold.step("lease"));
    expect(from.turnOf(from.fold.step("undo lease/reset"))).toBeUndefined();
  });
});

test("a step that names no operation of the driver is a defect of the driver", () => {
  const from = decider([turnOf("t", step("a", { do: "nothing" }))], []);
  expect(() => from.operation(step("a", { do: "nothing" }))).toThrow(/no operation nothing/);
});

describe("whatever is still held at the end", () => {
  const turns = [turnOf("t", step("drain", { may: { do: ["set"], atMost: 2 } }), step("work"))];
  const taken: readonly RunEvent[] = [{ is: "expanded", step: "drain", into: [step("drain/0.lease", { held: "release" })], before: null }];
  test("is put back, although the expansion that took it named no end", () => {
    expect(walk(turns, taken)).toEqual(["drain/0.lease", "drain", "work", "undo drain/0.lease/reset", "close drain/0.lease"]);
  });
  test("is put back after an abort in another turn", () => {
    const two = [...turns, turnOf("u", step("more"))];
    const events = [...taken, ...done("drain/0.lease"), ...done("drain"), ...done("work"), ...acted("more"), aborting("u")];
    expect(walk(two, events)).toEqual(["undo more/reset", "undo drain/0.lease/reset", "close drain/0.lease"]);
  });
  test("is put back when a person left out the step that had taken it", () => {
    const skip: RunEvent = { is: "answered", step: "drain", answer: "skip", by: "op", reason: "" };
    expect(walk(turns, [...taken, ...done("drain/0.lease"), skip])).toEqual(["work", "undo drain/0.lease/reset", "close drain/0.lease"]);
  });
});

test("a point of no return of the whole run counts in every later turn", () => {
  const turns = [turnOf("one", step("finalise", { commits: { of: "run", why: "the format" } })), turnOf("two", step("stop"), step("start"))];
  const from = decider(turns, [...done("finalise"), ...done("stop")]);
  expect(from.committing(from.openTurn()).map(({ id }) => id)).toEqual(["finalise"]);
  expect(from.committing(null)).toEqual([]);
});

describe("a point of no return that a person is told to pass", () => {
  const told = step("shut down", { do: "person", ask: "shut it down", commits: { of: "run", why: "nothing goes back" } });
  const begun = (...events: readonly RunEvent[]) => new Decider(new RunFold([turnOf("t", told)], events), byHand).mayHaveBegun(told);
  const asked: RunEvent = { is: "asked", step: told.id, code: "SW2007", question: "shut it down" };
  const answered = (answer: "approve" | "skip"): RunEvent => ({ is: "answered", step: told.id, answer, by: "ana", reason: "r" });
  test("may have been passed as soon as he was told: only a look can say", () => {
    expect([begun(), begun(asked), begun(asked, answered("approve"))]).toEqual([false, true, true]);
  });
  test("was not passed when it was left out", () => {
    expect(begun(asked, answered("skip"))).toBe(false);
  });
});
