import { defaultTiming, type Timing } from "../../../src/engine/rules.ts";
import type { Scenario } from "../scenario.ts";
import { drive, type Result } from "../trial.ts";
import { aborts, abortsInFlight, abortsUnderFire, rollbacks } from "./abort.ts";
import { crashes, twoFaults, watchdogs } from "./crash.ts";
import { frozen } from "./frozen.ts";
import { outages, outagesDuringAborts } from "./outage.ts";
import type { MatrixOptions, Tally } from "./tally.ts";

type Matrix = (scenario: Scenario, base: Result, options: MatrixOptions) => Promise<Tally>;

/** The poll intervals of the product: they grow while nothing happens. */
const growingPolls: Timing = { ...defaultTiming, keepMs: 100 };

/** How long nobody is there in `crash-long`, in milliseconds: longer than any patience of the engine. */
const longGapMs = 180_000;

export const matrices = {
  crash: crashes,
  "crash-long": (scenario, base, options) => crashes(scenario, base, options, longGapMs),
  "crash-polls": async (scenario, _, options) => {
    const { without } = options;
    // Other waits, other instants: the undisturbed run to compare with is another one.
    const base = await drive(scenario, { timing: growingPolls, ...(without ? { without } : {}) });
    return crashes(scenario, base, { ...options, timing: growingPolls });
  },
  "two-faults": twoFaults,
  watchdog: watchdogs,
  abort: aborts,
  rollback: rollbacks,
  "abort-in-flight": abortsInFlight,
  "abort-faults": abortsUnderFire,
  frozen,
  outage: outages,
  "abort-outage": outagesDuringAborts,
} as const satisfies Record<string, Matrix>;
export type Kind = keyof typeof matrices;
export const kinds = Object.keys(matrices) as readonly Kind[];
