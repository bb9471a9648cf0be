// The four numbers of the grayscale upgrade on a lab cluster in memory: what clients felt, what the gate over 100,000 chunks costs, how long the whole takes,
// and what a kill at a boundary of the journal leaves. "Virtual time": nothing but the lab's own durations takes time.
import { crashTrial } from "../robustness/dolphindb/crashes/crash-trial.ts";
import { crashPoints } from "../robustness/harness/crash-points.ts";
import { crashOutcome } from "../robustness/harness/crash-trial.ts";
import { chunkGate } from "./dolphindb-gate.ts";
import { upgradeUnderProbe } from "./dolphindb-upgrade.ts";
import { absolute } from "./figures.ts";
import type { Metric } from "./metric.ts";

/** Kills of the resume figure: spread over the run. The whole matrix is `npm run robustness -- crash-matrix dolphindb`. */
const KILLS = 12;

export async function benchDolphindb(say: (text: string) => void): Promise<readonly Metric[]> {
  return [...(await upgradeUnderProbe(say)), ...(await chunkGate(say)), ...(await resumes(say))];
}

async function resumes(say: (text: string) => void): Promise<readonly Metric[]> {
  const { reached } = await crashTrial.play();
  const all = crashPoints(reached).filter(({ place }) => place !== "boundary");
  const every = Math.max(1, Math.floor(all.length / KILLS));
  const chosen = all.filter((_, index) => index % every === 0);
  let [broken, leftovers, restarts] = [0, 0, 0];
  for (const point of chosen) {
    const outcome = await crashOutcome(crashTrial, point);
    broken += outcome.broken.length;
    leftovers += outcome.leftovers;
    restarts += outcome.extraRestarts;
    for (const bar of outcome.broken) say(bar);
  }
  const kind = `resume after kill -9, ${String(chosen.length)} of ${String(all.length)} instants of steps, lab, virtual time`;
  return [
    absolute(`${kind}: bars broken (bar 0)`, broken, "bars"),
    absolute(`${kind}: leases left on a controller or unit (bar 0)`, leftovers, "leases"),
    absolute(`${kind}: restarts beyond one of each node (bar 0)`, restarts, "restarts"),
  ];
}
