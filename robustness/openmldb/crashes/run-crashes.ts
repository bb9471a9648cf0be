// Stillwater killed at every instant of one whole upgrade in virtual time, and resumed.
import { count, noFigures, type Figures } from "../../harness/figures.ts";
import { overWorkers } from "../../harness/pool.ts";
import { brokenBars } from "../seeds/verdict.ts";
import { baseRun, endlessCrash, labelOf, type CrashOutcome } from "./crash-outcome.ts";
import { crashPoints, stepsThatAct, type CrashPoint } from "../../harness/crash-points.ts";

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
const WITHIN_MS = 180_000;

export async function runCrashes({ every, seed, only, boundaries, workers, log }: CrashesRequest): Promise<Figures> {
  const figures = noFigures();
  const began = Date.now();
  const base = await baseRun();
  figures.broken.push(...brokenBars(base, "partition").map((bar) => `without a fault: ${bar}`));
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
    program: new URL("./worker.ts", import.meta.url),
    workers,
    withinMs: WITHIN_MS,
    failed: endlessCrash,
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
