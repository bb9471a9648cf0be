// Which version may follow which, as published (facts 5.1, 5.2). Data; the functions below only read it.
import { baseOf, compareVersions, minorOf, parseVersion } from "./version.ts";

interface Published {
  readonly from: readonly string[];
  readonly to: readonly string[];
}
/** "Go to the last patch of the minor first, then jump." */
const matrix: readonly Published[] = [
  { from: ["6.11.0"], to: ["6.11.1"] },
  { from: ["6.10.1"], to: ["6.11.1"] },
  { from: ["6.10.0"], to: ["6.10.1", "6.11.1"] },
  { from: ["6.9.2"], to: ["6.10.1", "6.11.1"] },
  { from: ["6.9.1", "6.9.0"], to: ["6.9.2"] },
  { from: ["6.8.3"], to: ["6.9.2", "6.10.1", "6.11.1"] },
  { from: ["6.8.0", "6.8.1", "6.8.2"], to: ["6.8.3"] },
  { from: ["6.7.3"], to: ["6.9.2", "6.10.1", "6.11.1"] },
  { from: ["6.7.0", "6.7.1", "6.7.2"], to: ["6.7.3"] },
  { from: ["6.6.0", "6.5.1", "6.4.1", "6.3.1", "6.2.3", "6.1.4"], to: ["6.9.2", "6.10.1", "6.11.1"] },
];
const matrixSource = "facts 5.2: Data Fusion, upgrade instances and pipelines";

/** In order; none may be skipped. */
const packageMinors = ["3.4", "3.5", "3.6", "4.0", "4.1", "4.2", "4.3", "5.0", "5.1"] as const;
const packageSource = "facts 5.1: CDAP administration manual, upgrading packages";

export type UpgradePath =
  | { readonly is: "same"; readonly source: string }
  | { readonly is: "published"; readonly source: string }
  /** The versions between, in order, and the last one. */
  | { readonly is: "via"; readonly steps: readonly string[]; readonly source: string }
  | { readonly is: "never"; readonly why: string; readonly source: string }
  | { readonly is: "unpublished"; readonly why: string; readonly source: string };

export function pathTo(from: string, to: string): UpgradePath {
  const [a, b] = [parseVersion(from), parseVersion(to)];
  if (a === null || b === null)
    return { is: "unpublished", why: `${a === null ? from : to} is no version that anybody has published`, source: matrixSource };
  if (compareVersions(from, to) === 0) return { is: "same", source: matrixSource };
  const [majorFrom = 0, majorTo = 0] = [a.numbers[0], b.numbers[0]];
  if (compareVersions(from, to) > 0)
    return { is: "never", why: `${to} is older than ${from}: there is no way down once the storage was upgraded`, source: packageSource };
  if (majorFrom < 6 && majorTo >= 6)
    return {
      is: "never",
      why: "from 5.x to 6.x there is no upgrade in place (packages co.cask became io.cdap): pipelines are exported there and deployed on a new installation",
      source: packageSource,
    };
  if (majorFrom < 6) return packagePath(from, to);
  // The fourth component is a revision of the same release.
  if (baseOf(from) === baseOf(to)) return { is: "published", source: "facts 5.2: patch revisions" };
  const steps = shortest(baseOf(from), baseOf(to));
  if (steps === null) return { is: "unpublished", why: `nobody has published an upgrade from ${from} to ${to}`, source: matrixSource };
  return steps.length === 1 ? { is: "published", source: matrixSource } : { is: "via", steps, source: matrixSource };
}

/** 5.x and before: from minor to minor, none skipped. */
function packagePath(from: string, to: string): UpgradePath {
  const [at, wanted] = [minorIndex(from), minorIndex(to)];
  if (at < 0 || wanted < 0) return { is: "unpublished", why: `nobody has published an upgrade from ${from} to ${to}`, source: packageSource };
  if (wanted - at <= 1) return { is: "published", source: packageSource };
  return { is: "via", steps: [...packageMinors.slice(at + 1, wanted), to], source: packageSource };
}
const minorIndex = (version: string): number => packageMinors.findIndex((minor) => minor === minorOf(version));

/** Fewest jumps; null: no way is published. */
function shortest(from: string, to: string): readonly string[] | null {
  const seen = new Set([from]);
  let ways: readonly (readonly string[])[] = [[]];
  for (; ways.length > 0;) {
    const further: (readonly string[])[] = [];
    for (const way of ways)
      for (const next of follows(way.at(-1) ?? from)) {
        if (next === to) return [...way, next];
        if (seen.has(next)) continue;
        seen.add(next);
        further.push([...way, next]);
      }
    ways = further;
  }
  return null;
}
const follows = (from: string): readonly string[] => {
  const named = matrix.flatMap((row) => (row.from.includes(from) ? row.to : []));
  // "x.0 to the last patch of the same minor", of minors that have a row of their own.
  const last = matrix.flatMap((row) => row.from).filter((version) => minorOf(version) === minorOf(from));
  const patch = last.toSorted(compareVersions).at(-1);
  return patch !== undefined && from.endsWith(".0") && compareVersions(patch, from) > 0 && !named.includes(patch) ? [...named, patch] : named;
};

/** A version that this driver knows something about; false: whatever it does is a guess, so the checks fail closed. */
export function isKnown(version: string): boolean {
  const found = parseVersion(version);
  if (found === null) return false;
  const [major = 0, minor = 0] = found.numbers;
  return (major === 6 && minor >= 1 && minor <= 11) || (major < 6 && packageMinors.some((each) => each === minorOf(version)));
}
