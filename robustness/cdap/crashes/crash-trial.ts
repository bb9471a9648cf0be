// A whole upgrade of CDAP and its applications.
import type { CrashTrial } from "../../harness/crash-trial.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { judge } from "../seeds/verdict.ts";

const WHOLE: TrialOptions = { seed: 1, fault: null, of: "platform" };

export const crashTrial: CrashTrial<TrialResult> = {
  system: "cdap",
  program: new URL("./worker.ts", import.meta.url),
  play: (crash) => playTrial(crash === undefined ? WHOLE : { ...WHOLE, crash }),
  judge,
};
