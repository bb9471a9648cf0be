// What `npm run robustness` calls of this system.
import { runCrashes } from "../harness/crash-trial.ts";
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { playFaultTable } from "../harness/play-fault-table.ts";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { crashProcesses } from "./processes/crash-processes.ts";
import { faultTable } from "./faults/fault-table.ts";
import { runLosses } from "./losses/run-losses.ts";
import { seedsWith } from "./seeds/seed-system.ts";
import type { FenceChoice } from "./seeds/trial.ts";

const fences: readonly FenceChoice[] = ["partition", "tablet", "hook", "none"];
const SEEDS = 200;
/** Without a fence the question is another: whether what is lost is told. */
const UNFENCED_SEEDS = 50;

/** Throws a TypeError for a fence that there is not. */
export async function seeds({ seeds: wanted, first, fence, workers }: Options, log: (line: string) => void): Promise<Figures> {
  const chosen = fences.find((each) => each === (fence ?? "partition"));
  if (chosen === undefined) throw new TypeError(`--fence ${String(fence)}: want one of ${fences.join(", ")}`);
  if (chosen === "none") return runLosses({ seeds: wanted ?? UNFENCED_SEEDS, first, workers, log });
  return runSeedsOf(seedsWith(chosen), { seeds: wanted ?? SEEDS, first, workers, log });
}

export async function crashMatrix({ every, seed, only, workers, processes }: Options, log: (line: string) => void): Promise<Figures> {
  if (processes) return crashProcesses({ every, seed, only, log });
  return runCrashes(crashTrial, { every, seed, only, workers, log });
}

export async function faults({ only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return playFaultTable(faultTable, seedsWith("partition"), { only, workers, log });
}
