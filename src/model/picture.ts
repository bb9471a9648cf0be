import type { Phase } from "./step.ts";

// What the picture of a run is drawn from. All times in milliseconds since 1970; `to` null: still open at the last journal entry.

/** One step as it really was. A step that only waited for a condition has no acts. */
export interface Bar {
  readonly step: string;
  /** The step that expanded into it. */
  readonly parent: string | null;
  readonly turn: string | null;
  /** The nodes it concerns; empty: the cluster as a whole. An expansion may concern another node than its turn. */
  readonly nodes: readonly string[];
  readonly phase: Phase;
  readonly title: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly acts: number;
  /** False: still under way, or given up by an abort. */
  readonly done: boolean;
  /** It put something back. */
  readonly undo: boolean;
}

export interface TurnTimes {
  readonly id: string;
  readonly title: string | null;
  readonly nodes: readonly string[];
  /** Null: nothing of this turn is in the journal. */
  readonly from: number | null;
  readonly to: number | null;
}

export interface NodeTimes {
  readonly node: string;
  readonly restarts: number;
  /** From the first act of a stop until the node was seen ready again. */
  readonly unavailable: readonly { readonly from: number; readonly to: number | null }[];
}

/** A time in which nothing was under way. `gone`: the process of Stillwater ended without a word; it died at `from` or later. */
export interface Away {
  readonly is: "gone" | "pause" | "ask";
  readonly from: number;
  readonly to: number | null;
  readonly step: string | null;
  readonly why: string;
}

export interface Timeline {
  readonly from: number;
  /** The last entry. */
  readonly to: number;
  readonly bars: readonly Bar[];
  readonly turns: readonly TurnTimes[];
  readonly nodes: readonly NodeTimes[];
  readonly away: readonly Away[];
  readonly claims: readonly { readonly epoch: number; readonly at: number; readonly holder: string; readonly verb: string }[];
  readonly wallMs: number;
  /** The time in which steps were really under way: without pauses, questions and the absence of Stillwater. */
  readonly criticalPathMs: number;
}

/** A short stretch of the probe: attempts that were sent in it, by outcome; latencies of the acknowledged ones. */
export interface ProbeBucket {
  readonly from: number;
  readonly to: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The longest gap between two acknowledgements on one partition, of those that ended in this stretch; exact, not rounded to stretches. */
  readonly longestGap: { readonly from: number; readonly to: number } | null;
}
