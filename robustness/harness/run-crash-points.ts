// Stillwater killed at every instant of one whole upgrade in virtual time, and resumed: which points, over which threads, and what came of it.
import { count, noFigures, type Figures } from "./figures.ts";
import { crashPoints, stepsThatAct, type CrashPoint } from "./crash-points.ts";
import { unended, type Judgement } from "./judgement.ts";
import { overWorkers } from "./pool.ts";
import type { Instant } from "../orchestrator/instants.ts";

export interface CrashesRequest {
  /** One of so many points is tried, beginning with the `seed`-th. */
  readonly every: number;
  readonly seed: number;
  /** Of the points by their labels. */
  readonly only: RegExp | null;
  /** Without: the four instants of every step, and nothing else. */
  readonly boundaries: boolean;
  readonly workers: number;
  readonly log: (line: string) => void;
}
export type CrashOutcome = Judgement;
/** What a system's own run says of itself. */
export interface CrashSystem {
  /** The undisturbed run: where it touched the world, and the bars that it broke by itself. */
  readonly base: () => Promise<{ readonly reached: readonly Instant[]; readonly broken: readonly string[] }>;
  /** Plays one point, see `serveTasks`. */
  readonly program: URL;
}
const WITHIN_MS = 180_000;

export const labelOf = ({ place, step, number, moment }: CrashPoint): string =>
  place === "boundary" ? `${moment} #${String(number)} (${step})` : `${place} ${step}`;
/** How the point is tried once more. */
export const replayOfPoint = (system: string, point: CrashPoint): string =>
  `again: npm run robustness -- crash-matrix ${system} --only '^${labelOf(point).replaceAll(/[.*+?^${}()|[\]\\]/g, ".")}$'`;

export async function runCrashPoints(system: CrashSystem, { every, seed, only, boundaries, workers, log }: CrashesRequest): Promise<Figures> {
  const figures = noFigures();
  const began = Date.now();
  const base = await system.base();
  figures.broken.push(...base.broken.map((bar) => `without a fault: ${bar}`));
  const all = crashPoints(base.reached);
  const chosen = all
    .filter(({ place }) => boundaries || place !== "boundary")
    .filter((point, index) => index % every === seed % every && (only === null || only.test(labelOf(point))));
  const steps = stepsThatAct(base.reached).length;
  log(
    `${String(steps)} steps act, ${String(base.reached.length)} times something is written or sent: ${String(chosen.length)} of ${String(all.length)} kills`,
  );
  let done = 0;
  const outcomes = await overWorkers<CrashPoint, CrashOutcome>(chosen, {
    program: system.program,
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
