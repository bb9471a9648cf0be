import type { ErrorCode } from "../model/errors.ts";

/** Safety rules that a mutant of the tests can switch off, to show that the harness sees what each of them is for. Empty in the product. */
export type Rule =
  | "settle"
  | "keep"
  | "first-before"
  | "no-worse"
  | "gate"
  | "resolve-commit"
  | "bounds"
  | "journal-expansion"
  | "unreachable-is-not-lost"
  | "commit"
  | "held-at-once"
  | "answered"
  | "reconnect";

/** How long the engine waits; milliseconds. */
export interface Timing {
  /** First and longest time between two looks at the same thing. */
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
  /** A step or gate without a deadline of its own pauses the run after that. */
  readonly patienceMs: number;
  /** Between two looks at held steps while the run only waits. */
  readonly keepMs: number;
  /** Refusals in a row of one step before the run pauses. */
  readonly refusals: number;
}
export const defaultTiming: Timing = { pollMinMs: 4, pollMaxMs: 100, patienceMs: 180_000, keepMs: 1_000, refusals: 5 };

/** Another's file, a full disk, a damaged copy: the same act would be refused again. */
export const finalRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["SW3002", "SW3005", "SW3011", "SW3012", "SW3013"]);
