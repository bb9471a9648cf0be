// Whole runs of the real engine on a lab cluster in memory, under load.
import { describe, expect, test } from "vitest";
import { leaderOf } from "./facts.ts";
import { carriedOut, expectWhole, leadersOf, movesOf, underLoad } from "./testing/load.ts";
import { goalOf, type MemoryRun } from "./testing/memory-run.ts";

const upgrade = (run: MemoryRun) => run.upgrade;
const restart = (options: Readonly<Record<string, string>> = {}) => goalOf({ restart: true, only: ["tablet1"], options });

test("[OM-3] [OM-8] [OM-19] a whole upgrade under load loses nothing, moves each leader twice, and puts everything back", async () => {
  const loaded = await carriedOut({ nameservers: 2, apiservers: 1, taskmanagers: 1 }, upgrade);
  const after = await expectWhole(loaded);
  const { run } = loaded;
  expect(Object.values(after.structure.nodes).map(({ installed }) => installed)).toEqual(Object.keys(after.structure.nodes).map(() => "0.9.3"));
  expect(Object.values(after.now.nodes).map(({ running }) => running)).toEqual(Object.keys(after.structure.nodes).map(() => "0.9.3"));
  const moved = movesOf(run).flatMap((each) => each.moved);
  expect(
    moved.every(
      ({ lost, frozen, began, oldLeader, candidate }) => lost === 0 && frozen === oldLeader && candidate === oldLeader && began === oldLeader + 1,
    ),
  ).toBe(true);
  expect(movesOf(run).flatMap((each) => [...each.leftBehind, ...each.alarms])).toEqual([]);
  expect(run.count("NameServer/ChangeLeader")).toBe(moved.length);
  const leaders = Object.keys(leadersOf(after)).length;
  expect(moved).toHaveLength(2 * leaders);
  expect(run.turns.map(({ id }) => id)).toEqual([
    "stage",
    "nameserver2",
    "nameserver1",
    "tablet1",
    "tablet2",
    "tablet3",
    "apiserver1",
    "taskmanager1",
  ]);
}, 60_000);

describe("fences", () => {
  test("tablet: every leader of the tablet refuses writes meanwhile, and accepts them afterwards", async () => {
    const loaded = await carriedOut({}, () => restart({ fence: "tablet" }));
    await expectWhole(loaded);
    expect(loaded.run.count("TabletServer/SetMode")).toBeGreaterThanOrEqual(2);
    expect(
      movesOf(loaded.run)
        .flatMap(({ moved }) => moved)
        .every(({ lost, fence }) => lost === 0 && fence === "tablet"),
    ).toBe(true);
  });
  test("hook: the operator's commands hold traffic back, as a pair", async () => {
    const calls: string[] = [];
    const traffic = { pause: async () => void calls.push("pause"), resume: async () => void calls.push("resume") };
    const loaded = await underLoad({ traffic });
    await loaded.run.plan(restart({ fence: "hook" }));
    const { pause, resume } = traffic;
    traffic.pause = async () => (loaded.writer.end(), pause());
    traffic.resume = async () => (loaded.writer.begin(20), resume());
    expect(await loaded.run.process()).toEqual({ is: "succeeded" });
    expect(calls).toEqual(["pause", "resume", "pause", "resume"]);
    await expectWhole(loaded);
  });
  test("[OM-4] none: acknowledged rows are lost, and the proof counts exactly those", async () => {
    const loaded = await carriedOut({ partitions: 3, durations: { catalogRefresh: 3_000 } }, () => restart({ fence: "none" }), 5);
    const { run, writer } = loaded;
    writer.end();
    await run.lab.world.run(run.lab.settled());
    const missing = await run.lab.world.run(writer.missing());
    const lost = movesOf(run)
      .flatMap(({ moved }) => moved)
      .reduce((sum, move) => sum + move.lost, 0);
    expect(missing.length).toBeGreaterThan(0);
    expect(lost).toBe(missing.length);
  });
  test("a follower that always lags gets the fence that lets replication go on", async () => {
    const loaded = await carriedOut({ partitions: 3, durations: { replicationDelay: 400 } }, () => restart(), 10);
    await expectWhole(loaded);
    expect(new Set(movesOf(loaded.run).flatMap(({ moved }) => moved.map(({ fence }) => fence)))).toContain("tablet");
  });
});

describe("tables of one replica", () => {
  test("[OM-1] add-replica: a replica is added before, leads meanwhile, and is deleted after", async () => {
    const loaded = await carriedOut({ replicas: 1, partitions: 3 }, () => restart({ "single-replica": "add-replica" }));
    await expectWhole(loaded);
    expect(loaded.run.count("NameServer/AddReplicaNS")).toBe(1);
    expect(loaded.run.count("NameServer/DelReplicaNS")).toBe(1);
  });
  test("[OM-2] allow-unavailable: they go down with their tablet and come back with all their rows", async () => {
    const loaded = await carriedOut({ replicas: 1, partitions: 3 }, () => restart({ "single-replica": "allow-unavailable" }));
    await expectWhole(loaded);
    expect(loaded.run.count("NameServer/AddReplicaNS")).toBe(0);
  });
});

test("restore-leaders=never leaves the leaders where they went, and moves each once", async () => {
  const loaded = await carriedOut({}, () => restart({ "restore-leaders": "never" }));
  const after = await expectWhole(loaded, "anywhere");
  const tablet1 = after.structure.nodes["tablet1"]?.endpoint;
  expect(Object.values(leadersOf(after))).not.toContain(tablet1);
});

test("[OC-4] several tablets at once only with a reason, and what has all its replicas there is refused", async () => {
  const { run, writer } = await underLoad({ tablets: 2 });
  writer.end();
  await expect(run.plan(goalOf({ restart: true, options: { "parallel-tablets": "2" } }))).rejects.toThrow(/need a reason/);
  await expect(run.plan(goalOf({ restart: true, options: { "parallel-tablets": "2", "parallel-reason": "window" } }))).rejects.toThrow(
    /all its replicas/,
  );
});

describe("maintenance", () => {
  test("[OM-10] [OM-16] drain makes a tablet free, and restore puts back what the drain moved", async () => {
    const loaded = await underLoad();
    const { run } = loaded;
    await run.plan(goalOf({ maintenance: { is: "drain", node: "tablet1" } }));
    expect(await run.process()).toEqual({ is: "succeeded" });
    const tablet1 = loaded.before.structure.nodes["tablet1"]?.endpoint;
    const drained = await run.inspect();
    expect(Object.values(leadersOf(drained))).not.toContain(tablet1);
    expect(drained.now.autoFailover).toBe(true);
    const kept = run.kept();
    await run.lab.world.run(run.lab.restart("tablet1"));
    run.events.length = 0;
    await run.plan(goalOf({ maintenance: { is: "restore", node: "tablet1", drained: kept } }));
    expect(await run.process()).toEqual({ is: "succeeded" });
    await expectWhole(loaded);
  });
  test("[OC-5] recover waits for a tablet that may have the largest offset, and then heals it too", async () => {
    const loaded = await underLoad({ flags: { nameserver: { auto_failover: "false" } } });
    const { run } = loaded;
    const { endpoint } = run.lab.node("tablet1");
    run.lab.kill("tablet1");
    await run.lab.world.run(
      run.lab.until("its registration is gone", () => Promise.resolve(!run.lab.zookeeper.peekChildren("/openmldb/nodes").includes(endpoint))),
    );
    await run.plan(goalOf({ maintenance: { is: "recover" } }));
    run.lab.world.after(60_000, () => run.lab.start("tablet1"));
    expect(await run.process()).toEqual({ is: "succeeded" });
    await expectWhole(loaded);
  });
  test("[OC-5] recover is refused, with what to do, where only a process can bring back what is sick", async () => {
    const { run } = await underLoad();
    run.lab.kill("tablet1");
    await run.lab.world.run(
      run.lab.until("the nameserver has given its leaders away", async () => {
        const { now } = await run.open().inspector.inspect();
        return Object.values(now.partitions).every((partition) => leaderOf(partition)?.own != null);
      }),
    );
    await expect(run.plan(goalOf({ maintenance: { is: "recover" } }))).rejects.toThrow("every replica that is sick lives on tablet1");
  });
  test("[OC-5] [OM-15] recover heals a tablet that came back with auto_failover off, and touches no other", async () => {
    const loaded = await underLoad({ flags: { nameserver: { auto_failover: "false" } } });
    const { run } = loaded;
    await run.lab.world.run(run.lab.restart("tablet1"));
    await run.plan(goalOf({ maintenance: { is: "recover" } }));
    run.sent.length = 0;
    expect(await run.process()).toEqual({ is: "succeeded" });
    const tablet1 = loaded.before.structure.nodes["tablet1"]?.endpoint ?? "";
    const recovered = run.sent
      .filter(({ method }) => method === "NameServer/RecoverTable")
      .map(({ body }) => (JSON.parse(body) as { endpoint: string }).endpoint);
    const led = Object.entries(leadersOf(loaded.before)).filter(([, leader]) => leader === tablet1);
    const sick = Object.entries(loaded.before.now.partitions).flatMap(([key, { replicas }]) =>
      replicas.filter(({ endpoint }) => endpoint === tablet1 || led.some(([each]) => each === key)).map(({ endpoint }) => `${key} ${endpoint}`),
    );
    expect(recovered.length).toBeLessThanOrEqual(sick.length);
    await expectWhole(loaded);
    await expect(run.plan(goalOf({ maintenance: { is: "recover" } }))).rejects.toThrow(/nothing is sick/);
  });
});
