// One kill at one instant of a whole upgrade under load, the resume, and the judgement: small, and it crosses threads.
import { describeInstant } from "../../orchestrator/instants.ts";
import { playTrial, type TrialOptions, type TrialResult } from "../seeds/trial.ts";
import { brokenBars } from "../seeds/verdict.ts";
import type { CrashPoint } from "../../harness/crash-points.ts";

export interface CrashOutcome {
  readonly broken: readonly string[];
  readonly lost: number;
  readonly leftovers: number;
  readonly extraRestarts: number;
  readonly doubleActions: number;
  readonly questions: number;
}

const SEED = 1;
const WHOLE: TrialOptions = { seed: SEED, fence: "partition", fault: null, only: null, perPartition: 5 };

/** The undisturbed run: every node of the cluster. */
export const baseRun = (): Promise<TrialResult> => playTrial(WHOLE);

export const labelOf = ({ place, step, number, moment }: CrashPoint): string =>
  place === "boundary" ? `${moment} #${String(number)} (${step})` : `${place} ${step}`;

export async function crashOutcome(point: CrashPoint): Promise<CrashOutcome> {
  const { number, moment } = point;
  const result = await playTrial({ ...WHOLE, crash: { number, moment } });
  const { end, ended, doubleActions, reached } = result;
  const at = reached[number];
  const missed = ended.deaths === 1 ? [] : [`killed ${String(ended.deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  return {
    broken: [...missed, ...brokenBars(result, "partition")].map(
      (bar) =>
        `${labelOf(point)}: ${bar}; again: npm run robustness -- crash-matrix openmldb --only '^${labelOf(point).replaceAll(/[.*+?^${}()|[\]\\]/g, ".")}$'`,
    ),
    lost: end.lost.length,
    leftovers: end.leftovers.length + end.notUpgraded.length,
    extraRestarts: end.extraRestarts.length,
    doubleActions: doubleActions.length,
    questions: ended.questions.length,
  };
}
export const endlessCrash = (point: CrashPoint, why: string): CrashOutcome => ({
  broken: [`${labelOf(point)}: ${why}`],
  lost: 0,
  leftovers: 0,
  extraRestarts: 0,
  doubleActions: 0,
  questions: 0,
});
