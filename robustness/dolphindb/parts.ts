// What `npm run robustness` calls of this system.
import { runCrashes } from "../harness/crash-trial.ts";
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { playFaultTable } from "../harness/play-fault-table.ts";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { faultTable } from "./faults/fault-table.ts";
import { seedSystem } from "./seeds/seed-system.ts";
import { cells } from "./seeds/verdict.ts";

/** Every kind of fault at every step once. */
const SEEDS = cells;

export async function seeds({ seeds: wanted, first, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runSeedsOf(seedSystem, { seeds: wanted ?? SEEDS, first, workers, log });
}
export async function crashMatrix({ every, seed, only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runCrashes(crashTrial, { every, seed, only, workers, log });
}

export async function faults({ only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return playFaultTable(faultTable, seedSystem, { only, workers, log });
}
