import type { Driver } from "../../src/model/driver.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Charge } from "./simulation/books.ts";
import type { World } from "./simulation/world.ts";

/** A node that dies or falls silent by itself, and comes back by itself. */
export interface Outage {
  readonly node: string;
  strike(): void;
}

/** A fake system with its driver and what is to be done with it. */
export interface Fixture<F extends Facts, G> {
  readonly driver: Driver<F, G>;
  readonly goal: G;
  /** The goal that returns to the beginning; null: there is none. */
  readonly back: G | null;
  /** Comparable state of the cluster: versions, roles by rule, settings, counts of effects that must not happen twice. */
  end(): object;
  versions(): object;
  /** Process starts by anybody, since the cluster was made. */
  starts(): number;
  /** What must never be, whatever happened. */
  charges(): readonly Charge[];
  /** What is not safe now: a node down, a lease not put back. Empty at the end of every run. */
  leftovers(): readonly string[];
  /** What the operator does before he answers the question of a step. */
  person?(step: string): void;
  readonly outages: readonly Outage[];
  /** Nodes that are not there now, whoever took them away. */
  away(): readonly string[];
}

export interface Scenario {
  readonly name: string;
  make(world: World): Fixture<Facts, never>;
}

/** The engine knows facts and goals as JSON only, so a scenario forgets their types. */
export const scenario = <F extends Facts, G>(name: string, make: (world: World) => Fixture<F, G>): Scenario => ({
  name,
  make: make as unknown as Scenario["make"],
});
