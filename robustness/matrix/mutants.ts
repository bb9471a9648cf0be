// Every safety rule of the engine, switched off in turn: a matrix that says nothing about it would say nothing about a real defect either.
import type { Rule } from "../../src/engine/rules.ts";
import { bounds } from "./matrices/bounds.ts";
import { matrices, type Kind } from "./matrices/index.ts";
import type { Failure, MatrixOptions } from "./matrices/tally.ts";
import { need } from "./simulation/need.ts";
import { scenarios } from "./systems/index.ts";
import { drive } from "./trial.ts";

export interface Mutant {
  readonly name: Rule;
  readonly caught: boolean;
  /** `system/matrix`, where it was caught first. */
  readonly by: string | null;
  /** Failures before the matrix was stopped, and the trials it took. */
  readonly failures: number;
  readonly tried: number;
  readonly example: string | null;
}

interface Probe {
  readonly system: string;
  readonly kind: Kind;
  readonly every: number;
}
const probe = (system: string, kind: Kind, every = 1): Probe => ({ system, kind, every });

/** For each rule the matrices that are asked, the likeliest first. The same ones fail nowhere while every rule is on: the tests see to that. */
export const probes: Readonly<Record<Rule, readonly Probe[]>> = {
  settle: [probe("dolphindb", "crash", 5), probe("cdap", "crash", 20)],
  keep: [probe("dolphindb", "abort"), probe("openmldb-all", "crash", 20)],
  "first-before": [probe("postgres", "crash", 3)],
  "no-worse": [probe("etcd", "outage"), probe("dolphindb", "outage", 5)],
  gate: [probe("etcd", "outage")],
  "resolve-commit": [probe("postgres", "abort-in-flight")],
  bounds: [],
  "journal-expansion": [probe("postgres", "crash"), probe("cdap", "crash", 20)],
  "unreachable-is-not-lost": [probe("cdap", "crash", 40)],
  commit: [probe("postgres", "abort")],
  "held-at-once": [probe("guarded", "crash"), probe("dolphindb", "outage")],
  answered: [probe("cdap", "abort", 10)],
  reconnect: [probe("etcd", "crash")],
};

/** Enough failures to be believed. */
const enough = 3;

export async function tryMutants(options: Partial<MatrixOptions> = {}): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const rule of Object.keys(probes) as readonly Rule[]) mutants.push(await tryMutant(rule, options));
  return mutants;
}

export async function tryMutant(rule: Rule, { seed = 0 }: Partial<MatrixOptions> = {}): Promise<Mutant> {
  const without: ReadonlySet<Rule> = new Set([rule]);
  const caught = (by: string, failures: readonly Failure[], tried: number): Mutant => ({
    name: rule,
    caught: failures.length > 0,
    by,
    failures: failures.length,
    tried,
    example: failures[0] ? `${failures[0].label}: ${failures[0].why.join("; ")}` : null,
  });
  let tried = 0;
  if (rule === "bounds") {
    const tally = await bounds({ every: 1, seed, without });
    return caught("greedy/bounds", tally.failures, tally.tried);
  }
  for (const { system, kind, every } of probes[rule]) {
    const scenario = need(new Map(scenarios.map((each) => [each.name, each])), system);
    const base = await drive(scenario, { without });
    const tally = await matrices[kind](scenario, base, { every, seed, without, atMostFailures: enough });
    tried += tally.tried;
    if (tally.failures.length > 0) return caught(`${system}/${kind}`, tally.failures, tried);
  }
  return { name: rule, caught: false, by: null, failures: 0, tried, example: null };
}
