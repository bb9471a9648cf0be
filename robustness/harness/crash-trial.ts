// Stillwater killed at the instants of one whole upgrade of a system in virtual time, and resumed: which points, over which threads, and what came of it.
import { describeInstant, type Instant } from "../orchestrator/instants.ts";
import type { Ended } from "../orchestrator/operator.ts";
import { crashPoints, stepsThatAct, type CrashPoint } from "./crash-points.ts";
import { count, noFigures, type Figures } from "./figures.ts";
import { unended, withReplay, type Judgement } from "./judgement.ts";
import { overWorkers } from "./pool.ts";

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

export interface CrashesRequest {
  /** One of so many points is tried, beginning with the `seed`-th. */
  readonly every: number;
  readonly seed: number;
  /** Of the points by their labels. */
  readonly only: RegExp | null;
  readonly workers: number;
  readonly log: (line: string) => void;
}
const WITHIN_MS = 180_000;

const labelOf = ({ place, step, number, moment }: CrashPoint): string =>
  place === "boundary" ? `${moment} #${String(number)} (${step})` : `${place} ${step}`;

/** One kill, the resume, and the judgement. */
export async function crashOutcome<Result extends Played>({ system, play, judge }: CrashTrial<Result>, point: CrashPoint): Promise<Judgement> {
  const { number, moment } = point;
  const result = await play({ number, moment });
  const { deaths } = result.ended;
  const at = result.reached[number];
  const missed = deaths === 1 ? [] : [`killed ${String(deaths)} times at ${at === undefined ? "nothing" : describeInstant(at)}`];
  const judged = judge(result);
  const broken = [...missed, ...judged.broken].map((bar) => `${labelOf(point)}: ${bar}`);
  const pattern = labelOf(point).replaceAll(/[.*+?^${}()|[\]\\]/g, ".");
  return withReplay({ ...judged, broken }, `again: npm run robustness -- crash-matrix ${system} --only '^${pattern}$'`);
}

export async function runCrashes<Result extends Played>(
  trial: CrashTrial<Result>,
  { every, seed, only, workers, log }: CrashesRequest,
): Promise<Figures> {
  const figures = noFigures();
  const began = Date.now();
  const base = await trial.play();
  figures.broken.push(...trial.judge(base).broken.map((bar) => `without a fault: ${bar}`));
  const all = crashPoints(base.reached);
  const chosen = all.filter((point, index) => index % every === seed % every && (only === null || only.test(labelOf(point))));
  if (chosen.length === 0) figures.broken.push("no kill is chosen: nothing is shown");
  const steps = stepsThatAct(base.reached).length;
  log(
    `${String(steps)} steps act, ${String(base.reached.length)} times something is written or sent: ${String(chosen.length)} of ${String(all.length)} kills`,
  );
  let done = 0;
  const outcomes = await overWorkers<CrashPoint, Judgement>(chosen, {
    program: trial.program,
    workers,
    withinMs: WITHIN_MS,
    failed: (point, why) => unended(`${labelOf(point)}: ${why}`),
    done: ({ broken }) => {
      for (const bar of broken) log(bar);
      if (++done % 50 === 0) log(`${String(done)} kills, ${((Date.now() - began) / done).toFixed(0)} ms each`);
    },
  });
  outcomes.forEach((outcome, index) => {
    const place = chosen[index]?.place ?? "boundary";
    if (place === "boundary") figures.boundaries++;
    else figures.instants++;
    count(figures.faults, `killed ${place === "boundary" ? `${chosen[index]?.moment ?? ""} a write or an effect` : place}`);
    figures.lost += outcome.lost;
    figures.leftovers += outcome.leftovers;
    figures.extraRestarts += outcome.extraRestarts;
    figures.doubleActions += outcome.doubleActions;
    figures.unclear += outcome.questions;
    figures.broken.push(...outcome.broken);
  });
  figures.steps = steps;
  figures.runs = outcomes.length + 1;
  figures.tables.push(`  ${((Date.now() - began) / 1_000).toFixed(1)} s on ${String(workers)} workers`);
  return figures;
}
