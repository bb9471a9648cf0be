// The release, and what this driver knows only from the vendor's source.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { OmFacts } from "../facts.ts";
import { notMeasured, orPassed, passed, warning } from "./check-kit.ts";
import { touched, touchedOf } from "./scope.ts";

export function releaseChecks(facts: OmFacts, goal: Goal): readonly Check[] {
  return [...order(facts, goal), ...breaking(facts, goal), ...ownWays(goal), ...moves(facts, goal)];
}

/** Null: not X.Y.Z. */
function numbers(version: string): readonly [number, number, number] | null {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : null;
}
/** Negative: `a` is the older one. NaN for what is no version. */
export function compareReleases(a: string, b: string): number {
  const [one, other] = [numbers(a), numbers(b)];
  if (one === null || other === null) return Number.NaN;
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

function order(facts: OmFacts, goal: Goal): readonly Check[] {
  const { version } = goal;
  if (version === null) return [];
  const back = touched(facts, goal).flatMap((name): readonly Check[] => {
    const installed = facts.structure.nodes[name]?.installed ?? null;
    if (installed === null || !(compareReleases(version, installed) < 0)) return [];
    return [
      warning("version-order", name, `${installed} to ${version} goes back`, {
        remedy: "The vendor names no release whose data an older one cannot read; take a backup of the data directories first.",
      }),
    ];
  });
  return [
    ...orPassed(back, "version-order", version, "not older than what is installed"),
    notMeasured("mixed-releases", version, "while the run lasts two releases work together; the vendor publishes no matrix of releases that may", {
      remedy: "Nameservers go first, as the vendor's page has it; keep the run short and read the release notes.",
      source: "facts 3.4",
    }),
  ];
}

function breaking(facts: OmFacts, goal: Goal): readonly Check[] {
  const { version } = goal;
  if (version === null || compareReleases(version, "0.9.0") < 0) return [];
  const crossing = touched(facts, goal).filter((name) => compareReleases(facts.structure.nodes[name]?.installed ?? "", "0.9.0") < 0);
  if (crossing.length === 0) return [];
  return [
    warning(
      "release-0.9.0",
      crossing.join(", "),
      "0.9.0 changes what clients see: execute_mode is online by default, servers authenticate, SQLAlchemy 2 is needed",
      {
        remedy: "Set execute_mode in jobs that rely on offline, and upgrade SDKs after the servers (`stillwater sdk check DIR`).",
        source: "upstream CHANGELOG 0.9.0",
      },
    ),
  ];
}

function ownWays({ options }: Goal): readonly Check[] {
  const found: Check[] = [];
  if (options["stays"] !== undefined)
    found.push(
      warning("not-put-back", "rollback", `stays as it is: ${options["stays"]}`, {
        remedy: "Put it back by hand where that is wanted, while the node is down or before its next restart.",
      }),
    );
  if (options["fence"] === "none")
    found.push(
      warning("fence", "writes", "leaders move without a fence, as the vendor's page has it: rows that are written meanwhile may be lost", {
        remedy: "Leave the option out; the report states the measured loss.",
        source: "OpenMLDB, Upgrade: there may be data loss",
      }),
    );
  const parallel = Number(options["parallel-tablets"] ?? 1);
  if (parallel > 1)
    found.push(
      warning(
        "parallel-tablets",
        `${String(parallel)} at once`,
        "deviates from the vendor's warning: tablets one at a time, each confirmed, else the cluster may become abnormal",
        {
          remedy: "Leave the option out.",
          source: "OpenMLDB, Update Configuration",
        },
      ),
    );
  return found;
}

function moves(facts: OmFacts, goal: Goal): readonly Check[] {
  if (touchedOf(facts, goal, "tablet").length === 0 || goal.options["fence"] === "none") return [];
  return [
    notMeasured(
      "fenced-moves",
      "leaders",
      "the fenced move of leaders was designed from the vendor's source and proved in the lab, not on an OpenMLDB server",
      {
        remedy: "Each move is proved by its own term and offsets, in the report; try the first plan on a cluster of your own.",
      },
    ),
    passed(
      "fenced-moves-proof",
      "leaders",
      "every move states term, offsets of the old and the new leader, and stops before anything is overwritten",
    ),
  ];
}
