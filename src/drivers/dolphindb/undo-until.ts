// Up to when a rollback returns every node, in words for the plan: by the rules that `rollback.ts` decides by when somebody asks for it. Pure.
import { goalKind, type Goal } from "../../model/goal.ts";
import { goesBack, versionNow } from "./checks/scope.ts";
import { levelMeanings } from "./compatibility/levels.ts";
import { noReturnsOf } from "./compatibility/no-return.ts";
import { compareVersions } from "./compatibility/version.ts";
import type { DdFacts } from "./facts.ts";
import { assessmentOf, chosenMode } from "./planning/modes.ts";

export function undoUntil(facts: DdFacts, goal: Goal): string {
  if (goesBack(goal)) return "this is the way back";
  if (goal.version === null)
    return goalKind(goal) === "restart" ? "until the end: nothing is changed but processes" : "until the end: former settings are known";
  const from = versionNow(facts, goal, compareVersions);
  const triggers = from === null ? [] : noReturnsOf(from, goal.version);
  const never = triggers.length === 0 ? "" : `; never after: ${triggers.map(({ trigger }) => trigger).join(", ")}`;
  return `${lastPoint(facts, goal)}; the former files and copies of the metadata are kept on every host${never}`;
}

function lastPoint(facts: DdFacts, goal: Goal): string {
  const level = assessmentOf(facts, goal)?.level ?? null;
  const whole = "the whole cluster, all at once, as long as no chunk was written since the run began (proved, not asked)";
  const words = level === null ? "no published level, so nothing is promised" : `level ${String(level)}: ${levelMeanings[level].wayBack}`;
  if (level === 5) return `at any time, host by host (${words})`;
  if (chosenMode(facts, goal) === "downtime") return `${whole} (${words})`;
  // From level 3 on data files are readable both ways; controllers take their metadata from one that still runs the former release.
  if (level !== null && level >= 3)
    return `host by host until the leader's host, which goes last, has begun and while the others have every chunk; after that ${whole} (${words})`;
  return `host by host until the leader's host, which goes last, has begun, or ${whole}; either only while nothing was written (${words})`;
}
