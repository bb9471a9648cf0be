// What `npm run robustness` calls of this system.
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { playFaultTable } from "../harness/play-fault-table.ts";
import { runSeedsOf } from "../harness/run-seeds.ts";
import { runCrashesOfAllModes } from "./crashes/run-crashes.ts";
import { faultTable } from "./faults/fault-table.ts";
import { seedSystem } from "./seeds/seed-system.ts";
import { cells } from "./seeds/verdict.ts";

/** Twice each kind of fault at each place. */
const SEEDS = 2 * cells;

export async function seeds({ seeds: wanted, first, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runSeedsOf(seedSystem, { seeds: wanted ?? SEEDS, first, workers, log });
}
export async function crashMatrix({ every, seed, only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runCrashesOfAllModes({ every, seed, only, workers, log });
}
export async function faults({ only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return playFaultTable(faultTable, seedSystem, { only, workers, log });
}
