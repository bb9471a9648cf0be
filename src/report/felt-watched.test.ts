import { expect, test } from "vitest";
import type { Watched } from "../model/watch.ts";
import { watchedTime } from "./felt-watched.ts";

const watched = (outages: Watched["features"][number]["outages"], tries = 50): Watched => ({
  features: [{ feature: "logon", tries, works: 40, refused: 10, failed: 0, outages, holesMs: 0 }],
  events: [],
});
const stretch = { from: 1_000, to: 3_000 };
const two = watched([
  { from: 500, to: 1_400, why: "503" },
  { from: 2_000, to: 2_100, why: "refused" },
]);

test("the longest outage, and all of them together, inside the stretch", () => {
  expect(watchedTime(two, "logon", "longest", stretch)).toMatchObject({ measured: { ms: 400 }, final: true });
  expect(watchedTime(two, "logon", "total", stretch)).toMatchObject({ measured: { ms: 500 } });
});
test("an outage that has not ended is not final", () => {
  expect(watchedTime(watched([{ from: 2_500, to: null, why: "503" }]), "logon", "longest", stretch)).toMatchObject({
    measured: { ms: 500 },
    final: false,
  });
});
test("it worked all the time", () => {
  expect(watchedTime(watched([]), "logon", "longest", stretch)).toMatchObject({
    measured: { ms: 0, evidence: "watched: it worked all the time (50 tries)" },
  });
});
test("an outage can hide in a time without tries: as much of it as lies in the stretch", () => {
  const holes = [
    { from: 0, to: 1_200 },
    { from: 2_500, to: 9_000 },
  ];
  const [feature] = watched([]).features;
  expect(watchedTime({ features: [{ ...feature!, holesMs: 7_700, holes }], events: [] }, "logon", "longest", stretch)).toMatchObject({
    unseenMs: 700,
    measured: { evidence: "watched: it worked whenever it was tried (50 tries, none of them in 0.7 s)" },
  });
  // An older release did not tell where they were.
  expect(watchedTime({ features: [{ ...feature!, holesMs: 7_700 }], events: [] }, "logon", "longest", stretch)).toMatchObject({ unseenMs: 2_000 });
});
test("what nobody tried was not measured", () => {
  expect(watchedTime(null, "logon", "longest", stretch)).toBeNull();
  expect(watchedTime(watched([]), "calls", "longest", stretch)).toBeNull();
  expect(watchedTime(watched([], 0), "logon", "longest", stretch)).toBeNull();
});
