import { expect, test } from "vitest";
import type { Own, ReplicaView } from "../moving/observation.ts";
import { own, replica, seen, view } from "../moving/testing/views.ts";
import { recovery } from "./judge.ts";

/** What is to be done about the old leader `a`, which is not alive; `b` leads. */
const oldLeader = (its: Own, starts: readonly number[], more: Partial<ReplicaView> = {}, accepted = false, leader = own(30, "leader")) => {
  const old = replica("a", its, { leads: true, alive: false, ...more });
  const last = { term: 2 * starts.length - 1, offset: starts.at(-1) ?? 0 };
  const partition = view(0, [old, replica("b", leader)], last, [...starts]);
  return recovery(seen([partition]), { view: partition, replica: old }, (offset) => offset, accepted);
};

test("an old leader that takes writes still takes no more before it is recovered", () => {
  expect(oldLeader(own(10, "leader"), [0, 11])).toEqual({ is: "demote" });
  expect(oldLeader(own(10, "leader"), [0, 11], {}, true)).toEqual({ is: "demote" });
  expect(oldLeader(own(10), [0, 11])).toEqual({ is: "recoverTable" });
});
test("[OM-4] rows of its own are never dropped unasked, also when leaders have changed again since", () => {
  expect(oldLeader(own(12), [0, 11])).toEqual({ is: "diverged", offset: 12, leaderBegan: 11 });
  expect(oldLeader(own(12), [0, 11, 20])).toEqual({ is: "diverged", offset: 12, leaderBegan: 11 });
  expect(oldLeader(own(12), [0, 11, 20], {}, true)).toEqual({ is: "recoverTable" });
  // Nothing is known of the first one.
  expect(oldLeader(own(12), [11])).toEqual({ is: "diverged", offset: 12, leaderBegan: 11 });
  // It was the leader of the second term, and has all that the third began with.
  expect(oldLeader(own(19), [0, 11, 20])).toEqual({ is: "recoverTable" });
  expect(oldLeader(own(10), [0, 11, 20])).toEqual({ is: "recoverTable" });
  // It has lost some of its disk: what it lacks, others have.
  expect(oldLeader(own(5), [0, 11, 20])).toEqual({ is: "recoverTable" });
});
test("[OM-4] the same by its last known offset, while it is not loaded", () => {
  expect(oldLeader("absent", [0, 11, 20], { known: 12 })).toEqual({ is: "diverged", offset: 12, leaderBegan: 11 });
  expect(oldLeader("absent", [0, 11, 20], { known: 10 })).toEqual({ is: "recoverTable" });
});
test("a follower with more than its leader is never recovered over", () => {
  expect(oldLeader(own(31), [0, 11], { leads: false })).toEqual({ is: "diverged", offset: 31, leaderBegan: 31 });
  expect(oldLeader(own(29), [0, 11], { leads: false })).toEqual({ is: "recoverTable" });
});
test.each([
  ["its tablet is not registered", own(10), { healthy: false }],
  ["it does not answer", "unknown" as const, {}],
  ["it loads", own(10, "follower", false), {}],
])("waits while %s", (_, its, more) => {
  expect(oldLeader(its, [0, 11], more).is).toBe("wait");
});
test("waits while its leader does not lead", () => {
  expect(oldLeader(own(10), [0, 11], {}, false, own(30)).is).toBe("wait");
});
