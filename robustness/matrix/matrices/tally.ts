import type { Rule, Timing } from "../../../src/engine/rules.ts";
import type { Scenario } from "../scenario.ts";
import { describeInstant, type Instant } from "../simulation/faults.ts";
import { drive, type Result, type Trial } from "../trial.ts";
import { difference } from "../difference.ts";

export interface MatrixOptions {
  /** One instant in so many is tried; 1: all of them. */
  readonly every: number;
  /** Which ones: sampling begins at `seed` modulo `every`. */
  readonly seed: number;
  readonly without?: ReadonlySet<Rule>;
  readonly timing?: Timing;
  /** Stop after that many failures: a mutant needs to be caught once. */
  readonly atMostFailures?: number;
}

export interface Failure {
  readonly label: string;
  readonly why: readonly string[];
}

/** What one matrix saw of one system. */
export class Tally {
  tried = 0;
  unclear = 0;
  pauses = 0;
  crashes = 0;
  lost = 0;
  leftovers = 0;
  extraRestarts = 0;
  doubleActions = 0;
  readonly faults = new Map<string, number>();
  /** Distinct points at which the orchestrator was cut: before or after a numbered instant of the undisturbed run. */
  readonly boundaries = new Set<string>();
  readonly failures: Failure[] = [];
  /** Endings that nobody can prevent, with the reason, and how often. */
  readonly inherent = new Map<string, number>();
  readonly #options: MatrixOptions;

  constructor(options: MatrixOptions) {
    this.#options = options;
  }
  get enough(): boolean {
    return this.failures.length >= (this.#options.atMostFailures ?? Number.POSITIVE_INFINITY);
  }
  /** Indexes below `length`, sampled; `coarser` makes the sample thinner where trials are many or long. */
  *sample(length: number, coarser = 1): Generator<number> {
    const step = Math.max(1, Math.round(this.#options.every * coarser));
    for (let index = this.#options.seed % step; index < length && !this.enough; index += step) yield index;
  }

  /** Runs one trial; `judge` says what is wrong with its ending, beyond what the fake's books hold against it. */
  async attempt(scenario: Scenario, label: string, trial: Trial, judge: (result: Result) => readonly string[]): Promise<Result | null> {
    this.tried++;
    for (const fault of trial.faults?.values() ?? []) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    const { without, timing } = this.#options;
    let result: Result;
    try {
      result = await drive(scenario, { ...trial, ...(without ? { without } : {}), ...(timing ? { timing } : {}) });
    } catch (error) {
      this.failures.push({ label, why: [error instanceof Error ? `threw ${error.stack ?? error.message}` : String(error)] });
      return null;
    }
    this.unclear += result.unclear.length;
    this.pauses += result.pauses.length;
    this.crashes += result.crashes;
    const why = [...judge(result), ...result.awake];
    if (why.length > 0) this.failures.push({ label, why });
    return result;
  }
  /** Counts what is left wrong in a system, and says it. */
  held(result: Result): readonly string[] {
    const { charges, leftovers } = result;
    this.lost += charges.filter((charge) => charge.kind === "lost").length;
    this.doubleActions += charges.filter((charge) => charge.kind === "double").length;
    this.leftovers += leftovers.length;
    return [...charges.map((charge) => charge.what), ...leftovers];
  }
  /** The same ending as the undisturbed run. */
  sameEnd(base: Result, result: Result): readonly string[] {
    this.extraRestarts += Math.max(0, result.starts - base.starts);
    return result.end === base.end ? [] : [`another end: ${difference(base.end, result.end).join(", ")}`];
  }
}

/** Where every pair of instants would be tried, the sample gets thinner with their number: the trials grow in proportion to the run, not to its square. */
export const pairStep = (base: Result): number => Math.max(1, Math.round(base.world.instants.length / 100));

export const ended = (result: Result, as: string): readonly string[] =>
  result.outcome?.is === as
    ? []
    : [`ended ${JSON.stringify(result.outcome)} ${[...result.unclear, ...result.pauses.slice(0, 2)].join(" | ")}`.trimEnd()];

export const labelOf = (number: number, instant: Instant | undefined, what: string): string => `#${number} ${describeInstant(instant)} [${what}]`;
