// A whole grayscale upgrade of three hosts while an application writes 100 rows a second: what it felt, and how long it took, each beside what the lab itself
// forced in that very run.
import { playTrial } from "../robustness/dolphindb/seeds/trial.ts";
import { defaultTiming } from "../src/engine/rules.ts";
import { covered, judgeStall, ownIntervals } from "../robustness/validators/dolphindb-times.ts";
import { absolute, against } from "./figures.ts";
import type { Metric } from "./metric.ts";

const SEED = 1;
/** Ten partitions, each ten rows a second. */
const PARTITIONS = 10;
const EVERY_MS = 100;
/** As servers with some data take: tens of seconds down and up. */
const DURATIONS = { gracefulStop: 15_000, listen: 2_000, initialise: 30_000 } as const;

export async function upgradeUnderProbe(say: (text: string) => void): Promise<readonly Metric[]> {
  const result = await playTrial({
    seed: SEED,
    fault: null,
    partitions: PARTITIONS,
    everyMs: EVERY_MS,
    timing: defaultTiming,
    cluster: { durations: DURATIONS },
  });
  const { rows, ended, logs, began, virtualMs } = result;
  if (ended.outcome?.is !== "succeeded") throw new Error(`the run ended as ${JSON.stringify(ended)}`);
  const waits = result.waits.filter(({ partition }) => partition === rows.stalledPartition);
  const stall = judgeStall(logs, waits, { began: rows.stallBegan, stallMs: rows.longestStallMs });
  const floor = covered(ownIntervals(logs), began, began + virtualMs);
  const kind = "grayscale upgrade, 3 hosts, replication 2, 100 rows/s, lab, virtual time";
  say(`${kind}: ${String(rows.acknowledged)} acknowledged, longest stall ${String(Math.round(rows.longestStallMs))} ms: ${stall.parts.join("; ")}`);
  return [
    absolute(`${kind}: acknowledged`, rows.acknowledged, "rows"),
    absolute(`${kind}: acknowledged and lost, per replica (bar 0)`, rows.lost.length, "rows"),
    absolute(`${kind}: stored twice, sent once (bar 0)`, rows.duplicatedByServer.length, "rows"),
    absolute(`${kind}: stored twice because the client sent again`, rows.duplicatedByClient.length, "rows"),
    against(`${kind}: longest time without an acknowledgement (bar: ratio 1.2)`, rows.longestStallMs, "ms", {
      name: "forced by elections and by what the vendor's API waits",
      value: stall.forcedMs,
    }),
    against(`${kind}: wall time (bar: ratio 1.15)`, virtualMs / 1_000, "s", {
      name: "the lab's own stops, starts, elections and recovery",
      value: floor / 1_000,
    }),
  ];
}
