import { describe, expect, it } from "vitest";
import { judgeState, whatIsWrong, type ChunkSnapshot, type ClusterSnapshot, type NodeSnapshot } from "./dolphindb-state.ts";

const node = (more: Partial<NodeSnapshot> = {}): NodeSnapshot => ({
  alias: "ctl1",
  role: "controller",
  host: "h1",
  version: "2",
  starts: 1,
  failedStarts: 0,
  kills: 0,
  restartInterval: 30,
  recoverySuspended: false,
  ...more,
});
const chunk: ChunkSnapshot = { chunkId: "c", state: "COMPLETE", version: "7", replicaCount: 2, replicas: "n1:7:0,n2:7:0" };
const host = { name: "h1", installed: "2", units: [{ name: "u", restart: "always", dropIns: [] }], unfinished: [] };
const cluster = (more: Partial<ClusterSnapshot> = {}): ClusterSnapshot => ({
  nodes: [node({ starts: 2 })],
  hosts: [host],
  chunks: [chunk],
  queuedTasks: 0,
  unresolvedTransactions: 0,
  ...more,
});
const before = cluster({ nodes: [node({ version: "1" })], hosts: [{ ...host, installed: "1" }] });
const none = new Map<string, number>();
const judge = (after: ClusterSnapshot, own = none) =>
  judgeState(before, after, { version: "2", replicationFactor: 2, ownStarts: own, ownKills: none });
const clean = { leftovers: [], notUpgraded: [], extraRestarts: [], doubleActions: [] };

describe("a cluster before and after a run", () => {
  it("one start of each node, the new version everywhere, nothing else", () => {
    expect(judge(cluster())).toEqual(clean);
  });
  it.each<[string, Partial<ClusterSnapshot>]>([
    ["recovery is suspended on ctl1", { nodes: [node({ starts: 2, recoverySuspended: true })] }],
    ["datanodeRestartInterval of ctl1 is 0 and was 30", { nodes: [node({ starts: 2, restartInterval: 0 })] }],
    ["u of h1 has Restart=no and had always", { hosts: [{ ...host, units: [{ name: "u", restart: "no", dropIns: [] }] }] }],
    ["/run/x on h1", { hosts: [{ ...host, units: [{ name: "u", restart: "always", dropIns: ["/run/x"] }] }] }],
    ["/opt/x.part on h1", { hosts: [{ ...host, unfinished: ["/opt/x.part"] }] }],
    ["chunk c: 1 replicas", { chunks: [{ ...chunk, replicaCount: 1 }] }],
    ["2 recovery tasks", { queuedTasks: 2 }],
    ["1 unresolved transactions", { unresolvedTransactions: 1 }],
  ])("left behind: %s", (what, more) => {
    expect(judge(cluster(more))).toEqual({ ...clean, leftovers: [what] });
  });
  it("a node or an installation of another version is not upgraded", () => {
    expect(judge(cluster({ nodes: [node({ starts: 2, version: null })], hosts: [{ ...host, installed: "1" }] })).notUpgraded).toEqual([
      "ctl1 is not running",
      "the installation of h1 is 1",
    ]);
  });
  it("no start, and one too many, are told; those of a fault are not ours", () => {
    expect(judge(cluster({ nodes: [node({ starts: 1 })] })).extraRestarts).toEqual(["ctl1 was started 0 times"]);
    const twice = cluster({ nodes: [node({ starts: 3 })] });
    expect(judge(twice).extraRestarts).toEqual(["ctl1 was started 2 times"]);
    expect(judge(twice, new Map([["ctl1", 1]]))).toEqual(clean);
  });
  it("a start beside a running process, and an end that was no graceful one, are double actions", () => {
    expect(judge(cluster({ nodes: [node({ starts: 3, failedStarts: 1, kills: 1 })] })).doubleActions).toHaveLength(2);
  });
  it.each<[string, Partial<ChunkSnapshot>]>([
    ["RECOVERING", { state: "RECOVERING" }],
    ["3 replicas", { replicaCount: 3 }],
    ["version 7 and replicas n2:6:0", { replicas: "n1:7:0,n2:6:0" }],
    ["version 7 and replicas n1:7:1", { replicas: "n1:7:1,n2:7:0" }],
  ])("a chunk is not well: %s", (what, more) => {
    expect(whatIsWrong({ ...chunk, ...more }, 2)).toBe(what);
  });
});
