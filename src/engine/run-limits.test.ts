// What must not go on for ever, and what must not be undone: the loop on a clock that only waiting moves.
import { expect, test } from "vitest";
import type { AnyOperation } from "../model/driver.ts";
import { Unreachable } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import { looking, sceneWith, step, turnOf } from "./testing/loop-scene.ts";

test("a step that wants nothing first and is not done either waits, and pauses", async () => {
  const scene = sceneWith({ drain: looking({ is: "expand", into: [] }) });
  const outcome = await scene.go([turnOf("t", step("drain", { do: "drain", may: { do: ["set"], atMost: 3 }, withinMs: 10_000 }))]);
  expect(outcome).toMatchObject({ is: "paused", code: "SW2102", step: "drain" });
  expect(scene.events.filter(({ is }) => is === "expanded")).toEqual([]);
});

test("a lease that somebody else takes away again and again is not fought for without end", async () => {
  const scene = sceneWith();
  scene.happens = (event) => {
    if (event?.is === "done" && event.step === "lease") scene.set.delete("lease");
  };
  const outcome = await scene.go([turnOf("t", step("lease", { held: "release" }), step("work"), { undo: "lease" })]);
  expect(outcome).toMatchObject({ is: "paused", step: "lease", why: expect.stringMatching(/again and again/) as string });
  expect(scene.set.has("work")).toBe(false);
});

test("a lease that is lost now and then is set again, however long the run", async () => {
  const scene = sceneWith();
  const losses: number[] = [];
  const items = Array.from({ length: 30 }, (_, i) => step(`work${i}`));
  scene.happens = (event) => {
    if (event?.is !== "done" || !event.step.startsWith("work")) return;
    scene.now += 30_000;
    scene.set.delete("lease");
    losses.push(scene.now);
  };
  expect(await scene.go([turnOf("t", step("lease", { held: "release" }), ...items, { undo: "lease" })])).toEqual({ is: "succeeded" });
  expect(losses).toHaveLength(30);
});

test("an abort in a later turn finishes it once the whole run has no way back", async () => {
  const scene = sceneWith();
  const turns = [
    turnOf("one", step("format", { commits: { of: "run", why: "the format changes" } })),
    turnOf("two", step("stop"), step("start")),
    turnOf("three", step("more")),
  ];
  scene.happens = (event) => {
    if (event?.is === "done" && event.step === "stop") scene.signal = { desired: "abort", by: "op", reason: "called off" };
  };
  expect(await scene.go(turns)).toEqual({ is: "aborted" });
  expect([...scene.set]).toEqual(["format", "stop", "start"]);
});

test("a point of no return that was left out before it began is none", async () => {
  const scene = sceneWith();
  const turns = [turnOf("one", step("stop"), step("format", { commits: { of: "run", why: "the format changes" } }), step("start"))];
  scene.events.push({ is: "answered", step: "format", answer: "skip", by: "op", reason: "not today" });
  scene.happens = (event) => {
    if (event?.is === "done" && event.step === "stop") scene.signal = { desired: "abort", by: "op", reason: "called off" };
  };
  expect(await scene.go(turns)).toEqual({ is: "aborted" });
  expect([...scene.set]).toEqual([]);
});

test("whoever resumes a run that nobody has answered is asked the same again, with the same code", async () => {
  const scene = sceneWith({ start: looking({ is: "unclear", known: ["it was told"], unknown: ["whether it did"] }) });
  const turns = [turnOf("t", step("start", { do: "start" }))];
  const first = await scene.go(turns);
  expect(first).toMatchObject({ is: "asks", code: "SW2103", step: "start" });
  scene.events.push({ is: "claimed", holder: "op", verb: "resume", pid: 1 });
  expect(await scene.go(turns)).toEqual(first);
});

test("after an answer, an operation whose answers settle goes on at once; after a lost answer it waits", async () => {
  const times: number[] = [];
  let lose = false;
  const growing: AnyOperation<Facts> = {
    settleMs: 5_000,
    answersSettle: true,
    look: async () => ({ is: times.length < 3 ? "open" : "done" }),
    act: async () => {
      times.push(scene.now);
      if (lose) throw new Unreachable("cut");
      return null;
    },
  };
  const scene = sceneWith({ grow: growing });
  expect(await scene.go([turnOf("t", step("grow", { do: "grow" }))])).toEqual({ is: "succeeded" });
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeLessThan(1_000);
  times.length = 0;
  scene.events.length = 0;
  lose = true;
  expect(await scene.go([turnOf("t", step("grow", { do: "grow" }))])).toEqual({ is: "succeeded" });
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(5_000);
});

test("a turn that heals begins although the gate does not hold, and the gate counts after it", async () => {
  const scene = sceneWith();
  const sick = { name: "well", holds: "between turns" as const, broken: () => (scene.set.has("mend") ? [] : [{ object: "c", what: "sick" }]) };
  const turns = [{ ...turnOf("t", step("mend")), heals: true as const }];
  expect(await scene.go(turns, [sick])).toEqual({ is: "succeeded" });
  scene.set.clear();
  scene.events.length = 0;
  expect(await scene.go([turnOf("t", step("mend"))], [sick])).toMatchObject({ is: "paused", code: "SW2101" });
});

test("an operator's pause puts back what is held only while somebody works on the run, and a resume sets it again", async () => {
  let mayWork = false;
  const scene = sceneWith({
    work: {
      look: async () => (scene.set.has("worked") ? { is: "done" } : mayWork ? { is: "open" } : { is: "waiting", for: "the cluster" }),
      act: (_, __, context) => context.send("h", () => (scene.set.add(scene.set.has("inner") ? "worked" : "worked without its lease"), null)),
    },
  });
  const turn = turnOf(
    "t",
    step("off", { held: "finish-then-release" }),
    step("outer", { held: "release" }),
    step("inner", { held: "release" }),
    step("work", { do: "work", withinMs: 60_000 }),
    { undo: "inner" },
    { undo: "outer" },
    { undo: "off" },
  );
  scene.happens = (event) => {
    if (event?.is === "done" && event.step === "inner") scene.signal = { desired: "pause", by: "ben", reason: "lunch" };
    // He changes his mind in the middle: what has begun is carried through.
    if (event?.is === "released") scene.signal = { ...scene.signal, desired: "run" };
  };
  expect(await scene.go([turn])).toEqual({ is: "paused", code: "operator", step: null, why: "ben: lunch" });
  expect([...scene.set]).toEqual(["off"]);
  expect(scene.events.flatMap((event) => (event.is === "released" ? [event.step] : []))).toEqual(["inner", "outer"]);
  scene.happens = () => undefined;
  mayWork = true;
  expect(await scene.go([turn])).toEqual({ is: "succeeded" });
  expect([...scene.set]).toEqual(["worked"]);
});

test("a pause stands still as it is where what is held cannot be put back", async () => {
  const scene = sceneWith({ clear: looking({ is: "waiting", for: "h to answer" }) });
  scene.happens = (event) => {
    if (event?.is === "done" && event.step === "lease") scene.signal = { desired: "pause", by: "ben", reason: "lunch" };
  };
  const outcome = await scene.go([turnOf("t", step("lease", { held: "release" }), step("work"), { undo: "lease" })]);
  expect(outcome).toMatchObject({ is: "paused", code: "SW2102", why: "h to answer" });
});
