// One whole upgrade of a system in virtual time, without a fault or killed at one point, and its judgement.
import { describeInstant, type Instant } from "../orchestrator/instants.ts";
import type { Ended } from "../orchestrator/operator.ts";
import type { CrashPoint } from "./crash-points.ts";
import type { Figures } from "./figures.ts";
import { withReplay, type Judgement } from "./judgement.ts";
import { labelOf, replayOfPoint, runCrashPoints, type CrashesRequest } from "./run-crash-points.ts";

interface Played {
  readonly ended: Ended;
  readonly reached: readonly Instant[];
}
export interface CrashTrial<Result extends Played> {
  /** As the command line calls it. */
  readonly system: string;
  /** Of a worker thread: it answers each point by `crashOutcome`, see `serveTasks`. */
  readonly program: URL;
  readonly play: (crash?: Pick<CrashPoint, "number" | "moment">) => Promise<Result>;
  readonly judge: (result: Result) => Judgement;
}

/** One kill, the resume, and the judgement. */
export async function crashOutcome<Result extends Played>({ system, play, judge }: CrashTrial<Result>, point: CrashPoint): Promise<Judgement> {
  const { number, moment } = point;
  const result = await play({ number, moment });
  const { deaths } = result.ended;
  const at = result.reached[number];
  const missed = deaths === 1 ? [] : [`killed ${String(deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  const judged = judge(result);
  const broken = [...missed, ...judged.broken].map((bar) => `${labelOf(point)}: ${bar}`);
  return withReplay({ ...judged, broken }, replayOfPoint(system, point));
}

export function runCrashes<Result extends Played>({ program, play, judge }: CrashTrial<Result>, request: CrashesRequest): Promise<Figures> {
  const base = async () => {
    const result = await play();
    return { reached: result.reached, broken: judge(result).broken };
  };
  return runCrashPoints({ base, program }, request);
}
