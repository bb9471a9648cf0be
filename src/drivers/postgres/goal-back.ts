// The way back. Pure.
import type { Goal } from "../../model/goal.ts";
import { nodeNames, primaries, structureOf, type PgFacts } from "./facts.ts";
import { knownName } from "./planning/scope.ts";

export const undoUntil = (_: PgFacts, goal: Goal): string =>
  goal.version === null
    ? "until the end: the former values are journaled"
    : "until the end (minor release): the data directory stays readable by both";

/** The version that most nodes had, from the releases kept on the hosts; each setting as the primary had it (a default goes back to no entry). */
export function goalBack(before: PgFacts, goal: Goal): Goal {
  const installed = nodeNames(before).map((node) => structureOf(before, node).installed);
  const version = goal.version === null ? null : (mostFrequent(installed.filter((each) => each !== goal.version)) ?? mostFrequent(installed));
  const [primary] = primaries(before);
  const settings = Object.fromEntries(
    Object.keys(goal.settings).map((key) => {
      const name = knownName(before, key) ?? key;
      const value = primary === undefined ? undefined : structureOf(before, primary).settings[name];
      const unit = before.now.catalogue[name]?.[2] ?? null;
      return [name, value === undefined ? null : withUnit(value, unit)];
    }),
  );
  return { ...goal, version, artefact: null, settings, restart: goal.restart, mode: "auto", options: { ...goal.options, release: "kept" } };
}

/** `pg_settings` counts in units such as 8kB, which a value cannot carry: without a unit the server takes its own. */
const withUnit = (value: string, unit: string | null): string =>
  unit !== null && /^[A-Za-z]+$/.test(unit) && /^-?\d/.test(value) && !value.startsWith("-") ? `${value}${unit}` : value;

function mostFrequent(versions: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const version of versions) if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
