import { expect, test } from "vitest";
import { seededRandom } from "../../kit/random.ts";
import { text } from "../value.ts";
import { rowsOfTable, TestCluster } from "./testing.ts";

/** Writers on four chunks while nodes are killed and stopped, one at a time and never before everything is whole again. */
async function storm(seed: number, rounds: number): Promise<void> {
  const random = seededRandom(seed * 7_919);
  const cluster = await TestCluster.up({
    seed,
    release: seed % 2 === 0 ? "2.00.7.4" : "2.00.9.5",
    controllerSettings: seed % 3 === 0 ? { dfsRecoveryWaitTime: "30000" } : {},
    durations: { recoverChunk: 50 + random() * 2_000, gracefulStop: 200 + random() * 4_000 },
  });
  const acknowledged = new Set<number>();
  let next = 0;
  const writing = { isOver: false };
  const isWhole = async (): Promise<boolean> => {
    if (cluster.nodes.some(({ running }) => running === null) || (await cluster.leader()) === null || !(await cluster.allInitialised())) return false;
    return (await cluster.chunks()).every(({ state, replicaCount }) => state !== "RECOVERING" && Number(replicaCount) >= 2);
  };
  await cluster.run(
    (async () => {
      await cluster.createTable(4);
      const writers = [0, 1, 2, 3].map(async (lane) => {
        while (!writing.isOver) {
          next += 1;
          const mine = next;
          await cluster.writeAnyhow(mine, lane);
          acknowledged.add(mine);
          await cluster.world.sleep(300 + random() * 700);
        }
      });
      for (let round = 0; round < rounds; round += 1) {
        await cluster.world.sleep(random() * 10_000);
        const victims = [...cluster.of("datanode"), ...cluster.of("controller")];
        const victim = victims[Math.floor(random() * victims.length)]!;
        if (random() < 0.5) cluster.kill(victim.alias);
        else await cluster.terminate(victim.alias);
        await cluster.world.sleep(random() * 40_000);
        if (victim.role === "controller") cluster.start(victim.alias);
        else await cluster.onLeader("startDataNode", [text(victim.alias)]);
        await cluster.until("everything is whole again", isWhole);
      }
      writing.isOver = true;
      await Promise.all(writers);
      await cluster.until("no transaction is under way", async () => (await cluster.chunks()).every(({ state }) => state === "COMPLETE"));
      const stored = new Set(await cluster.stored("node1"));
      expect([...acknowledged].filter((one) => !stored.has(one))).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(20);
      const leader = (await cluster.leader())!;
      const unequal = await cluster.script(
        leader,
        `select sum(most != least) as unequal from (select max(rowNum) as most, min(rowNum) as least from pnodeRun(getTabletsMeta{"%", "%", false, -1}) group by chunkId, version)`,
      );
      expect(Number(rowsOfTable(unequal)[0]?.["unequal"])).toBe(0);
      for (const { version, replicas } of await cluster.chunks())
        expect(
          new Set(
            String(replicas)
              .split(",")
              .map((one) => one.split(":")[1]),
          ),
        ).toEqual(new Set([String(version)]));
    })(),
  );
}

test.each([3, 4])(
  "what is acknowledged is stored, and replicas are equal: storm %i",
  async (seed) => {
    await storm(seed, 3);
  },
  60_000,
);
