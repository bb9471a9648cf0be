import { expect, test } from "vitest";
import { TestCluster } from "./testing.ts";

test("a cluster comes up: one leader, everything online", async () => {
  const cluster = await TestCluster.up();
  await cluster.run(
    (async () => {
      const states = await cluster.states();
      expect(states).toHaveLength(6);
      expect(states.every(({ state }) => state === 1)).toBe(true);
      const leader = await cluster.leader();
      const follower = cluster.of("controller").find(({ alias }) => alias !== leader)!;
      await expect(cluster.call(follower.alias, "getClusterPerf")).rejects.toThrow(`<NotLeader>${cluster.node(leader!).endpoint}:${String(leader)}`);
    })(),
  );
});
