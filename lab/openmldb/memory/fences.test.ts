// The fenced protocol of facts 4.2 by hand, under writes: what it must give, and that the fence is what gives it.
import { describe, expect, it } from "vitest";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";
import { endsOf, placed, quiet } from "./testing/view.ts";
import { Writer } from "./testing/writer.ts";

const P = { db: "test", name: "t1", pid: 0 };

type Fence = "partition" | "tablet" | "none";

/** Moves the leader away from its tablet while rows are written every ten milliseconds. */
async function move(cluster: MemoryCluster, writer: Writer, fence: Fence): Promise<void> {
  const { leader, followers, tid } = await placed(cluster);
  const [candidate = ""] = followers;
  const offset = async (endpoint: string): Promise<number | undefined> => (await cluster.replica(endpoint, tid, 0))?.offset;
  const equal = async (): Promise<boolean> => (await offset(leader)) === (await offset(candidate));
  const tablet = (method: string, request: object): Promise<unknown> => cluster.call(leader, `TabletServer/${method}`, request);
  writer.begin(10);
  await cluster.world.sleep(1_000);
  if (fence === "tablet") {
    await tablet("SetMode", { follower: true });
    await cluster.until("the offsets are equal", equal);
  } else if (fence === "partition") {
    // It stops replication at once, so only an equal log may be fenced: tried until it was equal afterwards, too.
    for (;;) {
      await tablet("ChangeRole", { tid, pid: 0, mode: "kTableFollower" });
      if (await equal()) break;
      const pair = await cluster.call<{ readonly code: number; readonly term: number }>(leader, "TabletServer/GetTermPair", { tid, pid: 0 });
      await tablet("ChangeRole", { tid, pid: 0, mode: "kTableLeader", term: pair?.term, replicas: followers });
      await cluster.world.sleep(500);
    }
  }
  const frozen = await offset(leader);
  await cluster.ask("ChangeLeader", { ...P, candidate_leader: candidate });
  await quiet(cluster);
  if (fence !== "none") {
    expect((await placed(cluster)).partition.term_offset.at(-1)?.offset).toBe((frozen ?? 0) + 1);
    expect(await offset(leader)).toBe(frozen);
  } else await cluster.world.sleep(2_000);
  await cluster.ask("RecoverTable", { ...P, endpoint: leader });
  await quiet(cluster);
  if (fence === "tablet") await tablet("SetMode", { follower: false });
  await cluster.world.sleep(2_000);
  writer.end();
  await cluster.world.sleep(1_000);
  await cluster.settled();
}

describe.each([1, 2, 3, 4, 5])("moving a leader under writes, seed %i", (seed) => {
  const run = async (fence: Fence, judge: (cluster: MemoryCluster, writer: Writer) => Promise<void>): Promise<void> => {
    const cluster = await memoryCluster({ seed, partitions: 1, replicas: 2, flags: { nameserver: { auto_failover: "false" } } });
    await cluster.world.run(
      (async () => {
        const writer = await Writer.connect(cluster);
        await move(cluster, writer, fence);
        await judge(cluster, writer);
      })(),
    );
  };

  it.each(["partition", "tablet"] as const)("fence %s: no acknowledged row is lost, and the old leader's log fits", async (fence) => {
    await run(fence, async (cluster, writer) => {
      expect(writer.refused).toBeGreaterThan(0);
      expect(writer.acknowledged.length).toBeGreaterThan(100);
      expect(await writer.missing()).toEqual([]);
      expect(await endsOf(cluster)).toEqual(["kChangeLeaderOP kDone", "kRecoverTableOP kDone", "kReAddReplicaSimplifyOP kDone"]);
    });
  });

  it("without a fence rows are lost, and the old leader's table is dropped", async () => {
    await run("none", async (cluster, writer) => {
      expect((await writer.missing()).length).toBeGreaterThan(0);
      expect(await endsOf(cluster)).toContain("kReAddReplicaWithDropOP kDone");
    });
  });
});
