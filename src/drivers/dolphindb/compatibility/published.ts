// The levels that the vendor has published, release by release: nothing here is derived. Linux; a level holds for the release in all its builds.
import type { Level } from "./levels.ts";

export interface PublishedLevel {
  /** Three numbers. */
  readonly release: string;
  /** Releases that the level is stated against. */
  readonly with: readonly string[];
  readonly level: Level;
  readonly source: string;
}

const notes = (line: string): string => `vendor's release notes of ${line}`;
const of = (line: string, release: string, level: Level, ...others: readonly string[]): PublishedLevel => ({
  release,
  with: others,
  level,
  source: `${notes(line)}, version ${release}`,
});

/** From 1.30.17 and 2.00.5 on the release notes name a level. A release that is missing here was not found in any of them. */
export const publishedLevels: readonly PublishedLevel[] = [
  of("1.30", "1.30.17", 3, "1.30.16"),
  of("1.30", "1.30.18", 2, "1.30.17"),
  of("1.30", "1.30.19", 1, "1.30.18"),
  of("1.30", "1.30.20", 2, "1.30.19"),
  of("1.30", "1.30.21", 2, "1.30.20"),
  of("1.30", "1.30.22", 1, "1.30.21"),
  of("2.00", "2.00.5", 2, "2.00.4", "1.30.16", "1.30.17"),
  of("2.00", "2.00.6", 2, "2.00.5"),
  of("2.00", "2.00.7", 1, "2.00.6"),
  of("2.00", "2.00.8", 2, "2.00.7", "1.30.19"),
  of("2.00", "2.00.9", 2, "2.00.8", "1.30.20"),
  of("2.00", "2.00.10", 2, "2.00.9"),
  of("2.00", "2.00.16", 2, "2.00.15"),
  of("3.00", "3.00.0", 2, "2.00.11", "1.30.23"),
  of("3.00", "3.00.1", 2, "2.00.12", "3.00.0"),
  of("3.00", "3.00.2", 2, "2.00.13", "3.00.1"),
  of("3.00", "3.00.3", 2, "3.00.2"),
  of("3.00", "3.00.4", 2, "3.00.3"),
  of("3.00", "3.00.5", 1, "3.00.4"),
];

/**
 * What the vendor says of hops in general. It is no level of any release: the same page calls 1.30.17 to 1.30.18 a patch, and the release notes give that
 * very hop level 2.
 */
export const generalStatement =
  "the vendor's general words are: a patch usually has level 4 or 5 and sometimes 3, a change of the line level 1 and sometimes 2; its own release notes give most patches 1 or 2, so that is no answer for this hop";
export const generalSource = "vendor's Compatibility Levels, section 4; release notes of 1.30 and 2.00";
