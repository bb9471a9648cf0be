// synchronous_standby_names: who must confirm a commit.

export interface SyncRule {
  readonly method: "first" | "any";
  readonly count: number;
  /** `*` matches every standby. Compared without case. */
  readonly names: readonly string[];
}

/** Null: commits wait for nobody. Throws a RangeError for a text that the server would refuse. */
export function parseSyncNames(text: string): SyncRule | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const match = /^(?:(?:(FIRST|ANY)\s+)?(\d+)\s*)\(([^()]*)\)$/i.exec(trimmed);
  const names = splitNames(match?.[3] ?? trimmed);
  if (names.length === 0) throw new RangeError(`synchronous_standby_names: ${text}`);
  return { method: match?.[1]?.toLowerCase() === "any" ? "any" : "first", count: match ? Number(match[2]) : 1, names };
}
function splitNames(list: string): readonly string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'),
  );
}
const quoteName = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) || name === "*" ? name : `"${name.replaceAll('"', '""')}"`);
export const formatSyncNames = (rule: SyncRule | null): string =>
  rule === null ? "" : `${rule.method.toUpperCase()} ${String(rule.count)} (${rule.names.map(quoteName).join(", ")})`;

/** How many of these standbys can confirm. */
export function confirming(rule: SyncRule, standbys: readonly string[]): number {
  const names = new Set(rule.names.map((name) => name.toLowerCase()));
  return standbys.filter((standby) => names.has("*") || names.has(standby.toLowerCase())).length;
}

/**
 * The strongest rule that every primary of the run can satisfy with one standby down. `all`: the application names of all nodes, by node, each of
 * which may be primary or down; several nodes may share one. Null: nothing has to change.
 */
export function lowered(rule: SyncRule, all: readonly string[]): SyncRule | "off" | null {
  const without = (primary: number, down: number): readonly string[] => all.filter((_, node) => node !== primary && node !== down);
  const nodes = [...all.keys()];
  const worst = Math.min(
    ...nodes.flatMap((primary) => nodes.filter((down) => down !== primary).map((down) => confirming(rule, without(primary, down)))),
  );
  if (worst >= rule.count) return null;
  const count = Math.min(rule.count, all.length - 2);
  return count <= 0 ? "off" : { method: "any", count, names: distinct(all) };
}
function distinct(names: readonly string[]): readonly string[] {
  const seen = new Set(names.map((name) => name.toLowerCase()));
  return names.filter((name) => seen.delete(name.toLowerCase()));
}
