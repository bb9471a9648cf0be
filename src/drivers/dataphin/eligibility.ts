// Which of the three modes a pair of versions may have (facts 1.3, DP-1). Pure.
import { modes, type Goal, type Mode, type ModeVerdict } from "../../model/goal.ts";
import { methods } from "./methods.ts";
import type { DpFacts } from "./facts.ts";
import { compareVersions, parseVersion, sameRelease, type Version } from "./version.ts";

/** The first release whose upgrades have the new process. */
export const firstWithSemi: Version = [5, 1, 1, null];

/** Null for a goal that is no upgrade, or whose versions nobody can read. */
export function versionsOf(facts: DpFacts, goal: Goal): { readonly current: Version; readonly target: Version } | null {
  const { version } = facts.structure;
  const current = version === null ? null : parseVersion(version);
  const target = goal.version === null ? null : parseVersion(goal.version);
  return current === null || target === null ? null : { current, target };
}

export function modeVerdicts(facts: DpFacts, goal: Goal): readonly ModeVerdict[] {
  const versions = versionsOf(facts, goal);
  return modes.map((mode) => ({ mode, ...verdict(mode, facts, goal, versions) }));
}

function verdict(mode: Mode, facts: DpFacts, goal: Goal, versions: ReturnType<typeof versionsOf>): Omit<ModeVerdict, "mode"> {
  if (goal.version === null) return { eligible: false, why: "Dataphin's modes are those of an upgrade, and no version is asked for" };
  if (versions === null)
    return mode === "downtime"
      ? { eligible: parseVersion(goal.version) !== null, why: `always offered; the others cannot be judged: ${unknown(facts, goal)}` }
      : { eligible: false, why: unknown(facts, goal) };
  const { current, target } = versions;
  const [from, to] = [facts.structure.version ?? "", goal.version];
  switch (mode) {
    case "zero-downtime":
      return sameRelease(current, target)
        ? { eligible: true, why: `${from} and ${to} have the same first three segments; ${methods[mode].means}` }
        : { eligible: false, why: `only within one release: the first three segments of ${from} and ${to} differ` };
    case "semi-downtime":
      return compareVersions(current, firstWithSemi) >= 0
        ? { eligible: true, why: `${from} is 5.1.1 or later, which has the new process; ${methods[mode].means}` }
        : { eligible: false, why: `${from} is before 5.1.1, the first release with the new process` };
    case "downtime":
      return { eligible: true, why: `always offered; ${methods[mode].means}` };
  }
}
const unknown = (facts: DpFacts, goal: Goal): string =>
  goal.version !== null && parseVersion(goal.version) === null
    ? `${goal.version} is no version of Dataphin, as V5.1.2.02 is`
    : `the version that runs is not known${facts.structure.version === null ? " (a release before 6.0 does not tell it: say it under options.declared.version)" : `: ${facts.structure.version}`}`;

/** The mode that a plan gets: the one that is asked for, or the least disruptive one that is eligible. Null: none. */
export function chosenMode(facts: DpFacts, goal: Goal): Mode | null {
  const wanted = goal.mode === "auto" ? modes : [goal.mode];
  const verdicts = modeVerdicts(facts, goal);
  return wanted.find((mode) => verdicts.some((each) => each.mode === mode && each.eligible)) ?? null;
}
