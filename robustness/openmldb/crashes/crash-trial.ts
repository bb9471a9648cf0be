// A whole upgrade under load: every node of the cluster.
import type { CrashTrial } from "../../harness/crash-trial.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { judge } from "../seeds/verdict.ts";

const WHOLE: TrialOptions = { seed: 1, fence: "partition", fault: null, only: null, perPartition: 5 };

export const crashTrial: CrashTrial<TrialResult> = {
  system: "openmldb",
  program: new URL("./worker.ts", import.meta.url),
  play: (crash) => playTrial(crash === undefined ? WHOLE : { ...WHOLE, crash }),
  judge: (result) => judge(result, "partition"),
};
