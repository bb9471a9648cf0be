// Versions of DolphinDB: `2.00.8.12` is line 2.00, release 8 of it, build 12. `version()` says it as its first word (facts 1.7).

export interface Version {
  /** `2.00`. */
  readonly line: string;
  readonly release: number;
  /** 0: of no build, as the vendor names a release (`2.00.8`). */
  readonly build: number;
}

/** Null: not of the form MAJOR.MINOR.RELEASE[.BUILD]. */
export function parseVersion(text: string): Version | null {
  const match = /^(\d+)\.(\d{1,2})\.(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const [, major = "", minor = "", release = "", build] = match;
  return { line: `${String(Number(major))}.${minor.padStart(2, "0")}`, release: Number(release), build: Number(build ?? 0) };
}

const numbers = ({ line, release, build }: Version): readonly number[] => [...line.split(".").map(Number), release, build];
/** Negative: `a` is the older one. NaN: one of them is no version. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [parseVersion(a), parseVersion(b)];
  if (one === null || other === null) return Number.NaN;
  const theirs = numbers(other);
  return numbers(one).reduce((difference, number, index) => difference || number - (theirs[index] ?? 0), 0);
}
export const isAtLeast = (version: string, than: string): boolean => compareVersions(version, than) >= 0;
export const isBefore = (version: string, than: string): boolean => compareVersions(version, than) < 0;

/** Its first three numbers: what levels are published for, and what plugins must match (facts 1.7). Null: no version. */
export function releaseOf(text: string): string | null {
  const version = parseVersion(text);
  return version === null ? null : `${version.line}.${String(version.release)}`;
}
/** `2.00` of `2.00.8.12`: nodes of two lines refuse remote calls of each other from 3.00 on (S00014). */
export const lineOf = (text: string): string | null => parseVersion(text)?.line ?? null;

/** Within a cap of fewer numbers everything that begins with them is allowed: `2.00` allows 2.00.17. Null: one of them is no version. */
export function isWithinCap(version: string, cap: string): boolean | null {
  const parsed = parseVersion(version);
  if (parsed === null || !/^\d+(?:\.\d+){0,3}$/.test(cap)) return null;
  const allowed = cap.split(".").map(Number);
  const difference = allowed.reduce((sum, number, index) => sum || (numbers(parsed)[index] ?? 0) - number, 0);
  return difference <= 0;
}
