// Somebody works on the cluster while leaders are moved: whole runs of the real engine on a lab cluster in memory, under load.
import { describe, expect, test } from "vitest";
import { expectWhole, movesOf, underLoad } from "../../testing/load.ts";
import { goalOf } from "../../testing/memory-run.ts";
import { queuedAtMostMs } from "./stuck.ts";

const LONG_MS = 60_000;
/** Looks, round trips and the engine's own waits. */
const SLACK_MS = 2_000;

describe("an operator's long operation comes in the moment in which a partition is fenced", () => {
  test.each([
    ["on that partition", 0],
    ["on another one of the same queue", 2],
  ])("[OM-17] %s: its writes go on meanwhile, and it is moved afterwards", async (_, away) => {
    const loaded = await underLoad({ partitions: 6 });
    const { run } = loaded;
    const { lab } = run;
    const drain = goalOf({ maintenance: { is: "drain", node: "tablet1" }, options: { "single-replica": "allow-unavailable" } });
    await run.plan(drain);
    const { endpoint } = lab.node("tablet1");
    const { tid } = await lab.world.run(lab.table());
    lab.nameserver("nameserver1").faults.add({ kind: "delay-task", task: "kMakeSnapshot", ms: LONG_MS });
    const seen: { fencedFor: number; pid: number } = { fencedFor: 0, pid: -1 };
    const watch = async (pid: number): Promise<void> => {
      const isFenced = async (): Promise<boolean> => (await lab.replica(endpoint, tid, pid))?.mode === "kTableFollower";
      const leads = async (): Promise<boolean> =>
        (await lab.table()).table_partition[pid]?.partition_meta.some(
          (meta) => meta.endpoint === endpoint && meta.is_leader && meta.is_alive !== false,
        ) ?? false;
      while (!(await isFenced())) await lab.world.sleep(1);
      const began = lab.world.now();
      while ((await isFenced()) && (await leads())) await lab.world.sleep(20);
      seen.fencedFor = lab.world.now() - began;
    };
    run.disturb = ({ method }) => {
      const asked = run.sent.at(-1);
      if (method !== "TabletServer/ChangeRole" || seen.pid >= 0 || asked === undefined) return "pass";
      const fenced = JSON.parse(asked.body) as { readonly tid: number; readonly pid: number };
      if (fenced.tid !== tid) return "pass";
      seen.pid = fenced.pid;
      const operation = { db: "test", name: "t1", pid: (fenced.pid + away) % 6 };
      // It is there before the change is asked for.
      void lab.world.sleep(10).then(() => Promise.all([lab.ask("MakeSnapshotNS", operation), watch(fenced.pid)]));
      return "pass";
    };
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(seen.fencedFor).toBeGreaterThan(0);
    expect(seen.fencedFor).toBeLessThan(queuedAtMostMs + SLACK_MS);
    expect(movesOf(run).flatMap(({ moved }) => moved.map(({ lost }) => lost))).not.toContain(1);
    await expectWhole(loaded, "anywhere");
  });
});

describe("a pause in the middle of a move", () => {
  test.each([
    ["partition", "TabletServer/ChangeRole"],
    ["tablet", "TabletServer/SetMode"],
    ["partition", "NameServer/ChangeLeader"],
    ["partition", "NameServer/RecoverTable"],
  ])("[OM-10] fence %s, at %s: every partition takes writes while the run stands still, and a resume ends well", async (fence, method) => {
    const loaded = await underLoad({ partitions: 3 });
    const { run } = loaded;
    await run.plan(goalOf({ maintenance: { is: "drain", node: "tablet1" }, options: { "single-replica": "allow-unavailable", fence } }));
    run.disturb = (request) => {
      if (request.method === method) run.signal = { desired: "pause", by: "op", reason: "lunch" };
      return "pass";
    };
    expect(await run.process()).toMatchObject({ is: "paused", code: "operator" });
    run.disturb = () => "pass";
    await run.lab.world.advance(5_000);
    const paused = await run.inspect();
    for (const { replicas } of Object.values(paused.now.partitions))
      expect(replicas.find(({ leads, alive }) => leads && alive)?.own?.mode).toBe("leader");
    const nowhere = { tid: 4_294_967_295, pid: 0, key: "k", value: "v", ts: 1 };
    expect(await run.lab.world.run(run.lab.call(run.lab.node("tablet1").endpoint, "TabletServer/Put", nowhere))).toMatchObject({ code: 100 });
    run.signal = { desired: "run", by: "op", reason: "" };
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(movesOf(run).flatMap(({ leftBehind }) => leftBehind)).toEqual([]);
    await expectWhole(loaded, "anywhere");
  });
});
