// After which deeds an older release cannot be put back (facts 1.7), as data. Pure.
import { isAtLeast, isBefore } from "./version.ts";

export interface NoReturn {
  readonly trigger: string;
  /** Upgrades that cross one of these releases: the pages that name the trigger. */
  readonly releases: readonly string[];
  readonly source: string;
}
const source = "vendor's compatibility pages of 2.00.13 and 3.00.1; facts 1.7";
const named = ["2.00.13", "3.00.1"] as const;

export const noReturns: readonly NoReturn[] = [
  { trigger: "a function view or a scheduled job with DELETE or INSERT in it", releases: named, source },
  { trigger: "a scheduled job that is added, or a checkpoint of the jobs (sysmgmt/jobCheckPoint.meta appears)", releases: named, source },
  { trigger: "a table of the PKEY engine", releases: named, source },
  { trigger: "a column with chimp compression", releases: named, source },
  { trigger: "a vector index", releases: named, source },
  { trigger: "a merge of level-3 files", releases: named, source },
];

/** Of this upgrade; empty: no page names any for it, which promises nothing. */
export const noReturnsOf = (from: string, to: string): readonly NoReturn[] =>
  noReturns.filter(({ releases }) => releases.some((release) => isBefore(from, release) && isAtLeast(to, release)));
