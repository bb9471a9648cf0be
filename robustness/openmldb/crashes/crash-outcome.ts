// One kill at one instant of a whole upgrade under load, the resume, and the judgement: small, and it crosses threads.
import { describeInstant } from "../../orchestrator/instants.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { brokenBars } from "../seeds/verdict.ts";
import type { CrashPoint } from "../../harness/crash-points.ts";
import { labelOf, replayOfPoint, type CrashOutcome } from "../../harness/run-crash-points.ts";

const SEED = 1;
const WHOLE: TrialOptions = { seed: SEED, fence: "partition", fault: null, only: null, perPartition: 5 };

/** The undisturbed run: every node of the cluster. */
export const baseRun = (): Promise<TrialResult> => playTrial(WHOLE);

export async function crashOutcome(point: CrashPoint): Promise<CrashOutcome> {
  const { number, moment } = point;
  const result = await playTrial({ ...WHOLE, crash: { number, moment } });
  const { end, ended, doubleActions, reached } = result;
  const at = reached[number];
  const missed = ended.deaths === 1 ? [] : [`killed ${String(ended.deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  return {
    broken: [...missed, ...brokenBars(result, "partition")].map((bar) => `${labelOf(point)}: ${bar}; ${replayOfPoint("openmldb", point)}`),
    lost: end.lost.length,
    leftovers: end.leftovers.length + end.notUpgraded.length,
    extraRestarts: end.extraRestarts.length,
    doubleActions: doubleActions.length,
    questions: ended.questions.length,
  };
}
