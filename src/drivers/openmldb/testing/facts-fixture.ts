// Facts of a cluster that was never started, for tests of what is pure.
import type { Goal } from "../../../model/goal.ts";
import {
  partitionKey,
  type OmFacts,
  type OmNodeNow,
  type OmNodeStructure,
  type OmNow,
  type OmPartition,
  type OmReplica,
  type Role,
} from "../facts.ts";

export interface NodeFixture extends Partial<OmNodeNow>, Partial<Omit<OmNodeStructure, "role">> {
  readonly role: Role;
}
/** Partition by partition: who leads first, then its followers, by the names of nodes. */
export interface TableFixture {
  readonly partitions: readonly (readonly string[])[];
  /** Default: as many as the first partition has. */
  readonly replicas?: number;
  readonly bytes?: number;
}

const stateOf: Readonly<Record<Role, OmNodeNow["state"]>> = { nameserver: "answers", tablet: "healthy", apiserver: "answers", taskmanager: "leader" };

/** Everything runs 0.9.2 and is well; ns1 leads, t1 to t3 are tablets. Nodes are named in `more.nodes`, which replace the usual ones. */
export function omFacts(
  tables: Readonly<Record<string, TableFixture>> = {
    "test.t1": {
      partitions: [
        ["t1", "t2"],
        ["t2", "t3"],
      ],
    },
  },
  more: { readonly nodes?: Readonly<Record<string, NodeFixture>>; readonly now?: Partial<OmNow> } = {},
): OmFacts {
  const nodes: Readonly<Record<string, NodeFixture>> = more.nodes ?? {
    ns1: { role: "nameserver" },
    ns2: { role: "nameserver" },
    t1: { role: "tablet" },
    t2: { role: "tablet" },
    t3: { role: "tablet" },
    api1: { role: "apiserver" },
  };
  const structure: Record<string, OmNodeStructure> = {};
  const nodesNow: Record<string, OmNodeNow> = {};
  for (const [name, fixture] of Object.entries(nodes)) {
    const {
      role,
      endpoint = endpointOf(name),
      directory = `/opt/${name}`,
      component = role,
      installed = "0.9.2",
      shares = [],
      settings,
      ...own
    } = fixture;
    structure[name] = { role, endpoint, directory, component, installed, shares, ...(settings === undefined ? {} : { settings }) };
    const tablet = role === "tablet";
    nodesNow[name] = {
      process: "background",
      pid: 1,
      monPid: null,
      running: "0.9.2",
      state: stateOf[role],
      ageMs: tablet ? 60_000 : null,
      memoryBytes: tablet ? 1_000 : null,
      maxMemoryBytes: tablet ? 1_000_000 : null,
      ...own,
    };
  }
  const partitions: Record<string, OmPartition> = {};
  const tableStructures: OmFacts["structure"]["tables"] = Object.fromEntries(
    Object.entries(tables).map(([name, { partitions: held, replicas, bytes = 500 }], index) => {
      const tid = index + 1;
      const [db = "", table = ""] = name.split(".");
      for (const [pid, holders] of held.entries())
        partitions[partitionKey(tid, pid)] = {
          table: name,
          tid,
          pid,
          replicas: holders.map((node, place) => replicaOf(node, place === 0)),
          term: { term: 1, offset: 1 },
          rows: 10,
          bytes,
        };
      const placement = Object.fromEntries(held.map((holders, pid) => [String(pid), holders.map(endpointOf).toSorted()]));
      return [name, { db, name: table, tid, replicas: replicas ?? held[0]?.length ?? 0, storage: "kMemory", placement }];
    }),
  );
  return {
    structure: { nodes: structure, tables: tableStructures },
    now: {
      nodes: nodesNow,
      nameserver: endpointOf("ns1"),
      autoFailover: true,
      partitions,
      operations: [],
      lastOperation: 7,
      warnings: [],
      zookeeper: { servers: 3, answering: 3, quorum: true },
      settings: { taskConcurrency: 2, systemTableReplicas: 2, sessionTimeoutMs: 10_000, heartbeatTimeoutMs: 60_000 },
      ...more.now,
    },
  };
}
export const endpointOf = (node: string): string => `${node}.example:1`;
export const replicaOf = (node: string, leads: boolean, more: Partial<OmReplica> = {}): OmReplica => ({
  endpoint: endpointOf(node),
  leads,
  alive: true,
  own: { offset: 100, mode: leads ? "leader" : "follower", state: "kTableNormal" },
  ...more,
});

/** The replicas of one partition are others. */
export const withReplicas = (facts: OmFacts, key: string, replicas: readonly OmReplica[]): OmFacts => {
  const partition = facts.now.partitions[key];
  if (!partition) throw new Error(`no partition ${key}`);
  return { ...facts, now: { ...facts.now, partitions: { ...facts.now.partitions, [key]: { ...partition, replicas } } } };
};

export const omGoal = (more: Partial<Goal> = {}): Goal => ({
  version: "0.9.3",
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...more,
});

/** A partition of `db.t` that `leader` leads and `follower` follows, both at that offset. */
export const partitionFixture = (pid: number, leader: string, follower: string, offset: number, rows = offset): OmPartition => ({
  table: "db.t",
  tid: 6,
  pid,
  replicas: [
    { endpoint: leader, leads: true, alive: true, own: { offset, mode: "leader", state: "kTableNormal" } },
    { endpoint: follower, leads: false, alive: true, own: { offset, mode: "follower", state: "kTableNormal" } },
  ],
  term: { term: 1, offset: 1 },
  rows,
  bytes: 100,
});
/** Small, on 0.8.5, with settings of its nodes, and one table `db.t` (tid 6) on the tablets a:1 and b:1. */
export function factsFixture(
  partitions: readonly OmPartition[] = [partitionFixture(0, "a:1", "b:1", 100), partitionFixture(1, "b:1", "a:1", 50)],
): OmFacts {
  const old = { installed: "0.8.5", running: "0.8.5" };
  const facts = omFacts(
    {},
    {
      nodes: {
        ns1: { role: "nameserver", endpoint: "ns:1", state: "leader", ...old, settings: {} },
        ns2: { role: "nameserver", endpoint: "ns:2", state: "standby", ...old, settings: {} },
        t1: { role: "tablet", endpoint: "a:1", ...old, settings: { gc_interval: "60", role: "tablet" } },
        t2: { role: "tablet", endpoint: "b:1", ...old, settings: { gc_interval: "90" } },
        api1: { role: "apiserver", endpoint: "api:1", ...old, settings: {} },
        tm1: { role: "taskmanager", endpoint: "tm:1", ...old, settings: { "job.tracker.interval": "30" } },
      },
      now: { nameserver: "ns:1", zookeeper: null, partitions: Object.fromEntries(partitions.map((each) => [partitionKey(6, each.pid), each])) },
    },
  );
  const placement = { "0": ["a:1", "b:1"], "1": ["a:1", "b:1"] };
  const tables = { "db.t": { db: "db", name: "t", tid: 6, replicas: 2, storage: "kMemory" as const, placement } };
  return { ...facts, structure: { ...facts.structure, tables } };
}
