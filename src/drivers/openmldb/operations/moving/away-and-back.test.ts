import { expect, test } from "vitest";
import { isUndo, type Item } from "../../../../model/step.ts";
import type { MoveLeadersParams } from "../../steps.ts";
import { onePartition } from "../../testing/one-partition.ts";
import { fencedMoves, movedTogetherAtMost, moveBackOperation } from "./away-and-back.ts";
import { params } from "./testing/views.ts";
import { partitionOf } from "./testing/world.ts";

const pids = (count: number): readonly number[] => Array.from({ length: count }, (_, pid) => pid);
const idsOf = (items: readonly Item[]): readonly string[] => items.map((item) => (isUndo(item) ? `undo ${item.undo}` : item.id));
const movesIn = (items: readonly Item[]): readonly MoveLeadersParams[] =>
  items.flatMap((item) => (!isUndo(item) && item.do === "moveLeaders" ? [item.params as unknown as MoveLeadersParams] : []));

test("the guard is set first and lifted last, the fence inside it", () => {
  expect(idsOf(fencedMoves(params([0, 1]), ["a"]))).toEqual(["guard", "move", "undo guard"]);
  expect(idsOf(fencedMoves(params([0, 1], { fence: "tablet" }), ["a", "b"]))).toEqual([
    "guard",
    "fence a",
    "fence b",
    "move",
    "undo fence b",
    "undo fence a",
    "undo guard",
  ]);
  expect(idsOf(fencedMoves(params([0, 1], { fence: "hook" }), ["a"]))).toEqual(["guard", "pause", "move", "undo pause", "undo guard"]);
  expect(idsOf(fencedMoves(params([0, 1], { fence: "none" }), ["a"]))).toEqual(["move"]);
});
test("a thousand leaders go in steps of a bounded size, each of them once, all under one guard", () => {
  const items = fencedMoves(params(pids(1_000)), ["a"]);
  const moved = movesIn(items).map(({ partitions }) => partitions.map(({ pid }) => pid));
  expect(moved.flat()).toEqual(pids(1_000));
  expect(Math.max(...moved.map((each) => each.length))).toBe(movedTogetherAtMost);
  expect(idsOf(items).slice(0, 3)).toEqual(["guard", "move", "move 2"]);
  expect(new Set(idsOf(items)).size).toBe(items.length);
});
test("a leader that may not return is never told of as led", async () => {
  const back = { endpoint: "a", fence: "partition", concurrency: 2, partitions: [partitionOf(0)] } as const;
  const look = async (offset: number, leads: boolean) => {
    const a = { endpoint: "a", leads: true, alive: leads, own: { offset, mode: leads ? "kTableLeader" : "kTableFollower" } } as const;
    const b = { endpoint: "b", leads: !leads, own: { offset: 30, mode: leads ? "kTableFollower" : "kTableLeader" } } as const;
    return moveBackOperation(onePartition([a, b], { began: 11 })).operation.look(back, { before: null, receipt: null }, { now: 0 });
  };
  expect(await look(30, true)).toEqual({ is: "done", proof: { led: ["db.t/0"], notReturned: [] } });
  // It has rows that its leader does not have: to lead again it would have to drop them.
  expect(await look(12, false)).toEqual({ is: "done", proof: { led: [], notReturned: ["db.t/0"] } });
  expect(await look(10, false)).toMatchObject({ is: "expand" });
});
