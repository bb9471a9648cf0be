// synchronous_standby_names for the time of the run. Pure.
import type { Goal, Mode } from "../../../model/goal.ts";
import { nodeNames, nowOf, type PgFacts } from "../facts.ts";
import { formatSyncNames, lowered } from "../sync-names.ts";
import { needsRestart, syncRuleOf } from "./modes.ts";

/** How the nodes call themselves as standbys: what the setting's names are compared with. A node that does not say it now counts as called like itself. */
const namesOf = (facts: PgFacts): readonly string[] => nodeNames(facts).map((node) => nowOf(facts, node).applicationName ?? node);

export interface SyncLease {
  /** Node to the value for the time of the run. */
  readonly values: Readonly<Record<string, string>>;
  /** Commits wait for nobody meanwhile. */
  readonly off: boolean;
}

/** What must be lowered so that commits do not wait for a standby that is in its turn; null: nothing. */
export function syncLease(facts: PgFacts, goal: Goal, mode: Mode): SyncLease | null {
  if (mode === "downtime" || !needsRestart(facts, goal)) return null;
  const names = namesOf(facts);
  if (names.length < 2) return null;
  let due = false;
  let off = false;
  const values: Record<string, string> = {};
  for (const node of nodeNames(facts)) {
    const rule = syncRuleOf(facts, node);
    if (rule === null) continue;
    const less = lowered(rule, names);
    if (less === null) continue;
    due = true;
    off ||= less === "off";
    values[node] = less === "off" ? "" : formatSyncNames(less);
  }
  return due ? { values, off } : null;
}
