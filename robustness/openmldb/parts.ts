// What `npm run robustness` calls of this system.
import type { Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { runCrashes } from "./crashes/run-crashes.ts";
import { runSeeds } from "./seeds/run-seeds.ts";
import type { FenceChoice } from "./seeds/trial.ts";

const fences: readonly FenceChoice[] = ["partition", "tablet", "hook", "none"];
const SEEDS = 200;

/** Throws a TypeError for a fence that there is not. */
export async function seeds({ seeds: wanted, first, fence, workers }: Options, log: (line: string) => void): Promise<Figures> {
  const chosen = fences.find((each) => each === (fence ?? "partition"));
  if (chosen === undefined) throw new TypeError(`--fence ${String(fence)}: want one of ${fences.join(", ")}`);
  return runSeeds({ seeds: wanted ?? SEEDS, first, fence: chosen, workers, log });
}

export async function crashMatrix({ every, seed, only, workers }: Options, log: (line: string) => void): Promise<Figures> {
  return runCrashes({ every, seed, only, boundaries: true, workers, log });
}
