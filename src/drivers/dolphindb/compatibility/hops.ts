// A jump over several releases has the lowest level of its hops (facts 1.7). A hop without a published level has none. Pure.
import { rollingLevel, type Level } from "./levels.ts";
import { publishedLevels, type PublishedLevel } from "./published.ts";
import { compareVersions, parseVersion, releaseOf } from "./version.ts";

export interface Hop {
  readonly from: string;
  readonly to: string;
  /** Null: not published. */
  readonly level: Level | null;
  /** Null: not published. */
  readonly source: string | null;
}
/** What somebody outside of this program said of a hop that has no published level, e.g. the vendor's support. */
export interface StatedLevel {
  readonly level: Level;
  readonly source: string;
}
export interface Assessment {
  readonly hops: readonly Hop[];
  /** The level of the jump; null: a hop has none, or one of the two is no version, or it goes back. */
  readonly level: Level | null;
  /** The lowest level of the hops that have one: the jump cannot be better. Null: none has. */
  readonly atMost: Level | null;
  readonly unpublished: readonly Hop[];
  /** Hops whose level was stated by somebody. */
  readonly stated: readonly Hop[];
  readonly rolling: boolean;
}

export function assess(from: string, to: string, stated: StatedLevel | null = null, table: readonly PublishedLevel[] = publishedLevels): Assessment {
  const bare = hopsBetween(from, to, table);
  const hops = bare.map((hop) => (hop.level === null && stated !== null ? { ...hop, ...stated } : hop));
  const known = hops.flatMap(({ level }) => (level === null ? [] : [level]));
  const atMost = known.length === 0 ? null : (Math.min(...known) as Level);
  const unpublished = hops.filter(({ level }) => level === null);
  const level = unpublished.length > 0 || hops.length === 0 ? null : atMost;
  return {
    hops,
    level,
    atMost,
    unpublished,
    stated: hops.filter((hop, index) => hop.level !== bare[index]?.level),
    rolling: level !== null && level >= rollingLevel,
  };
}

const unknown = (from: string, to: string): Hop => ({ from, to, level: null, source: null });

/** From the older to the newer one; empty when there is no way forward: equal, backwards, or no version. */
export function hopsBetween(from: string, to: string, table: readonly PublishedLevel[] = publishedLevels): readonly Hop[] {
  const [start, end] = [releaseOf(from), releaseOf(to)];
  if (start === null || end === null || !(compareVersions(from, to) < 0)) return [];
  // The vendor publishes levels of releases; for builds of one release there are none.
  if (start === end) return [unknown(from, to)];
  const hops: Hop[] = [];
  for (let at = end; at !== start;) {
    const entry = table.find(({ release }) => release === at);
    const before = previous(at, start, entry);
    const published = entry?.with.includes(before) === true;
    hops.unshift(published ? { from: before, to: at, level: entry.level, source: entry.source } : unknown(before, at));
    at = before;
  }
  return hops;
}

/** The release before it on the way back to `start`: in its own line, or where the line begins. Nothing on the way: `start` itself, and nobody published that. */
function previous(at: string, start: string, entry: PublishedLevel | undefined): string {
  const [here, origin] = [parseVersion(at), parseVersion(start)];
  if (here === null || origin === null || entry?.with.includes(start) === true) return start;
  if (here.line === origin.line) return `${here.line}.${String(here.release - 1)}`;
  const ofOrigin = entry?.with.find((each) => parseVersion(each)?.line === origin.line && compareVersions(each, start) >= 0);
  if (ofOrigin !== undefined) return ofOrigin;
  return here.release > 0 ? `${here.line}.${String(here.release - 1)}` : start;
}
