// The in-memory matrices as a part of the harness.
import { runMatrix } from "../matrix/main.ts";
import { noFigures, type Figures } from "./figures.ts";
import type { Options } from "./options.ts";

export async function inMemory({ every, seed }: Options, log: (line: string) => void): Promise<Figures> {
  const found = await runMatrix({
    every,
    seed,
    progress: ({ system, kind, tried, failed, seconds }) => log(`${system} ${kind}: ${tried} tried, ${failed} failed (${seconds.toFixed(1)} s)`),
  });
  const { runs, steps, instants, boundaries, faults, lost, leftovers, extraRestarts, doubleActions, unclear, mutants, rows } = found;
  return {
    ...noFigures(),
    runs,
    steps,
    instants,
    boundaries,
    faults: { ...faults },
    lost,
    leftovers,
    extraRestarts,
    doubleActions,
    unclear,
    mutants: mutants.map(({ name, caught, by, example }) => ({ name, caught, by: [by, example].filter((part) => part !== null).join(": ") })),
    broken: [
      ...rows.flatMap(({ system, kind, failures }) => failures.map(({ label, why }) => `${system}/${kind}: ${label}: ${why.join("; ")}`)),
      ...mutants.filter(({ caught }) => !caught).map(({ name }) => `the engine without ${name} is not caught`),
      ...(unclear > 0 ? [`${unclear} steps ended unclear`] : []),
    ],
  };
}
