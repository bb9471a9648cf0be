// A whole grayscale upgrade under load: every node of the cluster.
import type { CrashTrial } from "../../harness/crash-trial.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { judge } from "../seeds/verdict.ts";

const WHOLE: TrialOptions = { seed: 1, fault: null, partitions: 2, everyMs: 2_000, cluster: { units: true } };

export const crashTrial: CrashTrial<TrialResult> = {
  system: "dolphindb",
  program: new URL("./worker.ts", import.meta.url),
  play: (crash) => playTrial(crash === undefined ? WHOLE : { ...WHOLE, crash }),
  judge,
};
