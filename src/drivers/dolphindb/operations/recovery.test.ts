import { describe, expect, it } from "vitest";
import { openCluster, type OpenedCluster } from "../open-cluster.ts";
import { doubleDefinition, doubleHandles, everyAlias, serversOf, type DoubleOptions } from "../testing/cluster-double.ts";
import { allWell } from "../testing/facts-fixture.ts";
import type { ChunkWord } from "./chunks-stable.ts";
import { resumeRecoveryOperation } from "./recovery.ts";
import { stopDataNodesOperation } from "./stop-data-nodes.ts";

const clusterWith = (running: ReadonlySet<string>, options: DoubleOptions = {}): OpenedCluster =>
  openCluster(doubleDefinition, doubleHandles(running), { transport: serversOf(options) });
const nothing = { before: null, receipt: null };
const minutes = (count: number): number => count * 60_000;

describe("recovery is resumed", () => {
  it("when the nodes that went down are up again, not while they are down: their chunks would be copied to others", async () => {
    const running = everyAlias();
    running.delete("node2");
    const { operation } = resumeRecoveryOperation(clusterWith(running));
    expect(await operation.look({ nodes: ["node2"] }, nothing, { now: 0 })).toMatchObject({
      is: "waiting",
      for: expect.stringContaining("node2") as unknown,
    });
    running.add("node2");
    expect(await operation.look({ nodes: ["node2"] }, nothing, { now: 1_000 })).toEqual({ is: "open" });
  });
  it("all the same when nobody brings them back for ten minutes, and whatever other nodes are down", async () => {
    const running = everyAlias();
    running.delete("node2");
    const { operation } = resumeRecoveryOperation(clusterWith(running));
    await operation.look({ nodes: ["node2"] }, nothing, { now: 0 });
    expect(await operation.look({ nodes: ["node2"] }, nothing, { now: minutes(9) })).toMatchObject({ is: "waiting" });
    expect(await operation.look({ nodes: ["node2"] }, nothing, { now: minutes(10) })).toEqual({ is: "open" });
    expect(await operation.look({ nodes: [] }, nothing, { now: minutes(10) })).toEqual({ is: "open" });
  });
});

describe("before the data nodes of a host are stopped", () => {
  const well: ChunkWord = {
    chunks: allWell,
    recovery: { waiting: 0, inProgress: 0, aborted: 0, loadRebalance: 0 },
    unresolvedTransactions: 0,
    replicasInRecovery: 0,
    absent: [],
  };
  const looks = async (word: ChunkWord | null, behind = 0, whole = true): Promise<unknown> => {
    const { operation } = stopDataNodesOperation(clusterWith(everyAlias()), {
      ask: () => Promise.resolve(word),
      behind: (own, others) => Promise.resolve(own.join() === "node1" && others.join() === "node2,node3" ? behind : Number.NaN),
    });
    return operation.look({ nodes: ["node1"], ...(whole ? { whole } : {}) }, nothing, { now: 0 });
  };
  const heals = { is: "expand", into: [{ do: "resumeRecovery" }, { do: "chunksStable" }, { do: "suspendRecovery" }] };
  it("every chunk is asked for once more", async () => {
    expect(await looks(well)).toEqual({ is: "open" });
    expect(await looks(null)).toMatchObject({ is: "waiting" });
  });
  it("chunks whose only good replica may be on this host are healed first", async () => {
    expect(await looks({ ...well, chunks: { ...allWell, onOneHost: { h1: 1 } } })).toMatchObject(heals);
    expect(await looks({ ...well, absent: ["node3"] })).toMatchObject(heals);
    expect(await looks(well, 1)).toMatchObject(heals);
  });
  it("replicas of this very host that are behind do not matter", async () => {
    expect(await looks({ ...well, chunks: { ...allWell, recovering: 1, unequal: 1, onOneHost: { h2: 1 } } })).toEqual({ is: "open" });
  });
  it("an undo does not wait for that: what it stops is what it has just started", async () => {
    expect(await looks(well, 1, false)).toEqual({ is: "open" });
  });
});
