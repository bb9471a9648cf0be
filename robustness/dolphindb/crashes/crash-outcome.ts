// One kill at one instant of a whole upgrade under load, the resume, and the judgement: small, and it crosses threads.
import type { CrashPoint } from "../../harness/crash-points.ts";
import { labelOf, replayOfPoint, type CrashOutcome } from "../../harness/run-crash-points.ts";
import { describeInstant } from "../../orchestrator/instants.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { brokenBars } from "../seeds/verdict.ts";

const SEED = 1;
const WHOLE: TrialOptions = { seed: SEED, fault: null, partitions: 2, everyMs: 2_000, cluster: { units: true } };

/** The undisturbed run: every node of the cluster. */
export const baseRun = (): Promise<TrialResult> => playTrial(WHOLE);

export async function crashOutcome(point: CrashPoint): Promise<CrashOutcome> {
  const { number, moment } = point;
  const result = await playTrial({ ...WHOLE, crash: { number, moment } });
  const { rows, state, ended, reached } = result;
  const at = reached[number];
  const missed = ended.deaths === 1 ? [] : [`killed ${String(ended.deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  return {
    broken: [...missed, ...brokenBars(result)].map((bar) => `${labelOf(point)}: ${bar}; ${replayOfPoint("dolphindb", point)}`),
    lost: rows.lost.length,
    leftovers: state.leftovers.length + state.notUpgraded.length,
    extraRestarts: state.extraRestarts.length,
    doubleActions: state.doubleActions.length,
    questions: ended.questions.length,
  };
}
