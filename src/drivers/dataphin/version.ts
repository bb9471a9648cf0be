// Versions as Dataphin writes them: `V5.1.2.02` in its Manager, `v6.3.0.964601` from its server. Segments are compared as whole numbers.

export type Version = readonly [major: number, minor: number, patch: number, build: number | null];

/** Null: no version of Dataphin. */
export function parseVersion(text: string): Version | null {
  const [, major, minor, patch, build] = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:\.(\d{1,12}))?$/i.exec(text.trim()) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return null;
  return [Number(major), Number(minor), Number(patch), build === undefined ? null : Number(build)];
}
/** Negative: a is older. Without a fourth segment: the first of its release. */
export function compareVersions(a: Version, b: Version): number {
  const build = (version: Version): number => version[3] ?? 0;
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || build(a) - build(b);
}
/** The first three segments are equal: what zero-downtime needs (facts 1.3). */
export const sameRelease = (a: Version, b: Version): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

/** What runs is what was asked for: equal in every segment that was named. */
export function isVersion(running: string | null, wanted: string): boolean {
  const [has, wants] = [running === null ? null : parseVersion(running), parseVersion(wanted)];
  return has !== null && wants !== null && sameRelease(has, wants) && (wants[3] === null || wants[3] === has[3]);
}
