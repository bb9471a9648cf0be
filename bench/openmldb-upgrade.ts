// A whole upgrade of every component, each tablet drained and filled again, while an application writes: what it was told, and what is in the table afterwards.
import { absolute } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { fences, underLoad } from "./openmldb-load.ts";

export async function wholeUpgrades(say: (text: string) => void): Promise<readonly Metric[]> {
  const metrics: Metric[] = [];
  for (const fence of fences) {
    const kind = `upgrade under 500 writes/s, fence ${fence}, lab, virtual time`;
    const felt = await underLoad(fence, "tablet1", (run) => run.upgrade);
    say(`${kind}: ${String(felt.acknowledged)} acknowledged, ${String(felt.lost)} lost`);
    metrics.push(
      absolute(`${kind}: acknowledged`, felt.acknowledged, "writes"),
      absolute(`${kind}: acknowledged and lost${fence === "none" ? "" : " (bar 0)"}`, felt.lost, "writes"),
      absolute(`${kind}: refused`, felt.refused, "writes"),
      absolute(`${kind}: outcome unknown`, felt.unknown, "writes"),
      absolute(`${kind}: latency of acknowledged writes, p99`, felt.latencyMs?.p99 ?? Number.NaN, "ms"),
      absolute(`${kind}: latency of acknowledged writes, maximum`, felt.latencyMs?.max ?? Number.NaN, "ms"),
      absolute(`${kind}: longest time without an acknowledgement on a partition`, Math.max(...Object.values(felt.longestGapMs)), "ms"),
      absolute(`${kind}: duration`, felt.tookMs / 1_000, "s"),
    );
  }
  return metrics;
}
