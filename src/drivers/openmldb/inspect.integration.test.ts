// The observation of a whole lab cluster in memory, well and sick.
import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../../lab/kit/memory-disk.ts";
import { NoReply } from "../../../lab/kit/network.ts";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../../lab/openmldb/memory/cluster.ts";
import { MemoryHost } from "../../../lab/openmldb/memory/host.ts";
import { hostErrors } from "../../hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpClient } from "../../model/http.ts";
import type { OmFacts } from "./facts.ts";
import { factTables } from "./fact-tables.ts";
import { Inspector } from "./inspect.ts";
import { openCluster } from "./open-cluster.ts";
import { sicknesses } from "./partition-health.ts";
import { definitionOf } from "./testing/memory-run.ts";

const httpTo = (lab: MemoryCluster): HttpClient => ({
  async request({ method, url, headers = {}, body = "", timeoutMs }) {
    const { host, pathname } = new URL(url);
    try {
      return await lab.network.call("127.0.0.1:2", host, { method, path: pathname, headers: { ...headers }, body }, timeoutMs);
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw error.failure === "refused" ? new Refused(`${host} cannot be reached`) : new Unreachable(`${host} did not answer: ${error.failure}`);
    }
  },
});

interface Lab {
  readonly lab: MemoryCluster;
  readonly inspect: () => Promise<OmFacts>;
}
async function labOf(options: MemoryClusterOptions, definitionMore: Partial<ClusterDefinition> = {}): Promise<Lab> {
  const lab = await memoryCluster(options);
  const http = httpTo(lab);
  const hosts = new Map(
    lab.nodes.map(({ machine }) => [machine.name, new MemoryHost({ machine, clock: lab.world, errors: hostErrors, local: new MemoryDisk() })]),
  );
  const handles: Handles = {
    host: (name) => {
      const found = hosts.get(name);
      if (!found) throw new Error(name);
      return found;
    },
    http: () => http,
    secret: async (reference) => reference,
    now: () => lab.world.now(),
  };
  const cluster = openCluster({ ...definitionOf(lab), ...definitionMore }, handles);
  const inspector = new Inspector(cluster);
  return { lab, inspect: () => lab.world.run(inspector.inspect()) };
}

describe("a cluster that is well", () => {
  it("tells nodes, tables, partitions with the tablets' own word, operations and settings", async () => {
    const { lab, inspect } = await labOf({ nameservers: 2, tablets: 3, apiservers: 1, taskmanagers: 2, partitions: 4, replicas: 2 });
    await lab.world.run(lab.settled());
    await lab.world.advance(20_000);
    const facts = await inspect();
    const { nodes, tables } = facts.structure;
    expect(Object.keys(nodes)).toEqual(lab.nodes.map(({ name }) => name));
    expect(nodes["tablet1"]).toMatchObject({
      role: "tablet",
      endpoint: lab.node("tablet1").endpoint,
      directory: "/srv/tablet1",
      component: "tablet",
      installed: "0.9.2",
      shares: [],
    });
    expect(nodes["taskmanager1"]?.installed).toBe("0.9.2");
    expect(tables["test.t1"]).toMatchObject({ db: "test", name: "t1", replicas: 2, storage: "kMemory" });
    expect(Object.keys(tables["test.t1"]?.placement ?? {})).toEqual(["0", "1", "2", "3"]);
    expect(Object.keys(tables).filter((name) => name.startsWith("__INTERNAL_DB."))).not.toEqual([]);
    expect(Object.values(facts.now.partitions).flatMap((each) => sicknesses(each))).toEqual([]);
    expect(facts.now.nameserver).toBe(await lab.world.run(lab.leader()));
    expect(facts.now).toMatchObject({ autoFailover: true, operations: [], warnings: [], zookeeper: null });
    expect(facts.now.settings).toEqual({ taskConcurrency: 2, systemTableReplicas: 2, sessionTimeoutMs: 10_000, heartbeatTimeoutMs: 60_000 });
    expect(
      Object.fromEntries(
        Object.entries(facts.now.nodes).map(([name, { process, running, state }]) => [name, `${process} ${String(running)} ${state}`]),
      ),
    ).toEqual({
      nameserver1: "background 0.9.2 answers",
      nameserver2: "background 0.9.2 answers",
      tablet1: "background 0.9.2 healthy",
      tablet2: "background 0.9.2 healthy",
      tablet3: "background 0.9.2 healthy",
      apiserver1: "background 0.9.2 answers",
      taskmanager1: "background 0.9.2 leader",
      taskmanager2: "background null standby",
    });
    expect(factTables(facts).flatMap(({ rows }) => rows.filter(({ sick }) => sick))).toEqual([]);
  });
});

describe("[OM-18] a cluster that is sick: nothing is hidden", () => {
  it("a tablet that was killed: offline, its replicas not loaded, each named", async () => {
    const { lab, inspect } = await labOf({ nameservers: 2, tablets: 3, apiservers: 1, partitions: 4, replicas: 2 });
    await lab.world.run(lab.settled());
    lab.kill("tablet2");
    await lab.world.advance(15_000);
    const facts = await inspect();
    const { endpoint } = lab.node("tablet2");
    expect(facts.now.nodes["tablet2"]).toMatchObject({ process: "down", pid: null, running: null, state: "offline" });
    const held = Object.values(facts.now.partitions).filter(({ replicas }) => replicas.some((replica) => replica.endpoint === endpoint));
    expect(held.length).toBeGreaterThan(0);
    for (const partition of held) expect(sicknesses(partition).join()).toContain(`${endpoint} has not loaded it, or does not answer`);
    expect(facts.now.warnings?.some((text) => text.startsWith("test.t1: "))).toBe(true);
    expect(
      factTables(facts)
        .find(({ name }) => name === "tables")
        ?.rows.some(({ sick }) => sick),
    ).toBe(true);
  });

  it("an election: nobody is told that there are no tables", async () => {
    const { lab, inspect } = await labOf({ nameservers: 2, tablets: 2, partitions: 2 });
    const leader = lab.at((await lab.world.run(lab.leader())) ?? "");
    lab.kill(leader.name);
    await expect(inspect()).rejects.toThrow("no nameserver leads the cluster now");
    await lab.world.advance(30_000);
    const facts = await inspect();
    expect(facts.now.nameserver).not.toBeNull();
    expect(facts.now.nameserver).not.toBe(leader.endpoint);
    expect(facts.now.nodes[leader.name]).toMatchObject({ process: "down", state: "silent" });
  });

  it("the only nameserver is down: that is said, and it can be started from there", async () => {
    const { lab, inspect } = await labOf({ nameservers: 1, tablets: 2, partitions: 2 });
    lab.kill("nameserver1");
    const facts = await inspect();
    expect(facts.now.nameserver).toBeNull();
    expect(facts.structure.tables).toEqual({});
    expect(facts.now.nodes["nameserver1"]).toMatchObject({ process: "down", state: "silent" });
  });

  it("[OM-7] mon was killed: its component goes on", async () => {
    const { lab, inspect } = await labOf({ nameservers: 1, tablets: 2, partitions: 2 });
    const { machine, directory } = lab.node("tablet1");
    lab.kill("tablet1");
    await lab.world.advance(15_000);
    machine.boot(directory, "tablet", true);
    await lab.world.advance(15_000);
    const daemon = (await inspect()).now.nodes["tablet1"];
    expect(daemon).toMatchObject({ process: "daemon" });
    machine.killMonAlone(daemon?.monPid ?? 0);
    expect((await inspect()).now.nodes["tablet1"]).toMatchObject({ process: "daemon-lost-mon", pid: daemon?.pid, monPid: null });
  });

  it("a cluster file that names the wrong endpoint is refused by what conf says", async () => {
    const { lab } = await labOf({ nameservers: 1, tablets: 2, partitions: 0 });
    const wrong = lab.nodes.map(({ name, role, endpoint, directory, machine }) => ({
      name,
      host: machine.name,
      endpoint: name === "tablet1" ? "127.0.0.1:1999" : endpoint,
      service: null,
      options: { role, directory },
    }));
    const { inspect } = await labOf({ nameservers: 1, tablets: 2, partitions: 0 }, { nodes: wrong });
    await expect(inspect()).rejects.toThrow("the cluster file says 127.0.0.1:1999");
  });
});
