// What the driver sees of a whole lab cluster in memory: the real wire, scripts and process lists, on virtual time.
import { afterEach, expect, it } from "vitest";
import { memoryTransport } from "../../../lab/dolphindb/memory/transport.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import { compare } from "./compare.ts";
import { discover } from "./discover.ts";
import type { DdFacts } from "./facts.ts";
import { openCluster } from "./open-cluster.ts";
import { goalOf, MemoryRun } from "./testing/memory-run.ts";
import { troubles } from "./troubles.ts";
import { Session } from "./wire/session.ts";
import { appendTo, createProbeTable } from "./wire/probe-scripts.ts";

const database = "dfs://seen";
const lanes = 6;
let run: MemoryRun | null = null;
afterEach(() => {
  run = null;
});

/** A cluster with a chunk for each lane, written through the driver's own session. */
async function withChunks(release: string): Promise<MemoryRun> {
  const made = await MemoryRun.begin({ release });
  run = made;
  const { world } = made.lab;
  const { cluster } = made.open();
  const { transport, credentials } = cluster;
  const address = cluster.node("node1").endpoint;
  const session = await world.run(Session.open({ transport, address, server: "node1", credentials, timeoutMs: 5_000 }));
  await world.run(session.script(createProbeTable(database, "t", lanes), 30_000));
  for (let lane = 0; lane < lanes; lane++) {
    const row = {
      is: "typed table" as const,
      columns: [
        { name: "seq", type: "long" as const, items: [lane] },
        { name: "ts", type: "timestamp" as const, items: [world.now()] },
        { name: "writer", type: "string" as const, items: ["w"] },
        { name: "attempt", type: "int" as const, items: [1] },
        { name: "lane", type: "int" as const, items: [lane] },
        { name: "recordKey", type: "string" as const, items: [`k${String(lane)}`] },
        { name: "recordValue", type: "string" as const, items: ["v"] },
      ],
    };
    expect(await world.run(session.call(appendTo(database, "t"), [row], 30_000))).toBe(1);
  }
  await world.run(made.lab.settled());
  return made;
}
const states = ({ now }: DdFacts): readonly string[] =>
  Object.entries(now.nodes).flatMap(([name, { state }]) => (state === "serving" ? [] : [`${name} ${state}`]));

it("[DD-13] [DD-15] counts chunks and what is missing of them as a node goes, the leader goes, and copies are made", async () => {
  const { lab } = await withChunks("2.00.8.12");
  const memory = run as MemoryRun;
  const well = await memory.inspect();
  expect(states(well)).toEqual([]);
  expect(well.now).toMatchObject({
    chunks: { total: lanes, recovering: 0, underReplicated: 0, unequal: 0, onOneHost: {} },
    recovery: { waiting: 0, inProgress: 0, aborted: 0 },
    unresolvedTransactions: 0,
    replicasInRecovery: 0,
  });
  expect(Object.values(well.structure.nodes).map(({ installed }) => installed)).toEqual(Array.from({ length: 9 }, () => "2.00.8.12"));

  lab.kill("node2");
  expect(states(await memory.inspect())).toEqual(["node2 down"]);
  await lab.world.advance(20_000);
  const missing = await memory.inspect();
  const { chunks } = missing.now;
  const without = chunks?.underReplicated ?? 0;
  expect(without).toBeGreaterThan(0);
  // COMPLETE all the same: the tutorial's own question sees nothing (facts 0.2).
  expect(chunks).toMatchObject({ recovering: 0, constructing: 0 });
  expect(Object.values(chunks?.onOneHost ?? {}).reduce((sum, count) => sum + count, 0)).toBe(without);
  expect(chunks?.examples[0]?.what).toMatch(/^COMPLETE, 1 replica: node[13] version \d+$/);
  expect(missing.structure).toEqual({
    ...well.structure,
    nodes: { ...well.structure.nodes, node2: { ...well.structure.nodes["node2"], settings: {} } },
  });

  const leader = well.now.leader ?? "";
  lab.kill(leader);
  const election = await memory.inspect();
  expect(election.now).toMatchObject({ leader: null, chunks: null, recovery: null });
  await lab.world.advance(30_000);
  const elected = await memory.inspect();
  expect(elected.now.leader).not.toBeNull();
  expect(elected.now.leader).not.toBe(leader);
  expect(elected.now.chunks?.total).toBe(lanes);

  await lab.world.advance(180_000);
  // dfsRecoveryWaitTime is over: everything that node2 had was copied to the third node (facts 0.3).
  expect((await memory.inspect()).now.chunks).toMatchObject({ total: lanes, underReplicated: 0, onOneHost: {} });
});

it("a copy that was given up is told with the chunk's lines of the logs: the controller alone knows, and forgets with the next leader", async () => {
  const { lab } = await withChunks("2.00.8.12");
  const memory = run as MemoryRun;
  const before = await memory.inspect();
  for (const { alias } of lab.of("datanode")) await lab.world.run(lab.setFault(alias, "fail-recovery"));
  lab.kill("node2");
  await lab.world.advance(400_000);
  const after = await memory.inspect();
  expect(after.now.recovery?.aborted).toBeGreaterThan(0);
  const found = await lab.world.run(troubles(memory.open().cluster, before, after));
  expect(found).toHaveLength(after.now.recovery?.aborted ?? 0);
  expect(found[0]?.what).toMatch(/^its copy from node[13] to node[13] is Aborted/);
  expect(found[0]?.object).toMatch(/^chunk [0-9a-f-]{36} \(\/seen\/\d/);
  expect(compare(before, after, goalOf()).find(({ object }) => object === "recovery")?.verdict).toBe("failed");
  // What was there before is not told again.
  expect(await lab.world.run(troubles(memory.open().cluster, after, after))).toEqual([]);
});

it("[DD-10] a release before 2.00.8 is not asked what it does not know, and says so with null", async () => {
  const { now } = await (await withChunks("2.00.7.4")).inspect();
  expect(now.unresolvedTransactions).toBeNull();
  expect(Object.values(now.nodes).map(({ running }) => running)).toEqual(Array.from({ length: 9 }, () => "2.00.7.4"));
});

it("init finds the whole cluster from any one controller, and what it writes can be inspected", async () => {
  const { lab } = await withChunks("2.00.8.12");
  const memory = run as MemoryRun;
  const transport = memoryTransport(lab.network, "127.0.0.1:20900", {
    refused: (message, object) => new Refused(message, { object }),
    unreachable: (message, object) => new Unreachable(message, { object }),
  });
  const handles = {
    host: (name: string) => memory.host(`h${name.slice(name.lastIndexOf(".") + 1)}`),
    http: () => ({ request: () => Promise.reject(new Error("nothing is sent over HTTP here")) }),
    secret: () => Promise.resolve("123456"),
    now: () => lab.world.now(),
  };
  const [seed] = lab.of("controller").filter(({ alias }) => alias !== "ctl1");
  const options = { controller: seed?.endpoint ?? "", user: "admin", password: "@env:DDB" };
  const definition = await lab.world.run(discover("", options, handles, { transport }));
  expect(
    definition.nodes.map(({ name, endpoint, options: own }) => `${name} ${endpoint} ${String(own["role"])} ${String(own["server"])}`).toSorted(),
  ).toEqual(lab.nodes.map(({ alias, endpoint, role }) => `${alias} ${endpoint} ${role} /opt/dolphindb/server`).toSorted());
  const found = openCluster(definition, handles, { transport });
  expect(await lab.world.run(found.rpc.leader())).toMatch(/^ctl[123]$/);
});
