// Versions as the vendor writes them: from 10 on `MAJOR.MINOR`; `18beta1`, `19rc1` and `19devel` before a release.

export interface PgVersion {
  readonly major: number;
  readonly minor: number;
  /** beta and rc come before the release: null for a release. */
  readonly preview: string | null;
  /** As written, without what a distribution appends. */
  readonly text: string;
}

/** Null for a text that is no version of 10 or later. */
export function parseVersion(text: string): PgVersion | null {
  const match = /^(\d{2,})(?:\.(\d+)|(devel|(?:beta|rc)\d+))?(?:\s|$)/.exec(text.trim());
  if (!match) return null;
  const [, major = "", minor, preview] = match;
  return { major: Number(major), minor: Number(minor ?? 0), preview: preview ?? null, text: match[0].trim() };
}

/** From `postgres --version` or the text in the binary: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`. */
export function versionOfBinary(output: string): string | null {
  const match = /postgres \(PostgreSQL\) (\S+)/.exec(output);
  return match?.[1] === undefined ? null : (parseVersion(match[1])?.text ?? null);
}

const previewRank = (preview: string | null): number => {
  if (preview === null) return Number.POSITIVE_INFINITY;
  const number = Number(/\d+$/.exec(preview)?.[0] ?? 0);
  return preview.startsWith("rc") ? 1000 + number : preview.startsWith("beta") ? number : -1;
};

/** Negative when `a` is older. */
export function compareVersions(a: PgVersion, b: PgVersion): number {
  if (a.major !== b.major) return a.major - b.major;
  if (a.minor !== b.minor) return a.minor - b.minor;
  const [left, right] = [previewRank(a.preview), previewRank(b.preview)];
  return left === right ? 0 : left - right;
}
