// From a ledger of stopped runs to the starts that undo it. Pure.
import type { Item } from "../../../model/step.ts";
import type { LedgerRun, StartEntry } from "../step-names.ts";
import { steps } from "../steps.ts";

/** Stillwater asked for its end: neither a child, which its workflow ends, nor one that somebody else had stopped before. */
export const isAsked = ({ childOf, status }: LedgerRun): boolean => childOf === null && status !== "STOPPING";

/** What Stillwater stopped. Children come with their workflow, and what somebody else had stopped stays stopped. */
export function startsOf(runs: readonly LedgerRun[]): readonly Item[] {
  const entries = runs
    .filter(isAsked)
    .map(({ ns, app, type, program, runId, args }): StartEntry => ({ ns, app, type, program, mark: runId, after: runId, args }));
  return entries.length === 0 ? [] : [steps.startPrograms("start", { entries })];
}
