import { expect, test } from "vitest";
import type { OperationView } from "./observation.ts";
import { queuedAtMostMs, StuckOperations, stuckAfterMs } from "./stuck.ts";

const change: OperationView = { op_id: 7, op_type: "kChangeLeaderOP", status: "kDoing", db: "test", name: "t1", pid: 2, task_type: "kChangeLeader" };
const watching = (looks: readonly (readonly [at: number, operation: OperationView])[]): boolean => {
  const stuck = new StuckOperations();
  for (const [now, operation] of looks) stuck.look({ now, operations: [operation] });
  return stuck.has(looks.at(-1)?.[1] ?? change);
};

test("a change of leader that stays at the nameserver's own task is stuck", () => {
  expect(
    watching([
      [0, change],
      [stuckAfterMs, change],
    ]),
  ).toBe(true);
});
test.each([
  ["too short", change, stuckAfterMs - 1],
  ["a tablet's task", { ...change, task_type: "kLoadTable" }, stuckAfterMs],
  ["over", { ...change, status: "kFailed" as const }, stuckAfterMs],
])("not stuck: %s", (_, operation, at) => {
  expect(
    watching([
      [0, operation],
      [at, operation],
    ]),
  ).toBe(false);
});
test("another operation on the same partition begins its own time", () => {
  expect(
    watching([
      [0, change],
      [stuckAfterMs, { ...change, op_id: 9 }],
    ]),
  ).toBe(false);
});

test("a change of leader that waits for its turn is in vain after a while, and not stuck; one that has begun is neither", () => {
  const queued: OperationView = { ...change, status: "kInited", task_type: "-" };
  const stuck = new StuckOperations();
  stuck.look({ now: 0, operations: [queued] });
  expect([stuck.has(queued), stuck.isQueuedInVain(queued)]).toEqual([false, false]);
  stuck.look({ now: queuedAtMostMs, operations: [queued] });
  expect([stuck.has(queued), stuck.isQueuedInVain(queued)]).toEqual([false, true]);
  stuck.look({ now: queuedAtMostMs + 1, operations: [change] });
  expect([stuck.has(change), stuck.isQueuedInVain(change)]).toEqual([false, false]);
});
