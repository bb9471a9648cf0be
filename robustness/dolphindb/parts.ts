// What `npm run robustness` calls of this system.
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { runCrashes } from "./crashes/run-crashes.ts";
import { playFaults } from "./faults/play-faults.ts";
import { runSeeds } from "./seeds/run-seeds.ts";
import { cells } from "./seeds/verdict.ts";

/** Every kind of fault at every step once. */
const SEEDS = cells;

export async function seeds({ seeds: wanted, first, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runSeeds({ seeds: wanted ?? SEEDS, first, workers, log });
}
export async function crashMatrix({ every, seed, only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runCrashes({ every, seed, only, boundaries: true, workers, log });
}

export async function faults({ only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return playFaults({ only, workers, log });
}
