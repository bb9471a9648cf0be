// synchronous_standby_names for the time of the run. Pure.
import type { Refusal } from "../../../model/driver.ts";
import type { Goal, Mode } from "../../../model/goal.ts";
import { nodeNames, nowOf, withNow, type PgFacts } from "../facts.ts";
import { formatSyncNames, lowered } from "../sync-names.ts";
import { needsRestart, syncRuleOf } from "./modes.ts";
import { inScope, settingChanges } from "./scope.ts";

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

/**
 * A run cannot hold a lease of what it sets: each turn would undo the other's value, and the end would put the former one back. The same where the new
 * value is the one that would need it: its commits would wait for the nodes that are still to come.
 */
export function refuseLeased(facts: PgFacts, goal: Goal, mode: Mode): Refusal | null {
  const name = "synchronous_standby_names";
  const change = settingChanges(facts, goal).find((each) => each.name === name);
  if (change === undefined || mode === "downtime" || !needsRestart(facts, goal)) return null;
  const { wanted } = change;
  // What stands in postgresql.conf below the entry is not known here.
  const after = inScope(facts, goal).reduce((seen, node) => withNow(seen, node, { syncNames: wanted ?? "" }), facts);
  if (wanted !== null && syncLease(facts, goal, mode) === null && syncLease(after, goal, mode) === null) return null;
  return {
    object: name,
    refused: `${name} is lowered while nodes restart, so that commits do not wait for them: a run that does so cannot set it`,
    clear: `make two plans: --set ${name}=... needs only a reload; it can come before the other or after it`,
    why: ["at the end such a run puts back what each node had before it"],
  };
}
