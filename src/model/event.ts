import type { Json } from "./json.ts";
import type { Item } from "./step.ts";
import type { ErrorCode } from "./errors.ts";

export type Answer = "approve" | "done" | "again" | "skip";

/** What the journal of a run holds, in order. The state of a run is a fold of it and of the plan. */
export type RunEvent =
  /** A process took the claim: the run began or went on. */
  | { readonly is: "claimed"; readonly holder: string; readonly verb: string; readonly pid: number }
  /** Durable before the effect; `before` with the first event of a step. `settled`: when the effect can no longer arrive unseen (ms since 1970). */
  /** `why`: what the look before it found to do. */
  | { readonly is: "acting"; readonly step: string; readonly at: number; readonly settled: number; readonly why?: string; readonly before?: Json }
  | { readonly is: "acted"; readonly step: string; readonly receipt: Json }
  /** An answer too: it did nothing, so nothing has to settle. */
  | { readonly is: "refused"; readonly step: string; readonly why: string }
  | { readonly is: "expanded"; readonly step: string; readonly into: readonly Item[]; readonly before?: Json }
  /** `word`: whose word it is that it has happened, where no look could tell. */
  | { readonly is: "done"; readonly step: string; readonly proof: Json; readonly word?: string; readonly before?: Json }
  /** A held step no longer holds: the ordinary loop does it again. */
  | { readonly is: "lost"; readonly step: string }
  /** A held step was put back. */
  | { readonly is: "undone"; readonly step: string }
  /** The watchdog put a held step back because nobody was there: a resume sets it again. */
  | { readonly is: "released"; readonly step: string }
  /** Looked at after it settled: it never happened. */
  | { readonly is: "absent"; readonly step: string }
  | { readonly is: "asked"; readonly step: string; readonly code: ErrorCode; readonly question: string; readonly before?: Json }
  | { readonly is: "answered"; readonly step: string; readonly answer: Answer; readonly by: string; readonly reason: string }
  /** The run stands still; `resume` goes on. `step` null: at the end, or between turns. */
  | { readonly is: "paused"; readonly step: string | null; readonly code: ErrorCode | "operator"; readonly why: string }
  | { readonly is: "aborting"; readonly turn: string | null; readonly finish: boolean; readonly by: string; readonly reason: string }
  | { readonly is: "alarm"; readonly what: string; readonly step: string | null }
  | { readonly is: "finished"; readonly as: RunEnd; readonly forced?: ForcedEnd };

/** `force-stopped`: an operator ended it where it was, without a way back. */
export type RunEnd = "succeeded" | "aborted" | "force-stopped";
export interface ForcedEnd {
  /** What he says that came of it. */
  readonly mark: "succeeded" | "failed";
  readonly by: string;
  readonly reason: string;
  /** What is still set in the cluster, in words. */
  readonly left: readonly string[];
}

/** An event as it is kept: its number in the run from 1, the epoch that wrote it, the time in ms since 1970. */
export interface JournalEntry {
  readonly n: number;
  readonly epoch: number;
  readonly at: number;
  readonly event: RunEvent;
}
