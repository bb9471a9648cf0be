import { modes } from "../../../src/model/goal.ts";
import type { Figures } from "../../harness/figures.ts";
import { runSeedsOf, sumOf, type SeedsRequest } from "../../harness/run-seeds.ts";
import { faultKinds } from "./faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import { nameOf, places } from "./places.ts";
import { trialOf } from "./verdict.ts";

/** Real time for one seed on a machine that others load; a seed takes some seconds. */
const WITHIN_MS = 300_000;

export const runSeeds = (request: SeedsRequest): Promise<Figures> =>
  runSeedsOf<SeedTask, SeedOutcome>(
    {
      program: new URL("./worker.ts", import.meta.url),
      withinMs: WITHIN_MS,
      replacements: 2,
      kinds: faultKinds,
      places: places.map(nameOf),
      task: (seed) => ({ seed }),
      failed: endless,
      faultOf: (seed) => {
        const { kind, at } = trialOf(seed).fault;
        return { kind, at: nameOf(at) };
      },
      place: "the step",
      about: (outcomes) => [
        `${sumOf(outcomes, ({ killed }) => killed)} instances killed, ${sumOf(outcomes, ({ lost }) => lost)} not run again, ${sumOf(outcomes, ({ doubleActions }) => doubleActions)} done twice`,
        ...modes.map((mode) => `${String(outcomes.filter((each) => each.mode === mode).length)} seeds with ${mode}`),
      ],
    },
    request,
  );
