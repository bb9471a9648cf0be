// What a part of the harness has found: the document that `--json` prints.

export interface MutantFigure {
  readonly name: string;
  readonly caught: boolean;
  /** The check that failed, and the words of it that name the rule; or why it was not caught. */
  readonly by: string;
}

export interface Figures {
  runs: number;
  /** Steps of the journal that acted, over all base runs. */
  steps: number;
  /** Kills at the four instants of each of those steps. */
  instants: number;
  /** Kills elsewhere: before and after conditions, inside effects, of the sidecar. */
  boundaries: number;
  faults: Record<string, number>;
  lost: number;
  leftovers: number;
  extraRestarts: number;
  doubleActions: number;
  /** Trials that ended with a question or a pause. */
  unclear: number;
  /** Trials that ended well and whose report says honestly that a window held too few acknowledgements: no bar, but told. */
  notMeasured: number;
  mutants: MutantFigure[];
  /** Seeds that were tried, and those that count: their fault fired, and there was something to lose. Absent: not counted in seeds. */
  seeds?: { tried: number; counted: number };
  /** How often what was hit where, by seeds that count. */
  coverage?: Record<string, number>;
  /** More for people. */
  tables: string[];
  /** Each bar that was broken, and where; empty: all is well. */
  broken: string[];
  /** What could not be tried on this machine, with the reason. */
  skipped: string[];
}

export const noFigures = (): Figures => ({
  runs: 0,
  steps: 0,
  instants: 0,
  boundaries: 0,
  faults: {},
  lost: 0,
  leftovers: 0,
  extraRestarts: 0,
  doubleActions: 0,
  unclear: 0,
  notMeasured: 0,
  mutants: [],
  tables: [],
  broken: [],
  skipped: [],
});

export function count(faults: Record<string, number>, kind: string): void {
  faults[kind] = (faults[kind] ?? 0) + 1;
}

/** A plain table for people. */
export function figureLines(figures: Figures): readonly string[] {
  const { runs, steps, instants, boundaries, faults, lost, leftovers, extraRestarts, doubleActions, unclear, notMeasured, mutants, broken, skipped } =
    figures;
  const { seeds, tables } = figures;
  const line = (name: string, value: string | number): string => `  ${name.padEnd(16)} ${value}`;
  const caught = mutants.filter((mutant) => mutant.caught).length;
  return [
    line("runs", runs),
    ...(seeds === undefined ? [] : [line("seeds", `${seeds.tried} tried, ${seeds.counted} counted`)]),
    ...(steps > 0
      ? [line("steps", `${steps} that acted`), line("instants", `${instants} (4 x ${steps} = ${4 * steps})`), line("boundaries", boundaries)]
      : []),
    ...Object.entries(faults).map(([kind, times]) => line("fault", `${kind} x ${times}`)),
    line("lost", lost),
    line("leftovers", leftovers),
    line("extra restarts", extraRestarts),
    line("double actions", doubleActions),
    line("unclear", unclear),
    line("not measured", notMeasured),
    ...(mutants.length > 0 ? [line("mutants", `${caught} of ${mutants.length} caught`)] : []),
    ...tables,
    ...skipped.map((each) => line("skipped", each)),
    ...broken.map((each) => line("BROKEN", each)),
  ];
}
