// The same drain by the command line, on a lab of real processes: what the process of Stillwater itself uses.
import { down, up } from "../lab/index.ts";
import { exitCodes } from "../src/model/errors.ts";
import { absolute, against } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { stillwater } from "./stillwater.ts";

/** Three tablets with a hundred leaders each: shop.orders 150, shop.payments and risk.scores 75 each. */
const PARTITIONS = 150;
const CONCURRENCY = 8;

export async function drainByProcess(say: (text: string) => void): Promise<readonly Metric[]> {
  const { lab, clusterFile } = await up("openmldb", {
    tablets: 3,
    nameservers: 2,
    apiservers: 1,
    taskmanagers: 0,
    partitions: PARTITIONS,
    flags: { nameserver: { name_server_task_concurrency: String(CONCURRENCY) } },
  });
  try {
    const kind = `stillwater drain of 100 leaders at concurrency ${String(CONCURRENCY)}, lab of processes, real time`;
    const plan = await stillwater(clusterFile, ["drain", "tablet1", "-o", "single-replica=allow-unavailable", "--json"]);
    const { name } = JSON.parse(plan.stdout) as { readonly name: string };
    // Without the probe: it is another process, and measures what users feel, not what Stillwater costs.
    const drained = await stillwater(clusterFile, ["drain", "tablet1", "--yes", name, "--no-probe"], [exitCodes.ok.code, exitCodes.notMeasured.code]);
    say(`${kind}: ${String(Math.round(drained.wallMs))} ms`);
    const { usage } = drained;
    return [
      absolute(`${kind}: from the command to its end`, drained.wallMs / 1_000, "s"),
      ...(usage === null
        ? []
        : [
            absolute(`${kind}: CPU time of its process`, usage.cpuMs / 1_000, "s"),
            against(`${kind}: CPU time of its process in its wall time`, usage.cpuMs, "ms", { name: "wall time", value: drained.wallMs }),
            absolute(`${kind}: peak memory of its process`, usage.maxRssMb, "MB"),
          ]),
    ];
  } finally {
    await down(lab.directory, { remove: true });
  }
}
