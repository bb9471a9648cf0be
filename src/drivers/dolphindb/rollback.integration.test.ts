// Ways back on whole labs in memory: the real engine, the real operations, the lab's own judgement of what an older release can read.
import { describe, expect, it } from "vitest";
import type { Goal } from "../../model/goal.ts";
import { goalBack } from "./goal-back.ts";
import type { DdFacts } from "./facts.ts";
import { goalOf, Killed, MemoryRun } from "./testing/memory-run.ts";

const stated = { level: "4", "level-source": "case 4711" };
/** `kills`: Stillwater dies behind every second event of its journal, and another process goes on. */
async function carriedOut(run: MemoryRun, goal: Goal, kills = false): Promise<DdFacts> {
  const before = await run.inspect();
  run.events.splice(0);
  await run.plan(goal);
  let outcome = await process(run, kills);
  for (let killed = 0; outcome === "killed" && killed < 200; killed++) outcome = await process(run, kills);
  expect(outcome, [...run.said].slice(-5).join("\n")).toEqual({ is: "succeeded" });
  return before;
}
async function process(run: MemoryRun, kills: boolean): ReturnType<MemoryRun["process"]> {
  let events = 0;
  run.journaled = () => {
    events += 1;
    if (kills && events === 2) throw new Killed();
  };
  return run.process();
}
const versions = (facts: DdFacts): readonly string[] => [...new Set(Object.values(facts.now.nodes).map(({ running }) => running ?? "none"))];

describe("the way back of an upgrade", () => {
  it("[DD-1] [DD-18] [DD-19] the regular one, when nothing was written: every node has its former release and metadata, each was started once, whenever Stillwater was killed", async () => {
    const run = await MemoryRun.begin();
    await run.fill();
    const goal = { ...run.upgrade, mode: "downtime" as const, options: stated };
    const before = await carriedOut(run, goal);
    const after = await run.inspect();
    expect(versions(after)).toEqual(["2.00.8.12"]);
    expect(after.now.chunks?.written).toBe(before.now.chunks?.written);
    const back = goalBack(before, goal);
    const begin = run.lab.world.now();
    await carriedOut(run, back, true);
    const done = await run.inspect();
    expect(versions(done)).toEqual(versions(before));
    expect(done.now.chunks).toMatchObject({ total: before.now.chunks?.total, underReplicated: 0, unequal: 0, written: before.now.chunks?.written });
    expect(Object.values(run.starts(begin))).toEqual(Array.from({ length: 9 }, () => 1));
    expect(run.evidence().filter((each) => each.do === "nothingWritten")).toHaveLength(1);
    expect(run.evidence().filter((each) => each.do === "restoreBackup")).toHaveLength(6);
  });
  it("is refused when something was written after the last host had gone", async () => {
    const run = await MemoryRun.begin();
    await run.fill();
    const goal = { ...run.upgrade, options: stated };
    const before = await carriedOut(run, goal);
    await run.lab.world.run(run.write("node1", [0, 1]));
    await expect(run.plan(goalBack(before, goal))).rejects.toThrow("there is no way back from 2.00.8.12");
  });
  it("host by host while an old controller leads: what was written meanwhile is kept", async () => {
    const run = await MemoryRun.begin({ release: "2.00.8.11" });
    await run.fill();
    const leader = (await run.inspect()).now.leader;
    const first = run.lab.nodes.find(({ role, alias }) => role === "controller" && alias !== leader)?.host ?? "";
    const only = run.lab.nodes.filter(({ host }) => host === first).map(({ alias }) => alias);
    const goal = { ...run.upgrade, only, options: stated };
    const before = await carriedOut(run, goal);
    expect(versions(await run.inspect()).length).toBe(2);
    await run.lab.world.run(run.write("node1", [0, 1]));
    await run.lab.world.run(run.lab.settled());
    const written = (await run.inspect()).now.chunks?.written;
    // Without a level nobody promises that the older release reads what the newer one wrote.
    await expect(run.plan(goalBack(before, { ...goal, options: {} }))).rejects.toThrow("no published level, and chunks were written since");
    expect(written).not.toBe(before.now.chunks?.written);
    await carriedOut(run, goalBack(before, goal));
    const done = await run.inspect();
    expect(versions(done)).toEqual(versions(before));
    expect(done.now.chunks).toMatchObject({ underReplicated: 0, unequal: 0, recovering: 0, written });
  });
});

describe("settings", () => {
  it("of the Raft group and of controllers: changed, taken at the next start, read back, and put back", async () => {
    const run = await MemoryRun.begin();
    const settings = { "cluster.workerNum": "6", "controller.maxConnections": null, "controller.dfsRecoveryConcurrency": "4" };
    const goal = goalOf({ settings, options: { "former.cluster.workerNum.unset": "", "former.controller.dfsRecoveryConcurrency.unset": "" } });
    const before = await carriedOut(run, goal);
    const read = run.evidence().filter((each) => each.do === "readSettings");
    expect(read.length).toBeGreaterThan(3);
    expect(JSON.stringify(read)).toContain("node1 says 6");
    expect(JSON.stringify(read)).toContain("dfsRecoveryConcurrency");
    await carriedOut(run, goalBack(before, goal));
    const again = run.evidence().filter((each) => each.do === "readSettings");
    expect(JSON.stringify(again)).toContain("workerNum");
    expect(JSON.stringify(again)).not.toContain("node1 says 6");
  });
});
