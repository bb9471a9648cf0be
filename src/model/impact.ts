export type Effect = "none" | "degraded" | "refused" | "paused" | "lost";

/** What users will feel: one feature in one phase of the run. Durations in milliseconds. */
export interface ImpactForecast {
  /** Stable name of the feature: `writes`, `reads on pg2`. */
  readonly feature: string;
  /** The turn it belongs to. */
  readonly turn: string;
  readonly effect: Effect;
  readonly expectedMs: number;
  /** Where the duration comes from: `driver default`, `median of 3 runs`. */
  readonly basis: string;
  /** The rule's source: a document or requirement number. */
  readonly source: string;
  /** Where the effect is a number of things and not a time (instances that are killed, alerts that are dropped): how many at most. */
  readonly amount?: { readonly value: number; readonly unit: string };
  /** How it will be measured after the run; null: it will be reported as not measured. */
  readonly measure: Measure | null;
}

/**
 * Measured as the longest gap between two acknowledgements inside the turn, by the probe; as the time a node did not serve, by the journal; or as the time
 * that a held step of the turn held, by the journal.
 */
export type Measure =
  | { readonly by: "longest-write-gap" }
  | { readonly by: "node-unavailable"; readonly node: string }
  | { readonly by: "lease-held"; readonly step: string }
  /** The longest, or all time together, that the watched feature did not work in the turn. */
  | { readonly by: "watch"; readonly feature: string; readonly of: "longest" | "total" }
  /** The driver counts it, from what steps and watches left (`SystemDriver.count`); for rows with an `amount`. */
  | { readonly by: "count"; readonly what: string };
