import { describe, expect, it } from "vitest";
import { onePartition, type ReplicaSaid } from "../testing/one-partition.ts";
import { autoFailoverOperation } from "./auto-failover.ts";

const leader: ReplicaSaid = { endpoint: "b:1", leads: true, own: { offset: 20, mode: "kTableLeader" } };
const old: ReplicaSaid = { endpoint: "a:1", leads: true, alive: false, own: { offset: 12, mode: "kTableFollower" } };
const look = (second: ReplicaSaid, value = true, autoFailover = false) =>
  autoFailoverOperation(onePartition([leader, second], { began: 10, autoFailover })).operation.look(
    { value },
    { before: null, receipt: null },
    { now: 0 },
  );

describe("auto_failover on again", () => {
  const kept = { is: "unclear", known: ["db.t/0: a:1 holds offsets 10 to 12 that its leader does not have"] };
  it("not while an old leader has rows of its own: the nameserver would drop them", async () => expect(await look(old)).toMatchObject(kept));
  it("nor when its tablet has restarted and loaded nothing, or does not answer: they are on its disk", async () => {
    expect(await look({ ...old, own: "nothing", known: 12 })).toMatchObject(kept);
    expect(await look({ ...old, own: "silent", known: 12 })).toMatchObject(kept);
  });
  it("with nothing of its own, or alive as a follower, it is no obstacle", async () => {
    expect(await look({ ...old, own: { offset: 9, mode: "kTableFollower" } })).toEqual({ is: "open" });
    expect(await look({ ...old, own: "nothing", known: 9 })).toEqual({ is: "open" });
    expect(await look({ ...old, alive: true })).toEqual({ is: "open" });
  });
});
it("off needs no such thing, and what holds already is done", async () => {
  expect(await look(old, false, true)).toEqual({ is: "open" });
  expect(await look(old, false, false)).toMatchObject({ is: "done" });
});
