import { describe, expect, it } from "vitest";
import { onePartition, type ReplicaSaid } from "../../testing/one-partition.ts";
import { recoveredOperation } from "./recover.ts";

const leader: ReplicaSaid = { endpoint: "a:1", leads: true, own: { offset: 5, mode: "kTableLeader" } };
const follower: ReplicaSaid = { endpoint: "b:1", leads: false, own: { offset: 5, mode: "kTableFollower" } };
const look = (second: ReplicaSaid, endpoint: string | null = "b:1") =>
  recoveredOperation(onePartition([leader, second])).operation.look({ endpoint }, { before: null, receipt: null }, { now: 0 });

describe("recovered", () => {
  it("every replica is alive, loaded and at work", async () => expect(await look(follower)).toMatchObject({ is: "done" }));
  it.each<readonly [string, ReplicaSaid["own"]]>([
    ["a tablet that does not answer is no proof", "silent"],
    ["not loaded", "nothing"],
    ["still loading", { offset: 0, mode: "kTableFollower", state: "kTableLoading" }],
  ])("%s", async (_, own) => {
    expect(await look({ ...follower, own })).toEqual({ is: "waiting", for: "db.t/0 on b:1 to be alive and loaded" });
  });
  it("not alive for the nameserver", async () => expect(await look({ ...follower, alive: false })).toMatchObject({ is: "waiting" }));
  it("of every tablet: what is on one that does not run comes back with it, and is no reason to wait; of that tablet it is", async () => {
    const down: ReplicaSaid = { ...follower, own: "silent", alive: false, registered: false };
    expect(await look(down, null)).toMatchObject({ is: "done" });
    expect(await look(down)).toMatchObject({ is: "waiting" });
  });
});
