// What the prechecks judge by, found once from facts and goal. Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal, Mode } from "../../../model/goal.ts";
import { compareVersions } from "../compatibility/version.ts";
import type { DdFacts } from "../facts.ts";
import { chosenMode } from "../planning/modes.ts";
import { blocker, warning } from "./check-kit.ts";
import { goesBack, touched, touchedHosts, versionNow } from "./scope.ts";

export interface View {
  readonly facts: DdFacts;
  readonly goal: Goal;
  /** The one that the plan would get; where none is eligible, the one that was asked for. */
  readonly mode: Mode;
  readonly hostByHost: boolean;
  readonly hosts: readonly string[];
  readonly nodes: readonly string[];
  /** The oldest that runs on what is touched; null: nobody knows. */
  readonly from: string | null;
  /** A blocker, but on the way back only a warning: what is sick may be why one goes back. */
  readonly refuse: typeof blocker;
  readonly setting: (node: string, key: string) => string | null;
}

export function viewOf(facts: DdFacts, goal: Goal): View {
  const mode = chosenMode(facts, goal) ?? (goal.mode === "downtime" ? "downtime" : "zero-downtime");
  return {
    facts,
    goal,
    mode,
    hostByHost: mode === "zero-downtime",
    hosts: touchedHosts(facts, goal),
    nodes: touched(facts, goal),
    from: versionNow(facts, goal, compareVersions),
    refuse: goesBack(goal) ? (...finding): Check => warning(...finding) : blocker,
    setting: (node, key) => facts.structure.nodes[node]?.settings?.[key] ?? null,
  };
}
