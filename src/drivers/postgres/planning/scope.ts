// Which nodes a goal is about, and in which order they take their turns. Pure.
import type { Goal } from "../../../model/goal.ts";
import { nodeNames, nowOf, structureOf, type CatalogueEntry, type PgFacts } from "../facts.ts";
import { standbyLimits } from "../settings/known.ts";
import { parseValue } from "../settings/value.ts";

export const inScope = (facts: PgFacts, goal: Goal): readonly string[] =>
  nodeNames(facts).filter((node) => goal.only === null || goal.only.includes(node));

/** Standbys first, the primary last. */
export const standbysFirst = (facts: PgFacts, nodes: readonly string[]): readonly string[] =>
  nodes.toSorted((a, b) => Number(nowOf(facts, a).role === "primary") - Number(nowOf(facts, b).role === "primary"));

export const needsVersion = (facts: PgFacts, node: string, version: string): boolean =>
  structureOf(facts, node).installed !== version || (nowOf(facts, node).running ?? version) !== version;

export interface SettingChange {
  readonly name: string;
  readonly entry: CatalogueEntry;
  readonly wanted: string | null;
  readonly restart: boolean;
  /** For the limits that a standby must not be below: which way it goes on the nodes of the scope. */
  readonly direction: "raised" | "lowered" | null;
}

/** By the server's own spelling; names that it does not know are left out (the plan refuses them first). */
export function settingChanges(facts: PgFacts, goal: Goal): readonly SettingChange[] {
  return Object.entries(goal.settings).flatMap(([key, wanted]): readonly SettingChange[] => {
    const known = knownName(facts, key);
    const entry = known === null ? undefined : facts.now.catalogue[known];
    if (known === null || entry === undefined) return [];
    return [{ name: known, entry, wanted, restart: entry[0] === "postmaster", direction: directionOf(facts, goal, known, entry, wanted) }];
  });
}

/** Settings are found without case. */
export function knownName(facts: PgFacts, key: string): string | null {
  if (facts.now.catalogue[key] !== undefined) return key;
  const lower = key.toLowerCase();
  return Object.keys(facts.now.catalogue).find((name) => name.toLowerCase() === lower) ?? null;
}

export const currentValue = (facts: PgFacts, node: string, name: string): string | null =>
  structureOf(facts, node).settings[name] ?? facts.now.catalogue[name]?.[6] ?? null;

function directionOf(facts: PgFacts, goal: Goal, name: string, entry: CatalogueEntry, wanted: string | null): "raised" | "lowered" | null {
  if (!standbyLimits.has(name)) return null;
  const target = wanted ?? entry[6];
  const parsed = target === null ? null : parseValue(name, target, entry);
  if (parsed === null || !parsed.ok) return null;
  const now = inScope(facts, goal).map((node) => Number(currentValue(facts, node, name) ?? Number.NaN));
  if (now.some((value) => Number(parsed.value) < value)) return "lowered";
  return now.some((value) => Number(parsed.value) > value) ? "raised" : null;
}

/** Nodes on which at least one value is not yet what is wanted, or waits for a restart. */
export function needsSettings(facts: PgFacts, node: string, changes: readonly SettingChange[]): boolean {
  return changes.some(({ name, entry, wanted }) => {
    if (nowOf(facts, node).pendingRestart.includes(name)) return true;
    const current = currentValue(facts, node, name);
    // What a removed entry leaves behind is in postgresql.conf, which is not read here: it is always looked at.
    if (wanted === null || current === null) return true;
    const parsed = parseValue(name, wanted, entry);
    return !parsed.ok || parsed.value !== current;
  });
}
