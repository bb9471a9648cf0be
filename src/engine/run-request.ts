// What the loop is given, and what it comes to.
import type { Driver } from "../model/driver.ts";
import type { ErrorCode } from "../model/errors.ts";
import type { RunEnd, RunEvent } from "../model/event.ts";
import type { Facts } from "../model/facts.ts";
import type { Turn } from "../model/step.ts";
import type { Rule, Timing } from "./rules.ts";
import type { Surroundings } from "./surroundings.ts";

export type Outcome =
  | { readonly is: RunEnd | "released" }
  | { readonly is: "paused"; readonly code: ErrorCode | "operator"; readonly step: string | null; readonly why: string }
  | { readonly is: "asks"; readonly code: ErrorCode; readonly step: string; readonly question: string };

export interface RunRequest<F extends Facts> {
  /** Unique to the run: tokens of detached commands start with it. */
  readonly id: string;
  readonly driver: Pick<Driver<F, never>, "operations" | "invariants" | "inspect">;
  readonly turns: readonly Turn[];
  /** What the journal holds so far. */
  readonly events: readonly RunEvent[];
  readonly surroundings: Surroundings;
  readonly timing?: Timing;
  /** The watchdog's part: nothing goes forward, these held steps are put back and marked as released. */
  readonly release?: readonly string[];
  readonly without?: ReadonlySet<Rule>;
  /** What follows an exception that nobody expected, of the driver or of ours. `pause`: the run stands still in order, SW9999. Default `throw`, for tests whose crashes are exceptions. */
  readonly onDefect?: "pause" | "throw";
}
