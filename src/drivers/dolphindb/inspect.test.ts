import { describe, expect, it } from "vitest";
import { Unreachable } from "../../model/errors.ts";
import { DolphindbDriver } from "./driver.ts";
import type { DdFacts } from "./facts.ts";
import { minutesIn } from "./observe-felt.ts";
import { versionWords } from "./observe-node.ts";
import { doubleDefinition, doubleHandles, everyAlias, serversOf, table, type DoubleOptions } from "./testing/cluster-double.ts";
import { value, type ServerDouble } from "./testing/server-double.ts";
import { Malformed, ServerRefused } from "./wire/errors.ts";
import * as scripts from "./wire/scripts.ts";

function stand(
  options: DoubleOptions = {},
  running = everyAlias(),
): { readonly servers: ServerDouble; readonly inspect: () => Promise<DdFacts>; readonly driver: DolphindbDriver } {
  const servers = serversOf(options);
  const driver = new DolphindbDriver(doubleDefinition, doubleHandles(running), { transport: servers });
  return { servers, driver, inspect: () => driver.inspect() };
}

describe("inspect", () => {
  it("[DD-10] asks every node itself for its version, controllers and agents too", async () => {
    const { inspect, servers } = stand();
    const { structure, now } = await inspect();
    expect(Object.values(now.nodes).map(({ running, state }) => `${running ?? ""} ${state}`)).toEqual(
      Array.from({ length: 9 }, () => "2.00.8.12 serving"),
    );
    expect(servers.asked.filter(({ what }) => what === "version").map(({ server }) => server)).toEqual(
      expect.arrayContaining(["h1:8800", "h2:8801", "h3:8802"]),
    );
    expect(now).toMatchObject({
      leader: "ctl1",
      unresolvedTransactions: 0,
      replicasInRecovery: 0,
      timing: { electionTick: 800, heartbeatTimeoutMs: 8_000 },
    });
    expect(now.nodes["ctl1"]).toMatchObject({ leads: true, restartIntervalS: 0, boot: "1000@77", connections: 3 });
    expect(structure).toMatchObject({ replicationFactor: 2, reliabilityLevel: 1, haMode: "Raft" });
    expect(structure.nodes["node1"]).toMatchObject({ installed: "2.00.8.12", host: "h1", settings: { dfsHAMode: "Raft" } });
    // What may change by itself is no structure.
    expect(structure.nodes["node1"]?.settings).not.toHaveProperty("workerNum");
  });
  it("asks for controllers in getClusterPerf only from 2.00.7 on, of the leader alone, once; for transactions only from 2.00.8 on (facts 1.3, 2)", async () => {
    const asked = async (version: string): Promise<readonly string[]> => {
      const { inspect, servers } = stand({ version });
      await inspect();
      return servers.asked.flatMap(({ server, what, arguments: count }) =>
        what === "getClusterPerf"
          ? [`${server} perf(${String(count)})`]
          : what === `script ${scripts.unresolvedTransactions}`
            ? ["transactions"]
            : [],
      );
    };
    expect(await asked("2.00.6.5 2022.06.01")).toEqual(["h1:8800 perf(0)"]);
    expect(await asked("2.00.7.4 2022.12.01")).toEqual(["h1:8800 perf(1)"]);
    expect(await asked("2.00.8.12 2023.01.10")).toEqual(["h1:8800 perf(1)", "transactions"]);
  });
  it("counts chunks by what the controller has added up, and never pulls them", async () => {
    const { inspect, servers } = stand({
      groups: [
        [90_000, "COMPLETE", 2, "node1,node2"],
        [9_990, "COMPLETE", 2, "node3,node1"],
        [5, "COMPLETE", 1, "node2"],
        [3, "RECOVERING", 2, "node2,node3"],
        [2, "CONSTRUCTING", 3, "node1,node2,node3"],
      ],
      answers: ({ what }) => {
        if (what === `script ${scripts.unequalChunks([1, 2, 3])}`) return value(4);
        if (!what.startsWith("script select top")) return null;
        return table({
          chunkId: ["c-1"],
          file: ["/db/1"],
          state: ["RECOVERING"],
          version: [3],
          replicaCount: [2],
          replicas: ["node2:3:0:false:17:1,node3:2:1:false:17:1"],
        });
      },
    });
    const { now } = await inspect();
    expect(now.chunks).toEqual({
      total: 100_000,
      constructing: 2,
      recovering: 3,
      underReplicated: 5,
      overReplicated: 2,
      unequal: 4,
      stuck: 0,
      written: "8:24",
      onOneHost: { h2: 5 },
      examples: [{ chunkId: "c-1", file: "/db/1", what: "RECOVERING, 2 replicas: node2 version 3, node3 version 2 corrupted" }],
    });
    expect(servers.asked.filter(({ what }) => what === "getClusterChunksStatus")).toEqual([]);
  });
  it("[DD-14] no chunk at all is an answer, no leader is none, and nonsense is neither", async () => {
    const empty = await stand({ groups: [] }).inspect();
    expect(empty.now.chunks).toMatchObject({ total: 0, recovering: 0, unequal: 0 });
    const nothing = await stand({ answers: ({ what }) => (what === `script ${scripts.chunkGroups}` ? value(null) : null) }).inspect();
    expect(nothing.now.chunks).toMatchObject({ total: 0 });
    const { inspect, servers } = stand();
    for (const host of ["h1", "h2", "h3"]) servers.down.add(`${host}:8800`);
    expect((await inspect()).now).toMatchObject({ leader: null, chunks: null, recovery: null, unresolvedTransactions: null });
    const strange = stand({ answers: ({ what }) => (what === `script ${scripts.chunkGroups}` ? value("COMPLETE") : null) });
    await expect(strange.inspect()).rejects.toThrow(Malformed);
  });
  it("a gate that cannot be asked is no passed gate: an answer that does not come ends the look", async () => {
    await expect(stand({ answers: ({ what }) => (what === `script ${scripts.chunkGroups}` ? "silent" : null) }).inspect()).rejects.toThrow(
      Unreachable,
    );
  });
  it("tells tasks of the recovery queue apart, in the words of old and new releases", async () => {
    const { now } = await stand({
      answers: ({ what }) =>
        what === `script ${scripts.recoveryTasks}`
          ? table({
              tasks: [2, 1, 3, 1],
              Status: ["Waiting", "In-Progress", "Abort", "Waiting"],
              TaskType: ["ChunkRecovery", "ChunkRecovery", "ChunkRecovery", "LoadRebalance"],
            })
          : null,
    }).inspect();
    expect(now.recovery).toEqual({ waiting: 3, inProgress: 1, aborted: 3, loadRebalance: 1 });
  });
});

it("replicas in recovery: a data node that does not tell is not one without any", async () => {
  const of = (answer: ReturnType<typeof value>): Promise<DdFacts> =>
    stand({ answers: ({ server, what }) => (server === "h2:8802" && what === `script ${scripts.replicasInRecovery}` ? answer : null) }).inspect();
  expect((await of(value(3))).now.replicasInRecovery).toBe(3);
  expect((await of({ error: "Cannot recognize function: getAllChunks. RefId: S00015" })).now.replicasInRecovery).toBeNull();
  await expect(of({ error: "No permission. RefId: S04001" })).rejects.toThrow(ServerRefused);
  await expect(of("silent")).rejects.toThrow(Unreachable);
});

describe("what users lose with a node", () => {
  const lost: DoubleOptions = {
    answers: ({ server, what }) => {
      if (server !== "h2:8802") return null;
      switch (what) {
        case "getStreamTables":
          return table({ name: ["ticks"], totalRows: [500] });
        case "objs":
          return table({ name: ["ticks", "prices", "x"], form: ["TABLE", "TABLE", "SCALAR"], shared: [true, true, true], rows: [500, 7, 1] });
        case "getScheduledJobs":
          return table({
            jobId: ["nightly", "old", "nightly"],
            frequency: [68, 68, 68],
            scheduledTime: [5, 10, 65],
            endDate: [30_000, 19_000, 30_000],
          });
        case "getRecentJobs":
          return table({ jobId: ["load", "done", "waits"], startTime: [3, 3, null], endTime: [null, 7, null] });
        default:
          return null;
      }
    },
  };
  it("is read from the node itself: tables in memory, jobs that run, jobs that are due", async () => {
    const { driver, inspect } = stand(lost);
    const facts = await inspect();
    expect(facts.now.nodes["node2"]?.felt).toEqual({
      volatileTables: [
        { name: "ticks", kind: "stream", rows: 500 },
        { name: "prices", kind: "shared", rows: 7 },
      ],
      scheduledJobs: [{ id: "nightly", frequency: "D", minutes: [5, 65] }],
      batchJobs: ["load"],
      serverMinute: 870,
    });
    expect(facts.now.nodes["ctl2"]).not.toHaveProperty("felt");
    const rows = driver
      .tables(facts)
      .flatMap(({ name, rows: all }) => (name === "jobs" || name === "streams" ? all.map(({ cells }) => cells.join(" ")) : []));
    expect(rows).toEqual([
      "node2 load batch runs now",
      "node2 nightly scheduled D 00:05 01:05",
      "node2 ticks stream, not persisted 500",
      "node2 prices shared, in memory 7",
    ]);
  });
  it("is not known where a release cannot tell, which is not the same as nothing", async () => {
    const { inspect } = stand({
      answers: ({ what }) => (what === "getStreamTables" ? { error: "Cannot recognize function: getStreamTables. RefId: S00015" } : null),
    });
    expect((await inspect()).now.nodes["node1"]?.felt).toBeNull();
  });
  it("times of scheduled jobs come as MINUTE or as text", () => {
    expect(minutesIn(5)).toEqual([5]);
    expect(minutesIn([5, 65])).toEqual([5, 65]);
    expect(minutesIn("[00:05m,13:30m]")).toEqual([5, 810]);
    expect(minutesIn(null)).toEqual([]);
  });
});

describe("the state of a node", () => {
  const stateOf = async (
    options: DoubleOptions,
    change: (servers: ServerDouble, running: Set<string>) => void = () => {},
  ): Promise<string | undefined> => {
    const running = everyAlias();
    const { inspect, servers } = stand(options, running);
    change(servers, running);
    return (await inspect()).now.nodes["node3"]?.state;
  };
  const at = (what: string, answer: ReturnType<typeof value>): DoubleOptions => ({
    answers: (asked) => (asked.server === "h3:8802" && asked.what === what ? answer : null),
  });
  it("down: no process and nobody listens", async () => {
    const state = await stateOf({}, (servers, running) => {
      servers.down.add("h3:8802");
      running.delete("node3");
    });
    expect(state).toBe("down");
  });
  it("starting: it runs and does not listen yet, or is not initialised, or has sent no heartbeat", async () => {
    expect(await stateOf({}, (servers) => servers.down.add("h3:8802"))).toBe("starting");
    expect(await stateOf(at("isDataNodeInitialized", value(false)))).toBe("starting");
    expect(await stateOf({ dead: ["node3"] })).toBe("starting");
    expect(await stateOf(at("version", { error: "<DataNodeNotReady>wait" }))).toBe("starting");
  });
  it("draining: it refuses new work (S00005)", async () => {
    expect(await stateOf(at("version", { error: "The server is shutting down. RefId: S00005" }))).toBe("draining");
  });
  it("unreachable: its process runs and no answer comes", async () => {
    expect(await stateOf(at("version", "silent"))).toBe("unreachable");
    expect(await stateOf({}, (servers) => servers.frozen.add("h3:8802"))).toBe("unreachable");
  });
  it("is never guessed: another server on the port, a wrong password and a process nobody knows are errors", async () => {
    await expect(stateOf({}, (servers) => servers.strange.add("h3:8802"))).rejects.toThrow(Malformed);
    await expect(stateOf(at("connect login", value(null)), (_, running) => running.delete("node3"))).rejects.toThrow("no process of it works in");
    const refused: DoubleOptions = {
      answers: ({ what }) => (what.startsWith("connect") ? { error: "The user name or password is incorrect." } : null),
    };
    await expect(stateOf(refused)).rejects.toThrow(ServerRefused);
  });
  it("a node that is down keeps the settings that it had: its plan is not stale for that", async () => {
    const running = everyAlias();
    const { inspect, servers } = stand({}, running);
    const before = await inspect();
    for (const [endpoint, alias] of [
      ["h3:8802", "node3"],
      ["h3:8800", "ctl3"],
    ] as const) {
      servers.down.add(endpoint);
      servers.cut(endpoint);
      running.delete(alias);
    }
    const after = await inspect();
    expect(after.now.nodes["node3"]?.state).toBe("down");
    expect(after.structure).toEqual(before.structure);
  });
});

it("version() is told apart into version and flavour (facts 1.7)", () => {
  expect(versionWords("2.00.8.12 2023.01.10")).toEqual({ version: "2.00.8.12", flavour: null });
  expect(versionWords("3.00.0 2024.03.31 LINUX x86_64")).toEqual({ version: "3.00.0", flavour: "LINUX x86_64" });
  expect(versionWords("something")).toEqual({ version: null, flavour: null });
});

it("inspect's tables name what is wrong", async () => {
  const { driver, inspect } = stand({ groups: [[5, "COMPLETE", 1, "node2"]] });
  const tables = driver.tables(await inspect());
  const sick = tables.flatMap(({ name, rows }) => rows.flatMap((row) => (row.sick ? [`${name}: ${row.cells.join(" ")}`] : [])));
  expect(sick).toEqual(["chunks: fewer replicas than dfsReplicationFactor 5", "chunks: all replicas on h2 5"]);
});
