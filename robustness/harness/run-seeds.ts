// Many seeds of a system over worker threads, until as many count as were asked for; which seeds these are does not depend on who plays them.
import { Coverage } from "./coverage.ts";
import { count, noFigures, type Figures } from "./figures.ts";
import type { Judgement } from "./judgement.ts";
import { overWorkers } from "./pool.ts";

export interface SeedOutcome extends Judgement {
  readonly seed: number;
  readonly kind: string;
  /** Where the fault hit. */
  readonly at: string;
  /** Null: it counts. */
  readonly uncounted: string | null;
}
/** How a system plays seeds. */
export interface SeedPlayer<Task, Outcome extends SeedOutcome> {
  /** Of a worker thread. */
  readonly program: URL;
  /** Real time for one seed on a machine that others load, milliseconds. */
  readonly withinMs: number;
  readonly kinds: readonly string[];
  readonly places: readonly string[];
  /** What a place is: `the step of the turn`. */
  readonly place: string;
  readonly task: (seed: number) => Task;
  readonly failed: (task: Task, why: string) => Outcome;
  readonly faultOf: (seed: number) => { readonly kind: string; readonly at: string };
}
export interface SeedSystem<Task, Outcome extends SeedOutcome> extends SeedPlayer<Task, Outcome> {
  /** A seed that does not count is replaced so often by another with the same fault at the same place. */
  readonly replacements: number;
  /** What is said of all of them together, for people. */
  readonly about: (outcomes: readonly Outcome[]) => readonly string[];
}
export interface SeedsRequest {
  readonly seeds: number;
  readonly first: number;
  readonly workers: number;
  readonly log: (line: string) => void;
}

/** Progress is told after so many. */
const TOLD_EVERY = 20;

export async function runSeedsOf<Task, Outcome extends SeedOutcome>(
  system: SeedSystem<Task, Outcome>,
  { seeds, first, workers, log }: SeedsRequest,
): Promise<Figures> {
  const figures = noFigures();
  const coverage = new Coverage(system.kinds, system.places);
  const cells = system.kinds.length * system.places.length;
  const block = cells * Math.ceil(seeds / cells);
  const uncounted = new Map<string, number>();
  const all: Outcome[] = [];
  const began = Date.now();
  let [tried, counted] = [0, 0];
  const msEach = (): string => ((Date.now() - began) / Math.max(1, tried)).toFixed(0);
  let wanted: readonly number[] = Array.from({ length: seeds }, (_, index) => first + index);
  for (let round = 0; wanted.length > 0 && round <= system.replacements; round++) {
    const outcomes = await overWorkers<Task, Outcome>(wanted.map(system.task), {
      program: system.program,
      workers,
      withinMs: system.withinMs,
      failed: system.failed,
      done: (outcome) => {
        tried++;
        for (const bar of outcome.broken) log(told(outcome, bar));
        if (tried % TOLD_EVERY === 0) log(`${String(tried)} seeds tried, ${msEach()} ms each`);
      },
    });
    all.push(...outcomes);
    const again: number[] = [];
    for (const outcome of outcomes) {
      addTo(figures, outcome);
      if (outcome.uncounted === null) {
        counted++;
        coverage.add(outcome.kind, outcome.at);
        count(figures.faults, outcome.kind);
        continue;
      }
      uncounted.set(outcome.uncounted, (uncounted.get(outcome.uncounted) ?? 0) + 1);
      // One that broke something is told as it is; another in its place would only hide it.
      if (outcome.broken.length === 0) again.push(outcome.seed + block);
    }
    wanted = again;
  }
  for (const seed of wanted) {
    const { kind, at } = system.faultOf(seed);
    figures.broken.push(`${kind} at ${at}: none of ${String(system.replacements + 1)} seeds counted, the last was ${String(seed - block)}`);
  }
  const holes = coverage.holes();
  if (seeds >= cells && holes.length > 0) figures.broken.push(`no seed that counts has hit: ${holes.join(", ")}`);
  figures.runs = tried;
  figures.seeds = { tried, counted };
  figures.coverage = { ...coverage.toJSON() };
  figures.tables.push(
    ...system.about(all).map((line) => `  ${line}`),
    ...[...uncounted].map(([why, times]) => `  not counted: ${String(times)} because ${why}`),
    `  ${((Date.now() - began) / 1_000).toFixed(1)} s, ${msEach()} ms a seed on ${String(workers)} workers`,
    "",
    `  seeds that count, by fault and by ${system.place} that it hit`,
    ...coverage.lines(),
  );
  return figures;
}

const told = ({ seed, kind, at }: SeedOutcome, bar: string): string => `seed ${String(seed)} (${kind} at ${at}): ${bar}`;
function addTo(figures: Figures, outcome: SeedOutcome): void {
  figures.lost += outcome.lost;
  figures.leftovers += outcome.leftovers;
  figures.extraRestarts += outcome.extraRestarts;
  figures.doubleActions += outcome.doubleActions;
  figures.unclear += outcome.questions;
  figures.broken.push(...outcome.broken.map((bar) => told(outcome, bar)));
}
/** Over all outcomes. */
export const sumOf = <Outcome>(outcomes: readonly Outcome[], of: (outcome: Outcome) => number): string =>
  String(outcomes.reduce((sum, outcome) => sum + of(outcome), 0));
