// The vendor's procedure loses acknowledged rows, for each cause of facts 4.1, and what is lost is what facts 4.3 computes from metadata alone.
import { describe, expect, it } from "vitest";
import type { TablePartition } from "../logic/nameserver/metadata.ts";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "./cluster.ts";
import { Writer } from "./testing/writer.ts";

const P = { db: "test", name: "t1", pid: 0 };
const MANUAL = { nameserver: { auto_failover: "false" } };

interface Situation {
  readonly cluster: MemoryCluster;
  readonly writer: Writer;
  readonly tid: number;
  readonly leader: string;
  readonly followers: readonly string[];
}

async function situation(options: MemoryClusterOptions): Promise<Situation> {
  const cluster = await memoryCluster({ partitions: 1, replicas: 2, flags: MANUAL, ...options });
  return await cluster.world.run(
    (async () => {
      const writer = await Writer.connect(cluster);
      const table = await cluster.table();
      const metas = table.table_partition[0]?.partition_meta ?? [];
      const leader = metas.find((meta) => meta.is_leader)?.endpoint ?? "";
      return { cluster, writer, tid: table.tid, leader, followers: metas.flatMap(({ endpoint }) => (endpoint === leader ? [] : [endpoint])) };
    })(),
  );
}
const partition = async (cluster: MemoryCluster): Promise<TablePartition> => {
  const found = (await cluster.table()).table_partition[0];
  if (found === undefined) throw new Error("no partition");
  return found;
};
const offsetOf = async ({ cluster, tid }: Situation, endpoint: string): Promise<number> => {
  const row = await cluster.replica(endpoint, tid, 0);
  if (row === null) throw new Error(`${endpoint} has not loaded the partition`);
  return row.offset;
};
const operations = async (cluster: MemoryCluster): Promise<readonly string[]> => {
  const { op_status = [] } = await cluster.ask<{
    readonly code: number;
    readonly op_status?: readonly { readonly op_type: string; readonly status: string }[];
  }>("ShowOPStatus");
  return op_status.map(({ op_type, status }) => `${op_type} ${status}`);
};
/** Changes the leader and waits until the operation is over. */
async function change(cluster: MemoryCluster, candidate: string): Promise<void> {
  await cluster.ask("ChangeLeader", { ...P, candidate_leader: candidate });
  await cluster.until("the operation is over", async () =>
    (await operations(cluster)).every((one) => !one.endsWith("kDoing") && !one.endsWith("kInited")),
  );
}
/** By facts 4.3, with the old leader read before it is recovered. */
async function computedLoss(now: Situation, old: string): Promise<number> {
  const last = (await partition(now.cluster)).term_offset.at(-1);
  if (last === undefined) throw new Error("no term");
  return (await offsetOf(now, old)) - (last.offset - 1);
}
async function recover({ cluster, leader }: Situation): Promise<void> {
  await cluster.ask("RecoverTable", { ...P, endpoint: leader });
  await cluster.settled();
}
const slow = ({ cluster, leader }: Situation, follower: string, pace: { readonly delayMs?: number; readonly perSecond?: number }): void => {
  cluster.tablet(cluster.at(leader).name).paces.set(follower, pace);
};

describe.each([1, 2, 3])("leader changes under the vendor's procedure, seed %i", (seed) => {
  it("A: what was not yet replicated is lost", async () => {
    const now = await situation({ seed });
    const { cluster, writer, leader, followers } = now;
    await cluster.world.run(
      (async () => {
        await writer.write(40);
        await cluster.settled();
        slow(now, followers[0] ?? "", { delayMs: 30_000 });
        await writer.write(25);
        await change(cluster, "auto");
        const lost = await computedLoss(now, leader);
        expect(lost).toBeGreaterThan(0);
        await recover(now);
        expect(await writer.missing()).toHaveLength(lost);
        expect(await operations(cluster)).toEqual(["kChangeLeaderOP kDone", "kRecoverTableOP kDone", "kReAddReplicaWithDropOP kDone"]);
      })(),
    );
  });

  it("B: what the old leader acknowledges after the change is lost", async () => {
    const now = await situation({ seed, durations: { catalogRefresh: 3_000 } });
    const { cluster, writer, leader } = now;
    await cluster.world.run(
      (async () => {
        writer.begin(10);
        await cluster.world.sleep(2_000);
        await change(cluster, "auto");
        // Until every client has read its catalog again.
        await cluster.world.sleep(5_000);
        const lost = await computedLoss(now, leader);
        expect(lost).toBeGreaterThan(200);
        await recover(now).finally(() => {
          writer.end();
        });
        await cluster.world.sleep(1_000);
        expect(await writer.missing()).toHaveLength(lost);
      })(),
    );
  });

  it("C: a replica counts as alive while it lags, and leads with what it has: without any traffic", async () => {
    const now = await situation({ seed, replicas: 1 });
    const { cluster, writer, leader, tid } = now;
    await cluster.world.run(
      (async () => {
        await writer.write(400);
        const candidate = cluster.of("tablet").find(({ endpoint }) => endpoint !== leader)?.endpoint ?? "";
        slow(now, candidate, { perSecond: 20 });
        await cluster.ask("AddReplicaNS", { ...P, endpoint: candidate });
        await cluster.until("the replica is added", async () => (await operations(cluster)).includes("kAddReplicaOP kDone"));
        expect((await partition(cluster)).partition_meta.find(({ endpoint }) => endpoint === candidate)?.is_alive).toBe(true);
        await change(cluster, candidate);
        const lost = await computedLoss(now, leader);
        expect(lost).toBeGreaterThan(100);
        expect(lost).toBe((await offsetOf(now, leader)) - ((await cluster.replica(candidate, tid, 0))?.offset ?? 0));
        await recover(now);
        expect(await writer.missing()).toHaveLength(lost);
      })(),
    );
  });

  it("D: auto_failover does the same by itself, a heartbeat time-out after the tablet has gone", async () => {
    const now = await situation({ seed, flags: {} });
    const { cluster, writer, leader, followers } = now;
    const name = cluster.at(leader).name;
    await cluster.world.run(
      (async () => {
        await writer.write(30);
        await cluster.settled();
        slow(now, followers[0] ?? "", { delayMs: 30_000 });
        await writer.write(20);
        const before = await offsetOf(now, leader);
        const killed = cluster.world.now();
        cluster.kill(name);
        await cluster.until("another tablet leads", async () => (await partition(cluster)).term_offset.length > 1, 100_000);
        // Session time-out and heartbeat time-out: nobody led meanwhile.
        expect(cluster.world.now() - killed).toBeGreaterThan(60_000);
        const lost = before - (((await partition(cluster)).term_offset.at(-1)?.offset ?? 0) - 1);
        expect(lost).toBeGreaterThan(0);
        cluster.start(name);
        await cluster.settled();
        expect(await writer.missing()).toHaveLength(lost);
        expect((await partition(cluster)).partition_meta.find(({ endpoint }) => endpoint === leader)).toMatchObject({
          is_leader: false,
          is_alive: true,
        });
      })(),
    );
  });

  it("F: a change that fails half-way leaves followers fenced: the old leader goes on alone, and the next change loses it all (upstream 2849)", async () => {
    const now = await situation({ seed });
    const { cluster, writer, leader, followers } = now;
    await cluster.world.run(
      (async () => {
        await writer.write(30);
        await cluster.settled();
        cluster.nameserver("nameserver1").faults.add({ kind: "fail-task", task: "kChangeLeader" });
        await change(cluster, "auto");
        expect(await operations(cluster)).toEqual(["kChangeLeaderOP kFailed"]);
        expect((await partition(cluster)).partition_meta.filter((meta) => meta.is_leader)).toEqual([expect.objectContaining({ endpoint: leader })]);
        await writer.write(35);
        await cluster.world.sleep(10_000);
        expect((await offsetOf(now, leader)) - (await offsetOf(now, followers[0] ?? ""))).toBe(35);
        await change(cluster, "auto");
        expect(await computedLoss(now, leader)).toBe(35);
        await recover(now);
        expect(await writer.missing()).toHaveLength(35);
      })(),
    );
  });

  it("F: one follower of three is fenced when another does not answer", async () => {
    const now = await situation({ seed, replicas: 3 });
    const { cluster, writer, leader, followers } = now;
    await cluster.world.run(
      (async () => {
        await writer.write(10);
        await cluster.settled();
        const [first = "", second = ""] = followers;
        cluster.nameserver("nameserver1").faults.add({ kind: "fail-follow-of-no-one", endpoint: second });
        await change(cluster, "auto");
        expect(await operations(cluster)).toEqual(["kChangeLeaderOP kFailed"]);
        await writer.write(15);
        await cluster.world.sleep(10_000);
        const all = await offsetOf(now, leader);
        expect(all - (await offsetOf(now, first))).toBe(15);
        expect(await offsetOf(now, second)).toBe(all);
      })(),
    );
  });

  it("an explicit candidate behind another follower: the recorded offset is the other one's, which skips what the new leader takes", async () => {
    const now = await situation({ seed, replicas: 3 });
    const { cluster, writer, leader, followers, tid } = now;
    await cluster.world.run(
      (async () => {
        const [behind = "", ahead = ""] = followers;
        await writer.write(20);
        await cluster.settled();
        slow(now, behind, { delayMs: 60_000 });
        await writer.write(12);
        await cluster.until("the other follower has it all", async () => (await offsetOf(now, ahead)) === 32);
        const candidateHad = await offsetOf(now, behind);
        expect(candidateHad).toBeLessThan(32);
        await change(cluster, behind);
        expect((await partition(cluster)).term_offset.at(-1)?.offset).toBe(33);
        // By facts 4.3 for a candidate: not from term_offset.
        const lost = (await offsetOf(now, leader)) - candidateHad;
        await cluster.world.sleep(1_000);
        await writer.write(lost);
        await cluster.world.sleep(5_000);
        expect(await offsetOf(now, behind)).toBe(await offsetOf(now, ahead));
        const [new_, other] = [await cluster.rows(behind, tid, 0), await cluster.rows(ahead, tid, 0)];
        expect([...(new_?.keys() ?? [])].filter((key) => other?.has(key) !== true)).toHaveLength(lost);
        expect(await writer.missing()).toHaveLength(lost);
      })(),
    );
  });

  it("nothing is lost when writes have stopped and all offsets are equal", async () => {
    const now = await situation({ seed });
    const { cluster, writer, leader } = now;
    await cluster.world.run(
      (async () => {
        await writer.write(60);
        await cluster.settled();
        await change(cluster, "auto");
        expect(await computedLoss(now, leader)).toBe(0);
        await recover(now);
        await cluster.world.sleep(1_000);
        await writer.write(40);
        await cluster.settled();
        expect(writer.refused).toBe(0);
        expect(await writer.missing()).toEqual([]);
        expect(await operations(cluster)).toEqual(["kChangeLeaderOP kDone", "kRecoverTableOP kDone", "kReAddReplicaSimplifyOP kDone"]);
      })(),
    );
  });
});
