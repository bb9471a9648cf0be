// Artifact versions and ranges as CDAP orders them: `6.9.2`, `1.0.0-SNAPSHOT`, `[6.1.1,7.0.0)`.

interface Parsed {
  readonly numbers: readonly number[];
  /** What follows the numbers: `-SNAPSHOT`, `-rc1`, or nothing. */
  readonly suffix: string;
}
const parse = (version: string): Parsed => {
  const match = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(.*)$/.exec(version);
  if (match === null) return { numbers: [], suffix: version };
  return { numbers: match.slice(1, 5).map((part) => Number((part as string | undefined) ?? 0)), suffix: match[5] ?? "" };
};

export const isSnapshot = (version: string): boolean => /-SNAPSHOT/i.test(version);

/** Negative: the first is lower. A release is higher than its snapshots and candidates; what begins with no number is lower than all. */
export function compareVersions(left: string, right: string): number {
  const [one, other] = [parse(left), parse(right)];
  for (let part = 0; part < 4; part += 1) {
    const difference = (one.numbers[part] ?? -1) - (other.numbers[part] ?? -1);
    if (difference !== 0) return difference;
  }
  if (one.suffix === other.suffix) return 0;
  if (one.suffix === "") return 1;
  if (other.suffix === "") return -1;
  return one.suffix < other.suffix ? -1 : 1;
}
export const isAtLeast = (version: string, least: string): boolean => compareVersions(version, least) >= 0;

export interface Range {
  readonly lower: string;
  readonly lowerInclusive: boolean;
  readonly upper: string;
  readonly upperInclusive: boolean;
}
/** Null: it is no range but one version. */
export function parseRange(text: string): Range | null {
  const match = /^([[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])$/.exec(text);
  if (match === null) return null;
  const [, opening, lower = "", upper = "", closing] = match;
  return { lower, lowerInclusive: opening === "[", upper, upperInclusive: closing === "]" };
}
export function isWithin(version: string, { lower, lowerInclusive, upper, upperInclusive }: Range): boolean {
  const above = compareVersions(version, lower);
  const below = compareVersions(version, upper);
  return (lowerInclusive ? above >= 0 : above > 0) && (upperInclusive ? below <= 0 : below < 0);
}
/** Of a version or of a range. */
export function matchesVersion(version: string, wanted: string): boolean {
  const range = parseRange(wanted);
  return range === null ? version === wanted : isWithin(version, range);
}
/** The highest; null: there is none. */
export const highest = <T>(items: readonly T[], versionOf: (item: T) => string): T | null =>
  items.reduce<T | null>((best, item) => (best === null || compareVersions(versionOf(item), versionOf(best)) > 0 ? item : best), null);
