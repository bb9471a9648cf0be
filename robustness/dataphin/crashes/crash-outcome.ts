// One kill at one instant of a whole upgrade with downtime, the resume, and the judgement: small, and it crosses threads.
import type { CrashPoint } from "../../harness/crash-points.ts";
import { labelOf, replayOfPoint, type CrashOutcome } from "../../harness/run-crash-points.ts";
import { describeInstant } from "../../orchestrator/instants.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { brokenBars, unexpected } from "../seeds/verdict.ts";

const WHOLE: TrialOptions = { seed: 1, fault: null, mode: "downtime" };

/** The undisturbed run. */
export const baseRun = (): Promise<TrialResult> => playTrial(WHOLE);

export async function crashOutcome(point: CrashPoint): Promise<CrashOutcome> {
  const { number, moment } = point;
  const result = await playTrial({ ...WHOLE, crash: { number, moment } });
  const { work, ended, reached } = result;
  const at = reached[number];
  const missed = ended.deaths === 1 ? [] : [`killed ${String(ended.deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  return {
    broken: [...missed, ...brokenBars(result)].map((bar) => `${labelOf(point)}: ${bar}; ${replayOfPoint("dataphin", point)}`),
    lost: work.notRerun.length,
    leftovers: work.leftovers.length + work.notUpgraded.length,
    extraRestarts: work.realtimeRestarts,
    doubleActions: work.rerunTwice.length + work.rerunForNothing.length + work.twice.length,
    questions: unexpected(ended),
  };
}
