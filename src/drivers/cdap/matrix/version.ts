// Versions as CDAP writes them: `6.9.2`, `6.7.0-SNAPSHOT`, `6.10.1.4` (the fourth component is a patch revision), `2.11.1-1658877300000`.
import { byName, byNumberedName } from "../../../model/order.ts";

export interface CdapVersion {
  readonly text: string;
  readonly numbers: readonly number[];
  /** What follows the numbers: `SNAPSHOT`, `rc1`; null: a release. */
  readonly qualifier: string | null;
}

/** Null: no version of that form. */
export function parseVersion(text: string): CdapVersion | null {
  const found = /^(\d+(?:\.\d+)*)(?:-(.+))?$/.exec(text.trim());
  if (found === null) return null;
  return { text: text.trim(), numbers: (found[1] ?? "").split(".").map(Number), qualifier: found[2] ?? null };
}

/** Below 0: `a` is the older. Missing components are 0; a snapshot or a candidate is older than its release; what is no version is the oldest. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === null || right === null) return left === right ? byName(a, b) : left === null ? -1 : 1;
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.qualifier === right.qualifier) return 0;
  if (left.qualifier === null) return isBefore(right.qualifier) ? 1 : -1;
  if (right.qualifier === null) return isBefore(left.qualifier) ? -1 : 1;
  return byNumberedName(left.qualifier, right.qualifier);
}
/** `SNAPSHOT`, `rc1`, `dev`: before the release. Numbers, as plug-ins of the hub carry them, come after it. */
const isBefore = (qualifier: string | null): boolean => qualifier !== null && !/^\d/.test(qualifier);

export const isAtLeast = (version: string, least: string): boolean => compareVersions(version, least) >= 0;
export const isSnapshot = (version: string): boolean => /-snapshot$/i.test(version);
/** `6.9`. */
export const minorOf = (version: string): string => (parseVersion(version)?.numbers ?? []).slice(0, 2).join(".");
/** Without the patch revision: `6.10.1` of `6.10.1.4`. */
export const baseOf = (version: string): string => (parseVersion(version)?.numbers ?? []).slice(0, 3).join(".");

/** `[6.8.0,7.0.0)`, as an artefact's version in a plug-in may be given. Null: an exact version. */
export function parseRange(text: string): { readonly lower: string; readonly upper: string; contains(version: string): boolean } | null {
  const found = /^([[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])$/.exec(text.trim());
  if (found === null) return null;
  const [, open, lower = "", upper = "", close] = found;
  return {
    lower,
    upper,
    contains(version) {
      const [from, to] = [compareVersions(version, lower), compareVersions(version, upper)];
      return (open === "[" ? from >= 0 : from > 0) && (close === "]" ? to <= 0 : to < 0);
    },
  };
}
/** The newest of them; null: there is none. Snapshots count only where they may. */
export const newest = (versions: readonly string[], snapshots = true): string | null =>
  versions
    .filter((version) => snapshots || !isSnapshot(version))
    .toSorted(compareVersions)
    .at(-1) ?? null;
