import type { Json } from "./json.ts";

export const phases = ["guard", "stage", "drain", "move", "stop", "backup", "replace", "start", "ready", "recover", "restore", "verify"] as const;
/** What kind of moment a step is; the order of the list is the usual order inside a turn. */
export type Phase = (typeof phases)[number];

/** What the watchdog does with a held step when Stillwater dies: put it back at once, only raise the alarm, or let what runs finish and then put it back. */
export type OrphanPolicy = "release" | "page" | "finish-then-release";

/** One named operation with its parameters. An expansion at run time yields the same type: it is journaled, then run like any step. */
export interface Step {
  /** Unique in its list; the engine prefixes the id of the step that expanded into it. */
  readonly id: string;
  readonly phase: Phase;
  /** An operation of the driver. */
  readonly do: string;
  readonly params: Json;
  /** What happens, in the vendor's words, for people. */
  readonly title?: string;
  /** Why it is done, or done here and not elsewhere, with its source; for whoever reads the plan step by step. */
  readonly note?: string;
  /** How long it usually takes, in milliseconds; shown beside the elapsed time, never a deadline. */
  readonly expectedMs?: number;
  /** A lease or a ledger: undone before the run ends, on every path; until then it is looked at again and set again when lost. */
  readonly held?: OrphanPolicy;
  /** Shown to a person, who must answer before the step begins: an approval, or the instruction of a step that only a person can do. */
  readonly ask?: string;
  /** Once this step has begun, an abort finishes the turn instead of undoing it (`turn`), or the whole run has no way back (`run`). */
  readonly commits?: { readonly of: "turn" | "run"; readonly why: string };
  /** What this step may expand into. The plan is approved with it; the engine refuses anything outside. */
  readonly may?: { readonly do: readonly string[]; readonly atMost: number };
  /** The moment that its end is, in the vendor's words, for the records: `application restored`, `console accessible`. */
  readonly instant?: string;
  /** From its end, or from its own beginning, the system is in maintenance, or from its end no longer: the records count the time between. */
  readonly maintenance?: "begins" | "begins-with" | "ends";
  /** After that many milliseconds the run pauses and asks. */
  readonly withinMs?: number;
}

/** Puts back what the step of that id did, and everything it expanded into, in reverse order. Its steps come from `Operation.undo`. */
export interface Undo {
  readonly undo: string;
}
export type Item = Step | Undo;

export const isUndo = (item: Item): item is Undo => "undo" in item;

/** The passage of one unit through its steps. A unit is its list of nodes: one, all of a host, or none for the cluster as a whole. */
export interface Turn {
  readonly id: string;
  readonly nodes: readonly string[];
  /** What happens in this turn, in a few words for the plan's table. */
  readonly title?: string;
  /** The role of the unit when the plan was made; informative, roles move. */
  readonly role?: string;
  /** It mends what the gate before a turn would find: only the gate after it counts. */
  readonly heals?: true;
  readonly items: readonly Item[];
}
