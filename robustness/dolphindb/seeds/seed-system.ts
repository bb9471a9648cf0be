// Seeds of whole grayscale upgrades.
import { sumOf, type SeedSystem } from "../../harness/run-seeds.ts";
import { columns } from "./columns.ts";
import { faultKinds } from "./faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import { trialOf } from "./verdict.ts";

export const seedSystem: SeedSystem<SeedTask, SeedOutcome> = {
  program: new URL("./worker.ts", import.meta.url),
  // A seed takes some seconds.
  withinMs: 300_000,
  replacements: 3,
  kinds: faultKinds,
  places: columns,
  task: (seed) => ({ seed }),
  failed: endless,
  faultOf: (seed) => trialOf(seed).fault,
  place: "the step of the turn",
  about: (outcomes) => [
    `${sumOf(outcomes, ({ acknowledged }) => acknowledged)} acknowledged rows, ${sumOf(outcomes, ({ resent }) => resent)} stored twice because the client sent them again, ${sumOf(outcomes, ({ pauses }) => pauses)} pauses that an operator resumed, ${sumOf(outcomes, ({ questions }) => questions)} questions`,
    `longest time without an acknowledgement on a partition, over all seeds: ${String(Math.round(Math.max(0, ...outcomes.map(({ longestStallMs }) => longestStallMs))))} ms`,
  ],
};
