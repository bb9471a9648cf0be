import { bounds } from "./matrices/bounds.ts";
import { FrozenTally, type LateEffect } from "./matrices/frozen.ts";
import { kinds, matrices, type Kind } from "./matrices/index.ts";
import type { Failure, Tally } from "./matrices/tally.ts";
import { tryMutants, type Mutant } from "./mutants.ts";
import { scenarios } from "./systems/index.ts";
import { drive, type Result } from "./trial.ts";

export interface MatrixRequest {
  /** A system by name; absent: all. */
  readonly system?: string;
  /** One matrix, or `mutants`; absent: all matrices and the mutants. */
  readonly kind?: Kind | "mutants";
  /** One instant in so many; 1: all. */
  readonly every?: number;
  /** Which ones of the sample. */
  readonly seed?: number;
  /** Told after every matrix: the long ones take minutes. */
  readonly progress?: (row: MatrixRow) => void;
}

/** One matrix over one system. */
export interface MatrixRow {
  readonly system: string;
  readonly kind: string;
  readonly tried: number;
  readonly failed: number;
  readonly unclear: number;
  readonly pauses: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
  readonly inherent: Readonly<Record<string, number>>;
  /** Of the frozen orchestrator: what each operation can still do late. */
  readonly late: readonly LateEffect[];
}
/** The keys that other programs read; more may be added. */
export interface MatrixFigures {
  /** Trials: every one is a whole run of the engine. */
  readonly runs: number;
  /** Steps in the journals of the undisturbed runs. */
  readonly steps: number;
  /** Numbered instants of the undisturbed runs: something made durable, or something sent. */
  readonly instants: number;
  /** Points at which the orchestrator was killed, before or after an instant, summed over the crash matrices. */
  readonly boundaries: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly leftovers: number;
  readonly extraRestarts: number;
  readonly doubleActions: number;
  readonly unclear: number;
  readonly mutants: readonly Mutant[];
  readonly failed: number;
  readonly rows: readonly MatrixRow[];
}

/** Throws an Error for a system or a matrix that does not exist. */
export async function runMatrix(request: MatrixRequest = {}): Promise<MatrixFigures> {
  const { system, kind, every = 1, seed = 0, progress = () => undefined } = request;
  const chosen = scenarios.filter((scenario) => system === undefined || scenario.name === system);
  if (chosen.length === 0) throw new Error(`There is no system ${system}: ${scenarios.map((each) => each.name).join(", ")}.`);
  if (kind !== undefined && kind !== "mutants" && !kinds.includes(kind)) throw new Error(`There is no matrix ${kind}: ${kinds.join(", ")}, mutants.`);
  const rows: MatrixRow[] = [];
  const tallies: Tally[] = [];
  const bases: Result[] = [];
  const add = (name: string, of: string, tally: Tally, started: number): void => {
    tallies.push(tally);
    const row = rowOf(name, of, tally, started);
    rows.push(row);
    progress(row);
  };
  for (const scenario of kind === "mutants" ? [] : chosen) {
    const base = await drive(scenario);
    bases.push(base);
    for (const each of kind === undefined || kind === "mutants" ? kinds : [kind]) {
      const started = Date.now();
      add(scenario.name, each, await matrices[each](scenario, base, { every, seed }), started);
    }
  }
  if (kind === undefined && system === undefined) {
    const started = Date.now();
    add("greedy", "bounds", await bounds({ every: 1, seed }), started);
  }
  const mutants = kind === "mutants" || (kind === undefined && system === undefined) ? await tryMutants({ seed }) : [];
  return { ...sums(tallies, bases), mutants, rows };
}

function rowOf(system: string, kind: string, tally: Tally, started: number): MatrixRow {
  return {
    system,
    kind,
    tried: tally.tried,
    failed: tally.failures.length,
    unclear: tally.unclear,
    pauses: tally.pauses,
    seconds: (Date.now() - started) / 1_000,
    failures: tally.failures,
    inherent: Object.fromEntries(tally.inherent),
    late: tally instanceof FrozenTally ? [...tally.operations.values()] : [],
  };
}

function sums(tallies: readonly Tally[], bases: readonly Result[]): Omit<MatrixFigures, "mutants" | "rows"> {
  const faults: Record<string, number> = {};
  for (const tally of tallies) for (const [fault, count] of tally.faults) faults[fault] = (faults[fault] ?? 0) + count;
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const steps = (base: Result): number => new Set(base.events.flatMap((event) => ("step" in event && event.step !== null ? [event.step] : []))).size;
  return {
    runs: sum((tally) => tally.tried) + bases.length,
    steps: bases.reduce((total, base) => total + steps(base), 0),
    instants: bases.reduce((total, base) => total + base.world.instants.length, 0),
    boundaries: sum((tally) => tally.boundaries.size),
    faults,
    lost: sum((tally) => tally.lost),
    leftovers: sum((tally) => tally.leftovers),
    extraRestarts: sum((tally) => tally.extraRestarts),
    doubleActions: sum((tally) => tally.doubleActions),
    unclear: sum((tally) => tally.unclear),
    failed: sum((tally) => tally.failures.length),
  };
}
