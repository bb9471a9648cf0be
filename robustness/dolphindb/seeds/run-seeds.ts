// Many seeds over worker threads, until as many count as were asked for; which seeds these are does not depend on who plays them.
import { count, noFigures, type Figures } from "../../harness/figures.ts";
import { overWorkers } from "../../harness/pool.ts";
import { Coverage } from "./coverage.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import { cells, trialOf } from "./verdict.ts";

export interface SeedsRequest {
  readonly seeds: number;
  readonly first: number;
  readonly workers: number;
  readonly log: (line: string) => void;
}

/** Real time for one seed on a machine that others load; a seed takes some seconds. */
const WITHIN_MS = 300_000;
/** A seed that does not count is replaced so often by another with the same fault at the same step. */
const REPLACEMENTS = 3;

export async function runSeeds({ seeds, first, workers, log }: SeedsRequest): Promise<Figures> {
  const figures = noFigures();
  const coverage = new Coverage();
  const block = cells * Math.ceil(seeds / cells);
  const uncounted = new Map<string, number>();
  const began = Date.now();
  let [tried, counted, acknowledged, resent, pauses, questions, stall] = [0, 0, 0, 0, 0, 0, 0];
  let wanted: readonly number[] = Array.from({ length: seeds }, (_, index) => first + index);
  for (let round = 0; wanted.length > 0 && round <= REPLACEMENTS; round++) {
    const outcomes = await overWorkers<SeedTask, SeedOutcome>(
      wanted.map((seed) => ({ seed })),
      {
        program: new URL("./worker.ts", import.meta.url),
        workers,
        withinMs: WITHIN_MS,
        failed: endless,
        done: ({ seed, kind, at, broken }) => {
          tried++;
          for (const bar of broken) log(`seed ${String(seed)} (${kind} at ${at}): ${bar}`);
          if (tried % 20 === 0) log(`${String(tried)} seeds tried, ${((Date.now() - began) / tried).toFixed(0)} ms each`);
        },
      },
    );
    const again: number[] = [];
    for (const outcome of outcomes) {
      const { seed, kind, at } = outcome;
      figures.lost += outcome.lost;
      figures.leftovers += outcome.leftovers;
      figures.extraRestarts += outcome.extraRestarts;
      figures.doubleActions += outcome.doubleActions;
      acknowledged += outcome.acknowledged;
      resent += outcome.resent;
      pauses += outcome.pauses;
      questions += outcome.questions;
      stall = Math.max(stall, outcome.longestStallMs);
      figures.broken.push(...outcome.broken.map((bar) => `seed ${String(seed)} (${kind} at ${at}): ${bar}`));
      if (outcome.uncounted === null) {
        counted++;
        coverage.add(kind, at);
        count(figures.faults, kind);
        continue;
      }
      uncounted.set(outcome.uncounted, (uncounted.get(outcome.uncounted) ?? 0) + 1);
      // One that broke something is told as it is; another in its place would only hide it.
      if (outcome.broken.length === 0) again.push(seed + block);
    }
    wanted = again;
  }
  for (const seed of wanted) {
    const { kind, at } = trialOf(seed).fault;
    figures.broken.push(`${kind} at ${at}: none of ${String(REPLACEMENTS + 1)} seeds counted, the last was ${String(seed - block)}`);
  }
  const holes = coverage.holes();
  if (seeds >= cells && holes.length > 0) figures.broken.push(`no seed that counts has hit: ${holes.join(", ")}`);
  figures.runs = tried;
  figures.seeds = { tried, counted };
  figures.coverage = { ...coverage.toJSON() };
  figures.unclear = questions;
  figures.tables.push(
    `  ${String(acknowledged)} acknowledged rows, ${String(resent)} stored twice because the client sent them again, ${String(pauses)} pauses that an operator resumed, ${String(questions)} questions`,
    `  longest time without an acknowledgement on a partition, over all seeds: ${String(Math.round(stall))} ms`,
    ...[...uncounted].map(([why, times]) => `  not counted: ${String(times)} because ${why}`),
    `  ${((Date.now() - began) / 1_000).toFixed(1)} s, ${((Date.now() - began) / Math.max(1, tried)).toFixed(0)} ms a seed on ${String(workers)} workers`,
    "",
    "  seeds that count, by fault and by the step of the turn that it hit",
    ...coverage.lines(),
  );
  return figures;
}
