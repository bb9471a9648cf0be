// Up to when a rollback returns every node, in words for the plan. Pure.
import type { Goal } from "../../model/goal.ts";
import { goalKind } from "../../model/goal.ts";
import { levelMeanings } from "./compatibility/levels.ts";
import { noReturnsOf } from "./compatibility/no-return.ts";
import { compareVersions } from "./compatibility/version.ts";
import { goesBack, versionNow } from "./checks/scope.ts";
import type { DdFacts } from "./facts.ts";
import { assessmentOf, chosenMode } from "./planning/modes.ts";

export function undoUntil(facts: DdFacts, goal: Goal): string {
  if (goal.version === null)
    return goalKind(goal) === "restart" ? "until the end: nothing is changed but processes" : "until the end: former settings are known";
  if (goesBack(goal)) return "this is the way back";
  const from = versionNow(facts, goal, compareVersions);
  const assessment = assessmentOf(facts, goal);
  const known = assessment?.level ?? null;
  const triggers = from === null ? [] : noReturnsOf(from, goal.version);
  const never = triggers.length === 0 ? "" : `; never after: ${triggers.map(({ trigger }) => trigger).join(", ")}`;
  const files = "the former files and the metadata of every node are kept on its host";
  if (chosenMode(facts, goal) === "downtime")
    return known === 5
      ? `at any time (level 5); ${files}${never}`
      : `until the first write after the upgrade, which is proved and not asked; ${files}${never}`;
  const each = "host by host as long as the others have every chunk and an old controller leads";
  if (known === 5) return `at any time (level 5), ${each}; ${files}${never}`;
  const word = known === null ? "no published level, so nothing is promised" : `level ${String(known)}: ${levelMeanings[known].wayBack}`;
  return `until the leader's host, which goes last, has begun: ${each}; then only as a whole and only when nothing was written since, which is proved (${word}); ${files}${never}`;
}
