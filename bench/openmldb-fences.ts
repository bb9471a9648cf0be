// What an application feels while the leaders of one tablet are moved, for each fence: the longest time in which a partition acknowledges nothing.
import { memoryCluster } from "../lab/openmldb/memory/cluster.ts";
import { goalOf } from "../src/drivers/openmldb/testing/memory-run.ts";
import { absolute, against, median } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { fences, underLoad, type Fence, type Felt } from "./openmldb-load.ts";
import { operationsEnd, whatIsLed } from "./openmldb-vendor.ts";

const NODE = "tablet1";
/** Of the template: get_task_status_interval. */
const NAMESERVER_POLL_MS = 2_000;

/** `partition`: the lab's ChangeLeader and two polls. `tablet`: as long as the drain. For the others no bar is set. */
function barOf(fence: Fence, { tookMs }: Felt, changeLeader: number): { readonly name: string; readonly value: number } | null {
  switch (fence) {
    case "partition":
      return { name: "bar: the lab's ChangeLeader + 2 polls", value: changeLeader + 2 * NAMESERVER_POLL_MS };
    case "tablet":
      return { name: "bar: the drain", value: tookMs };
    case "hook":
    case "none":
      return null;
  }
}

export async function writePauses(say: (text: string) => void): Promise<readonly Metric[]> {
  const changeLeader = await changeLeaderMs();
  const metrics: Metric[] = [absolute("ChangeLeader of one partition, nothing else under way, lab, virtual time", changeLeader, "ms")];
  for (const fence of fences) {
    const kind = `drain under 500 writes/s, fence ${fence}, lab, virtual time`;
    const felt = await underLoad(fence, NODE, () => goalOf({ maintenance: { is: "drain", node: NODE } }));
    say(`${kind}: ${String(felt.acknowledged)} acknowledged, ${String(felt.lost)} lost`);
    const longest = Math.max(...felt.pausesMs);
    const bar = barOf(fence, felt, changeLeader);
    const pause = `${kind}: write pause of a partition`;
    metrics.push(
      bar === null ? absolute(`${pause}, longest`, longest, "ms") : against(`${pause}, longest`, longest, "ms", bar),
      absolute(`${pause}, median of ${String(felt.pausesMs.length)}`, median(felt.pausesMs), "ms"),
      absolute(`${kind}: refused`, felt.refused, "writes"),
      absolute(`${kind}: acknowledged`, felt.acknowledged, "writes"),
      absolute(`${kind}: acknowledged and lost${fence === "none" ? "" : " (bar 0)"}`, felt.lost, "writes"),
      absolute(`${kind}: drain`, felt.tookMs, "ms"),
    );
  }
  return metrics;
}

/** From the request until the nameserver says that it is done. */
async function changeLeaderMs(): Promise<number> {
  const lab = await memoryCluster({ nameservers: 1, tablets: 3, partitions: 24, replicas: 2 });
  return lab.world.run(
    (async () => {
      await lab.settled();
      await lab.ask("ConfSet", { conf: { key: "auto_failover", value: "false" } });
      const taken: number[] = [];
      for (const partition of await whatIsLed(lab, lab.node(NODE).endpoint)) {
        const began = lab.world.now();
        await lab.ask("ChangeLeader", { ...partition, candidate_leader: "auto" });
        await operationsEnd(lab, 1);
        taken.push(lab.world.now() - began);
      }
      return median(taken);
    })(),
  );
}
