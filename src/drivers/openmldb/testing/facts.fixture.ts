// A small cluster as one observation, for tests of what is pure.
import type { OmFacts, OmNodeNow, OmNodeStructure, OmPartition, Role } from "../facts.ts";

const node = (role: Role, endpoint: string, settings: Readonly<Record<string, string>> = {}): OmNodeStructure => ({
  role,
  endpoint,
  directory: `/srv/${endpoint}`,
  component: role,
  installed: "0.8.5",
  shares: [],
  settings,
});
const now = (state: OmNodeNow["state"]): OmNodeNow => ({
  process: "background",
  pid: 1,
  monPid: null,
  running: "0.8.5",
  state,
  ageMs: null,
  memoryBytes: null,
  maxMemoryBytes: null,
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
export function factsFixture(
  partitions: readonly OmPartition[] = [partitionFixture(0, "a:1", "b:1", 100), partitionFixture(1, "b:1", "a:1", 50)],
): OmFacts {
  return {
    structure: {
      nodes: {
        ns1: node("nameserver", "ns:1"),
        ns2: node("nameserver", "ns:2"),
        t1: node("tablet", "a:1", { gc_interval: "60", role: "tablet" }),
        t2: node("tablet", "b:1", { gc_interval: "90" }),
        api1: node("apiserver", "api:1"),
        tm1: node("taskmanager", "tm:1", { "job.tracker.interval": "30" }),
      },
      tables: { "db.t": { db: "db", name: "t", tid: 6, replicas: 2, storage: "kMemory", placement: { "0": ["a:1", "b:1"], "1": ["a:1", "b:1"] } } },
    },
    now: {
      nodes: { ns1: now("leader"), ns2: now("standby"), t1: now("healthy"), t2: now("healthy"), api1: now("answers"), tm1: now("leader") },
      nameserver: "ns:1",
      autoFailover: true,
      partitions: Object.fromEntries(partitions.map((each) => [`6/${String(each.pid)}`, each])),
      operations: [],
      lastOperation: 7,
      warnings: [],
      zookeeper: null,
      settings: { taskConcurrency: 2, systemTableReplicas: 2, sessionTimeoutMs: 10_000, heartbeatTimeoutMs: 60_000 },
    },
  };
}
