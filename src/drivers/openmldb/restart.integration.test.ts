// How a component goes down and comes back, in whole turns of the real engine on a lab cluster in memory.
import { expect, test } from "vitest";
import { compare } from "./compare.ts";
import { leaderOf } from "./facts.ts";
import { expectWhole, movesOf, underLoad } from "./testing/load.ts";
import { goalOf, MemoryRun } from "./testing/memory-run.ts";

const allowed = { "single-replica": "allow-unavailable" };

test("[OM-13] a tablet is stopped when its process and its registration are gone, and is not started before", async () => {
  const run = await MemoryRun.begin({ partitions: 2 });
  const { name, endpoint, machine } = run.lab.node("tablet1");
  await run.plan(goalOf({ restart: true, only: [name], options: allowed }));
  const seen: string[] = [];
  const alive = (): boolean => machine.processes().some(({ command }) => command.includes("tablet.flags"));
  const registered = (): boolean => run.lab.zookeeper.peekChildren("/openmldb/nodes").includes(endpoint);
  run.journaling = (events) => {
    for (const event of events)
      if ((event.is === "done" && event.step === `stop ${name}`) || (event.is === "acting" && event.step === `start ${name}`))
        seen.push(`${event.is} ${event.step}: ${alive() ? "runs" : "gone"}, ${registered() ? "registered" : "not registered"}`);
  };
  expect(await run.process()).toEqual({ is: "succeeded" });
  expect(seen).toEqual([`done stop ${name}: gone, not registered`, `acting start ${name}: gone, not registered`]);
  expect(run.proofs("stop")).toEqual([{ process: "gone", registration: "gone" }]);
});

test("[OM-13] a stop is not done while the registration outlives the process", async () => {
  const run = await MemoryRun.begin({ partitions: 2 });
  const { name, endpoint } = run.lab.node("tablet1");
  await run.plan(goalOf({ restart: true, only: [name], options: allowed }));
  let outlived = 0;
  let done = false;
  run.journaling = (events) => {
    done ||= events.some((event) => event.is === "done" && event.step === `stop ${name}`);
  };
  run.disturb = ({ method }) => {
    const gone = run.lab.node(name).running === null;
    if (method === "NameServer/ShowTablet" && gone && !done && run.lab.zookeeper.peekChildren("/openmldb/nodes").includes(endpoint)) outlived++;
    return "pass";
  };
  expect(await run.process()).toEqual({ is: "succeeded" });
  expect(outlived).toBeGreaterThan(0);
});

test("[OC-1] [OM-5] [OM-7] restart: background comes back in background, daemon under mon, and a crashed mon is put back", async () => {
  const run = await MemoryRun.begin({ nameservers: 2, partitions: 2 });
  const underMon = async (name: string): Promise<void> => {
    const { machine, directory, component, endpoint } = run.lab.node(name);
    run.lab.kill(name);
    const registered = (): boolean => run.lab.zookeeper.peekChildren("/openmldb/nodes").includes(endpoint);
    await run.lab.world.run(run.lab.until("it is no more registered", () => Promise.resolve(!registered())));
    machine.boot(directory, component, true);
    await run.lab.world.run(run.lab.until("it is registered", () => Promise.resolve(registered())));
    await run.lab.world.run(run.lab.settled());
  };
  await underMon("tablet2");
  await underMon("tablet3");
  const { machine } = run.lab.node("tablet3");
  const mon = machine.processes().find(({ command }) => command.startsWith("./bin/mon"));
  machine.killMonAlone(mon?.pid ?? 0);
  const modes = async (): Promise<readonly (string | undefined)[]> => {
    const { now } = await run.inspect();
    return ["tablet1", "tablet2", "tablet3"].map((node) => now.nodes[node]?.process);
  };
  expect(await modes()).toEqual(["background", "daemon", "daemon-lost-mon"]);
  const pids = async (): Promise<readonly (number | null | undefined)[]> => {
    const { now } = await run.inspect();
    return ["tablet1", "tablet2", "tablet3"].map((node) => now.nodes[node]?.pid);
  };
  const before = await pids();
  await run.plan(goalOf({ restart: true, only: ["tablet1", "tablet2", "tablet3"], options: allowed }));
  expect(await run.process()).toEqual({ is: "succeeded" });
  expect(await modes()).toEqual(["background", "daemon", "daemon"]);
  const after = await pids();
  expect(after.every((pid, index) => pid !== null && pid !== before[index])).toBe(true);
}, 30_000);

test("[OC-6] [OC-7] a configuration change moves leaders as an upgrade does, replaces no release, loses nothing, and is confirmed", async () => {
  const loaded = await underLoad({ partitions: 3 });
  const { run, before } = loaded;
  await run.plan(goalOf({ settings: { "tablet.gc_interval": "30" }, options: { "single-replica": "allow-unavailable" } }));
  expect(run.turns.map(({ id }) => id)).toEqual(["tablet1", "tablet2", "tablet3"]);
  expect(await run.process()).toEqual({ is: "succeeded" });
  const after = await expectWhole(loaded);
  const led = Object.values(before.now.partitions).filter(({ replicas }) => replicas.length > 1 && replicas.some(({ leads }) => leads)).length;
  const moved = movesOf(run).flatMap((each) => each.moved);
  expect(moved).toHaveLength(2 * led);
  expect(moved.every(({ lost, frozen, oldLeader }) => lost === 0 && frozen === oldLeader)).toBe(true);
  const acted = run.events.flatMap((event) => (event.is === "acting" ? [event.step.split(" ")[0]] : []));
  expect(acted).toContain("set");
  expect(acted).not.toContain("swap");
  for (const { machine, directory } of run.lab.of("tablet"))
    expect(machine.disk.read(`${directory}/conf/tablet.flags`)).toContain("--gc_interval=30");
  expect(Object.values(after.now.partitions).every((partition) => leaderOf(partition) !== null)).toBe(true);
  const told = compare(before, after, goalOf({ settings: { "tablet.gc_interval": "30" } }));
  expect(told.map(({ object, verdict }) => `${object}: ${verdict}`)).toEqual([
    "Rows: passed",
    "operations: passed",
    "auto_failover: passed",
    "replicas: passed",
  ]);
  expect(told[0]?.evidence).toMatch(/^increased: yes/);
}, 60_000);

test("[OC-6] a table of one replica is asked about, added to or accepted, as in an upgrade", async () => {
  const run = await MemoryRun.begin({ partitions: 2, replicas: 1 });
  const settings = { "tablet.gc_interval": "30" };
  await run.plan(goalOf({ settings, options: { "single-replica": "add-replica" } }));
  const items = run.turns.flatMap((turn) => turn.items).flatMap((item) => ("do" in item ? [item.do] : []));
  expect(items.filter((each) => each === "addReplica").length).toBeGreaterThan(0);
  await run.plan(goalOf({ settings, options: allowed }));
  const stops = run.turns.flatMap((turn) => turn.items).flatMap((item) => ("do" in item && item.do === "stop" ? [item.params] : []));
  expect(JSON.stringify(stops)).toContain('"unavailable":[{');
});
