// A whole upgrade of Dataphin in one mode.
import type { Mode } from "../../../src/model/goal.ts";
import type { CrashTrial } from "../../harness/crash-trial.ts";
import { playTrial, type TrialResult } from "../seeds/trial.ts";
import { judge } from "../seeds/verdict.ts";

export const crashTrialOf = (mode: Mode): CrashTrial<TrialResult> => ({
  system: "dataphin",
  program: new URL(`./${mode}/worker.ts`, import.meta.url),
  play: (crash) => playTrial({ seed: 1, fault: null, mode, ...(crash === undefined ? {} : { crash }) }),
  judge,
});
