import { describe, expect, test } from "vitest";
import type { EventPolicy, EventWatch, FeatureOutcome, FeatureWatch } from "../../model/watch.ts";
import { afterBlind, afterCollect, afterDelivery, afterEnd, afterTry, dueEvents, nothingWatched, watchedOf, type WatchState } from "./fold.ts";

const logon: FeatureWatch = { feature: "logon", everyMs: 200, withinMs: 500, try: () => Promise.reject(new Error("not here")) };
const works: FeatureOutcome = { is: "works" };
const refused: FeatureOutcome = { is: "refused", why: "503 maintenance" };

/** Tries of 10 ms each, at these times. */
const tried = (tries: readonly (readonly [from: number, outcome: FeatureOutcome])[], state: WatchState = nothingWatched): WatchState =>
  tries.reduce((now, [from, outcome]) => afterTry(now, logon, { outcome, from, to: from + 10 }), state);
const only = (state: WatchState) => watchedOf(state).features[0];

describe("the tries of a feature", () => {
  test("an outage lasts from the first try that did not work to the answer of the first that worked again", () => {
    const state = tried([
      [0, works],
      [200, refused],
      [400, { is: "failed", why: "no answer within 500 ms" }],
      [600, works],
      [800, works],
    ]);
    expect(only(state)).toMatchObject({
      tries: 5,
      works: 3,
      refused: 1,
      failed: 1,
      outages: [{ from: 200, to: 610, why: "503 maintenance" }],
      holesMs: 0,
    });
  });

  test("an outage that has not ended has no end", () => {
    expect(
      only(
        tried([
          [0, refused],
          [200, refused],
        ]),
      )?.outages,
    ).toEqual([{ from: 0, to: null, why: "503 maintenance" }]);
  });

  test("a time without tries is a hole, also over a successor, and no outage", () => {
    const kept = JSON.parse(JSON.stringify(tried([[0, works]]))) as WatchState;
    expect(only(tried([[5_000, works]], kept))).toMatchObject({ tries: 2, holesMs: 4_990, holes: [{ from: 10, to: 5_000 }], outages: [] });
  });

  test("a watcher that ended early has seen nothing of the rest: told once, however often it is concluded", () => {
    const state = tried([[0, works]]);
    expect(only(afterEnd(state, [logon], 500))?.holes).toEqual([]);
    const ended = afterEnd(afterEnd(state, [logon], 60_000), [logon], 60_100);
    expect(only(ended)).toMatchObject({ holes: [{ from: 10, to: 60_000 }], holesMs: 59_990 });
  });

  test("a slow answer is not a hole", () => {
    const slow = afterTry(tried([[0, works]]), logon, { outcome: works, from: 200, to: 690 });
    expect(only(tried([[700, works]], slow))?.holesMs).toBe(0);
  });
});

const alerts = (policy: EventPolicy): EventWatch => ({
  name: "alerts of real-time instances",
  everyMs: 1_000,
  policy,
  why: "the platform drops them",
  collect: () => Promise.reject(new Error("not here")),
});
const event = (key: string) => ({ key, at: 1, object: "job 7", what: "checkpoint failed" });

describe("events that the system would have told", () => {
  test("one that is seen twice is kept once, with the policy and its reason", () => {
    let state = afterCollect(nothingWatched, alerts("queue"), { events: [event("a")], cursor: 1, at: 10 });
    state = afterCollect(state, alerts("queue"), { events: [event("a"), event("b"), event("b")], cursor: 2, at: 20 });
    expect(state.events.map(({ key, seenAt, policy, why }) => [key, seenAt, policy, why])).toEqual([
      ["a", 10, "queue", "the platform drops them"],
      ["b", 20, "queue", "the platform drops them"],
    ]);
    expect(state.cursors).toEqual({ "alerts of real-time instances": 2 });
  });

  test("what could not be read is told until it can be, since when it was read last", () => {
    const once = afterCollect(nothingWatched, alerts("queue"), { events: [], cursor: 1, at: 10 });
    const blind = afterBlind(afterBlind(once, alerts("queue"), "403"), alerts("queue"), "no answer");
    expect(watchedOf(blind).blind).toEqual([{ watch: "alerts of real-time instances", since: 10, why: "no answer" }]);
    expect(watchedOf(afterBlind(nothingWatched, alerts("queue"), "403")).blind).toMatchObject([{ since: null }]);
    expect(watchedOf(afterCollect(blind, alerts("queue"), { events: [], cursor: 2, at: 30 })).blind).toEqual([]);
  });

  test.each([
    ["deliver", 1, 1],
    ["queue", 0, 1],
    ["drop", 0, 0],
  ] as const)("%s: %i due at once, %i once the run is over, and none twice", (policy, atOnce, atTheEnd) => {
    const state = afterCollect(nothingWatched, alerts(policy), { events: [event("a")], cursor: null, at: 10 });
    expect(dueEvents(state, false)).toHaveLength(atOnce);
    expect(dueEvents(state, true)).toHaveLength(atTheEnd);
    const [due] = dueEvents(state, true);
    if (due) expect(dueEvents(afterDelivery(state, due, 30), true)).toEqual([]);
  });
});
