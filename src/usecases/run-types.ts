import type { JournalEntry, RunEnd } from "../model/event.ts";
import type { ErrorCode } from "../model/errors.ts";
import type { Progress, RunRecord } from "../journal/store.ts";

// What callers of the use cases meet of the journal.
export type { Desired, Progress, RunRecord, Store } from "../journal/store.ts";

/** What a caller may watch while a run is under way. Called in order; must not throw. */
export interface RunObserver {
  /** First of all: the run that is worked on, as the worker has it. A plan of thousands of objects is not read once more to be shown. */
  begun?(record: RunRecord): void;
  entry(entry: JournalEntry): void;
  progress(progress: Progress): void;
}

/** How a worker came to an end. `paused` and `asks` leave the run open: `resume` or an answer goes on. `force-stopped`: it came only to conclude. */
export type RunOutcome =
  | { readonly is: RunEnd }
  | { readonly is: "paused"; readonly code: ErrorCode | "operator"; readonly step: string | null; readonly why: string }
  | { readonly is: "asks"; readonly code: ErrorCode; readonly step: string; readonly question: string };

export interface RunResult {
  readonly run: number;
  readonly cluster: string;
  readonly outcome: RunOutcome;
}

export const hasEnded = ({ is }: RunOutcome): boolean => is !== "paused" && is !== "asks";
