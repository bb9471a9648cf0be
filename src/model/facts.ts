import type { Json } from "./json.ts";

/** One observation. `structure` makes a plan stale when it changes (versions, topology, placement); `now` never does (who leads, how far behind). */
export interface Facts<Structure extends Json = Json, Now extends Json = Json> {
  readonly structure: Structure;
  readonly now: Now;
}

/** One object for which something does not hold. */
export interface Finding {
  readonly object: string;
  readonly what: string;
}

export interface Invariant<F extends Facts> {
  readonly name: string;
  /** `always`: no step may make it worse. `between turns`: the gate before each turn and the end of the run. */
  readonly holds: "always" | "between turns";
  broken(facts: F): readonly Finding[];
}

/** A node as people see it: the row of `inspect`, `status` and the report. */
export interface NodeView {
  readonly name: string;
  readonly role: string;
  readonly endpoint: string;
  /** What runs; null while nothing answers. */
  readonly version: string | null;
  /** What is installed; null where it cannot be read. */
  readonly installed: string | null;
  readonly state: "serving" | "down" | "unreachable";
  /** A few words: lag, timeline, why it is not serving. */
  readonly detail: string;
}

/** One precheck with its evidence. `blocker` refuses the plan unless it is overridden by name. */
export interface Check {
  /** A passed check with the code `settings` says what changes in one file of the object; a plan shows it. */
  readonly code: string;
  readonly object: string;
  readonly verdict: "passed" | "warning" | "blocker" | "not-measured";
  readonly what: string;
  /** What to do, and who can; empty for a passed check. */
  readonly remedy?: string;
  /** What an override would cost; a blocker without a price cannot be overridden. */
  readonly price?: string;
  readonly source?: string;
}
