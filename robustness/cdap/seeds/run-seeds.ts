// Many seeds over worker threads; which seeds these are does not depend on who plays them.
import { count, noFigures, type Figures } from "../../harness/figures.ts";
import { overWorkers } from "../../harness/pool.ts";
import type { SeedPlayer, SeedsRequest } from "../../harness/run-seeds.ts";
import { columns } from "./columns.ts";
import { faultKinds } from "./faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "./outcome.ts";
import { cells, trialOf } from "./verdict.ts";

export const seedPlayer: SeedPlayer<SeedTask, SeedOutcome> = {
  program: new URL("./worker.ts", import.meta.url),
  // A seed takes some seconds.
  withinMs: 300_000,
  kinds: faultKinds,
  places: columns,
  place: "the step",
  task: (seed) => ({ seed }),
  failed: endless,
  faultOf: (seed) => trialOf(seed).fault,
};

export async function runSeeds({ seeds, first, workers, log }: SeedsRequest): Promise<Figures> {
  const figures = noFigures();
  const began = Date.now();
  let tried = 0;
  const outcomes = await overWorkers<SeedTask, SeedOutcome>(
    Array.from({ length: seeds }, (_, index) => ({ seed: first + index })),
    {
      ...seedPlayer,
      workers,
      done: ({ seed, kind, at, broken }) => {
        tried++;
        for (const bar of broken) log(`seed ${String(seed)} (${kind} at ${at}): ${bar}`);
        if (tried % 20 === 0) log(`${String(tried)} seeds tried, ${((Date.now() - began) / tried).toFixed(0)} ms each`);
      },
    },
  );
  const counted = outcomes.filter(({ uncounted }) => uncounted === null);
  for (const outcome of outcomes) {
    figures.lost += outcome.lost;
    figures.leftovers += outcome.leftovers;
    figures.doubleActions += outcome.doubleActions;
    figures.unclear += outcome.questions;
    figures.broken.push(...outcome.broken.map((bar) => `seed ${String(outcome.seed)} (${outcome.kind} at ${outcome.at}): ${bar}`));
  }
  for (const { kind, at } of counted) {
    count(figures.faults, kind);
    figures.coverage = { ...figures.coverage, [at]: (figures.coverage?.[at] ?? 0) + 1 };
  }
  figures.runs = tried;
  figures.seeds = { tried, counted: counted.length };
  figures.tables.push(...lossLines(outcomes, figures.broken), ...told(outcomes), ...hits(counted));
  figures.tables.push(
    `  ${((Date.now() - began) / 1_000).toFixed(1)} s, ${((Date.now() - began) / Math.max(1, tried)).toFixed(0)} ms a seed on ${String(workers)} workers`,
  );
  if (seeds >= cells) {
    const holes = [
      ...faultKinds.filter((kind) => figures.faults[kind] === undefined),
      ...columns.filter((at) => figures.coverage?.[at] === undefined),
    ];
    if (holes.length > 0) figures.broken.push(`no seed that counts has hit: ${holes.join(", ")}`);
  }
  return figures;
}

/** Pipelines that were said to lose records: with the budget cut over all seeds, each must have lost some, or the verdict says nothing. */
function lossLines(outcomes: readonly SeedOutcome[], broken: string[]): readonly string[] {
  const all = outcomes.flatMap(({ lossPossible }) => lossPossible);
  const groups = Map.groupBy(all, ({ app, cut }) => `${app}${cut ? ", budget cut" : ""}`);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      const losing = own.filter(({ lost }) => lost > 0).length;
      const records = own.reduce((sum, { lost }) => sum + lost, 0);
      if (own[0]?.cut === true && losing === 0)
        broken.push(`${name}: loss was said to be possible in ${String(own.length)} seeds, and nothing was lost in any`);
      return `  said to lose records: ${name}: ${String(losing)} of ${String(own.length)} seeds did, ${String(records)} records`;
    });
}
function told(outcomes: readonly SeedOutcome[]): readonly string[] {
  const sum = (of: (outcome: SeedOutcome) => number): number => outcomes.reduce((all, each) => all + of(each), 0);
  const uncounted = Map.groupBy(
    outcomes.filter((each) => each.uncounted !== null),
    ({ uncounted: why }) => why ?? "",
  );
  return [
    `  ${String(sum(({ delivered }) => delivered))} records delivered, ${String(sum(({ pauses }) => pauses))} pauses that an operator resumed, ${String(sum(({ questions }) => questions))} questions`,
    ...[...uncounted].map(([why, own]) => `  not counted: ${String(own.length)} because ${why}`),
  ];
}
const hits = (counted: readonly SeedOutcome[]): readonly string[] =>
  columns.map((at) => `  hit at ${at.padEnd(12)} ${String(counted.filter((each) => each.at === at).length)}`);
