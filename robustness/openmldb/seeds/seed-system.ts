// Seeds of whole upgrades with a fault in the middle of a leader move.
import { sumOf, type SeedSystem } from "../../harness/run-seeds.ts";
import { faultKinds } from "./faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import type { FenceChoice } from "./trial.ts";
import { stepsOf, trialOf } from "./verdict.ts";

export const seedsWith = (fence: FenceChoice): SeedSystem<SeedTask, SeedOutcome> => ({
  program: new URL("./worker.ts", import.meta.url),
  // A seed takes about half a second.
  withinMs: 180_000,
  replacements: 12,
  kinds: faultKinds,
  places: stepsOf(fence),
  task: (seed) => ({ seed, fence }),
  failed: endless,
  faultOf: (seed) => {
    const { kind, step } = trialOf(seed, fence).fault;
    return { kind, at: step };
  },
  place: "the step of the leader move",
  about: (outcomes) => [
    `fence ${fence}: ${sumOf(outcomes, ({ moves }) => moves)} leader moves, ${sumOf(outcomes, ({ acknowledged }) => acknowledged)} acknowledged rows, ${sumOf(outcomes, ({ pauses }) => pauses)} pauses that an operator resumed, ${sumOf(outcomes, ({ questions }) => questions)} questions`,
  ],
});
