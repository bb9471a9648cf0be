import { expect, test } from "vitest";
import type { OperationView } from "./observation.ts";
import { settling, type Terms } from "./settle.ts";
import { own, replica, seen, view } from "./testing/views.ts";
import { partitionOf } from "./testing/world.ts";

const fenced = view(0, [replica("a", own(10), { leads: true }), replica("b", own(10))]);
const terms: Terms = new Map([
  ["a", 1],
  ["b", 1],
]);
const operation = (op_type: string, status: OperationView["status"] = "kDoing"): OperationView => ({
  op_id: 5,
  op_type,
  status,
  db: "db",
  name: "t",
  pid: 0,
});
const once = (views: readonly (typeof fenced)[], operations: readonly OperationView[] = [], of: Terms = terms, stuck = false) =>
  settling(seen(views, { operations }), partitionOf(0), of, () => stuck);

test("[OM-10] a fenced leader leads again; nothing else is touched", () => {
  expect(once([fenced])).toEqual({ is: "giveBack", on: "a", followers: ["b"] });
  expect(once([view(0, [replica("a", own(10, "leader")), replica("b", own(10))])])).toEqual({ is: "settled" });
  expect(once([])).toEqual({ is: "settled" });
});
test("a change or a recovery under way is waited for; somebody else's operation does not keep a partition fenced", () => {
  for (const type of ["kChangeLeaderOP", "kRecoverTableOP", "kReAddReplicaOP"]) expect(once([fenced], [operation(type)]).is).toBe("waiting");
  expect(once([fenced], [operation("kMakeSnapshotOP")])).toEqual({ is: "giveBack", on: "a", followers: ["b"] });
});
test("an operation that nobody works on is cancelled", () => {
  expect(once([fenced], [operation("kChangeLeaderOP")], terms, true)).toEqual({ is: "cancelOp", operation: 5 });
});
test("of two leaders the terms tell the old one; where they do not, a person decides", () => {
  const both = (old: number, later: number) =>
    view(0, [replica("a", own(old, "leader"), { alive: false }), replica("b", own(later, "leader"), { leads: true })]);
  const later: Terms = new Map([
    ["a", 1],
    ["b", 3],
  ]);
  expect(once([both(10, 12)], [], later)).toEqual({ is: "demote", on: "a" });
  expect(once([both(10, 12)], [], terms).is).toBe("unclear");
  expect(once([both(10, 12)], [], new Map()).is).toBe("waiting");
});
test("followers above their leader's term refuse what it sends (upstream #2849): it becomes a follower, and leads again above them", () => {
  const leads = view(0, [replica("a", own(10, "leader")), replica("b", own(10))]);
  const above: Terms = new Map([
    ["a", 1],
    ["b", 3],
  ]);
  expect(once([leads], [], above)).toEqual({ is: "demote", on: "a" });
});
