import { describe, expect, it } from "vitest";
import { memoryCluster, rowsOf } from "./cluster.ts";

describe("a whole DolphinDB in memory", () => {
  it("has every node running, one controller that leads, and data nodes that are initialised [DD-8] [DD-9]", async () => {
    const cluster = await memoryCluster();
    expect(cluster.nodes.filter(({ running }) => running === null)).toEqual([]);
    const perf = rowsOf(await cluster.world.run(cluster.atLeader("getClusterPerf", [{ form: "scalar", type: "bool", value: true }])));
    expect(perf.filter((row) => row["isLeader"] === true)).toHaveLength(1);
    expect(perf.filter((row) => row["state"] === 1)).toHaveLength(9);
  });

  it("does the same again with the same seed", async () => {
    const history = async (seed: number): Promise<readonly string[]> => {
      const cluster = await memoryCluster({ seed });
      cluster.kill("node2");
      await cluster.world.advance(30_000);
      return cluster.nodes.flatMap(({ log }) => log);
    };
    const [first, again, other] = [await history(7), await history(7), await history(8)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
