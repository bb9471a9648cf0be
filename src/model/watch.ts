import type { Json } from "./json.ts";

/** One try of a feature, by a client that only its users' way knows. A time-out is `failed`: users do not care why. */
export type FeatureOutcome = { readonly is: "works"; readonly detail?: string } | { readonly is: "refused" | "failed"; readonly why: string };

/** A feature as its users meet it, tried again and again beside a run: `logon`, `calls of logical-table APIs`. */
export interface FeatureWatch {
  /** Stable; the measure of an impact row names it. */
  readonly feature: string;
  readonly everyMs: number;
  /** Longest time of one try, in ms: a try that is not over by then has failed. */
  readonly withinMs: number;
  try(signal: AbortSignal): Promise<FeatureOutcome>;
}

/** Something that the system would have told its users, seen by our own watcher. */
export interface WatchedEvent {
  /** The same however often it is seen. */
  readonly key: string;
  /** When it happened, ms since 1970, by the system's clock. */
  readonly at: number;
  readonly object: string;
  readonly what: string;
}
export type EventPolicy = "deliver" | "queue" | "drop";

/** Reads what happened where the system's own alerting would have seen it. */
export interface EventWatch {
  /** Stable: `alerts of real-time instances`. */
  readonly name: string;
  readonly everyMs: number;
  /** To the operator's alert hook at once, once the run has finished, or not at all; the reason is kept with every event. */
  readonly policy: EventPolicy;
  readonly why: string;
  /** What is new since `cursor` (null: from now on), and where to go on. Throws when it cannot see; asked again then. */
  collect(cursor: Json): Promise<{ readonly events: readonly WatchedEvent[]; readonly cursor: Json }>;
}

/** What the process beside a run watches, with connections of its own. */
export interface Watches {
  readonly features: readonly FeatureWatch[];
  readonly events: readonly EventWatch[];
  close(): Promise<void>;
}

/** A feature's outages, as its tries saw them: from the first try that did not work to the first that worked again. ms since 1970. */
export interface Watched {
  readonly features: readonly {
    readonly feature: string;
    readonly tries: number;
    readonly works: number;
    readonly refused: number;
    readonly failed: number;
    /** Began and ended; `to` null: it did not work at the end. */
    readonly outages: readonly { readonly from: number; readonly to: number | null; readonly why: string }[];
    /** Times in which nobody tried for more than three intervals: nothing is known of them. */
    readonly holesMs: number;
    /** The same, one by one: an outage may hide in them. Absent: an older release wrote it. */
    readonly holes?: readonly { readonly from: number; readonly to: number }[];
  }[];
  readonly events: readonly (WatchedEvent & {
    readonly watch: string;
    readonly policy: EventPolicy;
    readonly why: string;
    readonly seenAt: number;
    /** Null: dropped, or not delivered yet. */
    readonly deliveredAt: number | null;
  })[];
  /** Event watches that could not be read at the end: what happened since they last could (null: never) is not known. Absent: an older release wrote it. */
  readonly blind?: readonly { readonly watch: string; readonly since: number | null; readonly why: string }[];
}
