// What `npm run robustness` calls of this system.
import { runCrashes } from "../harness/crash-trial.ts";
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { playFaultTable } from "../harness/play-fault-table.ts";
import { crashTrial } from "./crashes/crash-trial.ts";
import { faultTable } from "./faults/fault-table.ts";
import { runSeeds, seedPlayer } from "./seeds/run-seeds.ts";

const SEEDS = 200;

export async function seeds({ seeds: wanted, first, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runSeeds({ seeds: wanted ?? SEEDS, first, workers, log });
}
export async function crashMatrix({ every, seed, only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runCrashes(crashTrial, { every, seed, only, workers, log });
}
export async function faults({ only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return playFaultTable(faultTable, seedPlayer, { only, workers, log });
}
