// Seeds of whole upgrades in each mode.
import { modes } from "../../../src/model/goal.ts";
import { sumOf, type SeedSystem } from "../../harness/run-seeds.ts";
import { faultKinds } from "./faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import { nameOf, places } from "./places.ts";
import { trialOf } from "./verdict.ts";

export const seedSystem: SeedSystem<SeedTask, SeedOutcome> = {
  program: new URL("./worker.ts", import.meta.url),
  // A seed takes a second at most.
  withinMs: 300_000,
  replacements: 2,
  kinds: faultKinds,
  places: places.map(nameOf),
  place: "the step",
  task: (seed) => ({ seed }),
  failed: endless,
  faultOf: (seed) => {
    const { kind, at } = trialOf(seed).fault;
    return { kind, at: nameOf(at) };
  },
  about: (outcomes) => [
    `${sumOf(outcomes, ({ killed }) => killed)} instances killed, ${sumOf(outcomes, ({ lost }) => lost)} not run again, ${sumOf(outcomes, ({ doubleActions }) => doubleActions)} done twice`,
    ...modes.map((mode) => `${String(outcomes.filter((each) => each.mode === mode).length)} seeds with ${mode}`),
  ],
};
