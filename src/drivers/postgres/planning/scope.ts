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
  const target = limitWanted(name, entry, wanted);
  if (target === null) return null;
  const now = inScope(facts, goal).map((node) => limitOf(facts, node, name));
  if (now.some((value) => target < value)) return "lowered";
  return now.some((value) => target > value) ? "raised" : null;
}

/** NaN, which is neither less nor more than anything, where it is not known. */
const limitOf = (facts: PgFacts, node: string, name: string): number => Number(currentValue(facts, node, name) ?? Number.NaN);

/** Null: no limit that a standby must not be below, or no number. */
function limitWanted(name: string, entry: CatalogueEntry, wanted: string | null): number | null {
  const target = wanted ?? entry[6];
  const parsed = target === null || !standbyLimits.has(name) ? null : parseValue(name, target, entry);
  return parsed?.ok === true ? Number(parsed.value) : null;
}

/** Nodes that keep what they have, on the other side of a limit than those of the scope will be. */
export interface LimitBeside {
  readonly name: string;
  readonly wanted: number;
  readonly node: string;
  readonly has: number;
  /** `below`: this one has less than the nodes of the scope will have. */
  readonly side: "below" | "above";
}
export function limitsBeside(facts: PgFacts, goal: Goal): readonly LimitBeside[] {
  const scope = new Set(inScope(facts, goal));
  const kept = nodeNames(facts).filter((node) => !scope.has(node));
  return settingChanges(facts, goal).flatMap(({ name, entry, wanted }) => {
    const target = limitWanted(name, entry, wanted);
    if (target === null) return [];
    return kept.flatMap((node): readonly LimitBeside[] => {
      const has = limitOf(facts, node, name);
      return has === target || Number.isNaN(has) ? [] : [{ name, wanted: target, node, has, side: has < target ? "below" : "above" }];
    });
  });
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
