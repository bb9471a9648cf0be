// What each mode means here, and which of them a goal can have. Pure.
import type { Goal, Mode, ModeVerdict } from "../../../model/goal.ts";
import { modes } from "../../../model/goal.ts";
import { canTakeOver, nodeNames, nowOf, primaries, type PgFacts } from "../facts.ts";
import { parseSyncNames } from "../sync-names.ts";
import { inScope, limitsBeside, settingChanges } from "./scope.ts";

export const touchesPrimary = (facts: PgFacts, goal: Goal): boolean => inScope(facts, goal).some((node) => nowOf(facts, node).role === "primary");

export const needsRestart = (facts: PgFacts, goal: Goal): boolean =>
  goal.version !== null || goal.restart || settingChanges(facts, goal).some(({ restart }) => restart);

/**
 * Why nodes that are left out would be in the way: a standby does not start, or does not replay, with less than its primary has. `inPlace`: the primary
 * stays the primary.
 */
function leftBehind(facts: PgFacts, goal: Goal, inPlace: boolean): string | null {
  const scope = inScope(facts, goal);
  const [primary = ""] = primaries(facts);
  for (const { name, wanted, node, has, side } of limitsBeside(facts, goal)) {
    const remedy = `add ${node} to --only, or leave --only out`;
    if (side === "above" && node === primary && scope.length > 0)
      return `${name} of ${scope.join(", ")} would be ${String(wanted)}, less than the ${String(has)} of the primary ${node}: a standby does not start with less; ${remedy}`;
    // A primary that was raised in its place, or a raised standby that takes over, leads those that have less.
    const leads = scope.includes(primary) && (inPlace || scope.length > 1);
    if (side === "below" && node !== primary && leads)
      return `${node} is left out and has ${name} ${String(has)}, less than the ${String(wanted)} of the primary that it would follow: its replay would stop; ${remedy}`;
  }
  return null;
}

/** zero-downtime: standbys one by one, then a switchover. semi-downtime: the primary restarts in its place. downtime: all stop, all start. */
export function modeVerdicts(facts: PgFacts, goal: Goal): readonly ModeVerdict[] {
  const changes = settingChanges(facts, goal);
  const lowered = changes.filter(({ direction }) => direction === "lowered").map(({ name }) => name);
  const raised = changes.filter(({ direction }) => direction === "raised").map(({ name }) => name);
  const standbys = nodeNames(facts).filter((node) => nowOf(facts, node).role === "standby" && nowOf(facts, node).streaming);
  const [primary] = primaries(facts);
  const verdict = (mode: Mode, eligible: boolean, why: string): ModeVerdict => ({ mode, eligible, why });
  if (!needsRestart(facts, goal)) {
    return modes.map((mode) =>
      mode === "zero-downtime"
        ? verdict(mode, true, "a reload is enough: nothing restarts, no role moves")
        : verdict(mode, false, "not needed: a reload is enough"),
    );
  }
  return modes.map((mode) => {
    switch (mode) {
      case "zero-downtime": {
        const behind = leftBehind(facts, goal, false);
        if (behind !== null) return verdict(mode, false, behind);
        if (!touchesPrimary(facts, goal)) return verdict(mode, true, "only standbys restart, one at a time; writes go on");
        if (standbys.length === 0)
          return verdict(mode, false, `no standby streams from ${primary ?? "a primary"}, so there is nobody to switch over to`);
        if (!standbys.some((node) => canTakeOver(nowOf(facts, node))))
          return verdict(mode, false, `${standbys.join(", ")} replays late on purpose (recovery_min_apply_delay), so nobody could take over at once`);
        if (lowered.length > 0)
          return verdict(
            mode,
            false,
            `${lowered.join(", ")} is lowered: the primary must restart first, since a standby may not have less than its primary`,
          );
        const lag = Math.max(...standbys.map((node) => nowOf(facts, node).lagBytes ?? 0));
        return verdict(
          mode,
          true,
          `${String(standbys.length)} standby(s) streaming, lag at most ${String(lag)} B; writes pause once, at the switchover`,
        );
      }
      case "semi-downtime": {
        if (lowered.length > 0 && raised.length > 0)
          return verdict(mode, false, `${lowered.join(", ")} is lowered and ${raised.join(", ")} raised: they need opposite orders, make two plans`);
        if (!touchesPrimary(facts, goal)) return verdict(mode, false, "not needed: only standbys restart");
        const behind = leftBehind(facts, goal, true);
        if (behind !== null) return verdict(mode, false, behind);
        return verdict(mode, true, "the primary restarts in its place: no writes from its stop until it has started");
      }
      case "downtime":
        if (goal.only !== null && goal.only.length < nodeNames(facts).length)
          return verdict(mode, false, "it is for the whole cluster: leave --only out");
        return verdict(mode, true, "all nodes stop, the primary last, and start, the primary first: no reads and no writes meanwhile");
    }
  });
}

export function chosenMode(facts: PgFacts, goal: Goal): Mode | null {
  const wanted = goal.mode === "auto" ? modes : [goal.mode];
  const verdicts = modeVerdicts(facts, goal);
  return wanted.find((mode) => verdicts.some((each) => each.mode === mode && each.eligible)) ?? null;
}

/** Null: the setting cannot be read as the server reads it, or waits for nobody. */
export function syncRuleOf(facts: PgFacts, node: string): ReturnType<typeof parseSyncNames> {
  try {
    return parseSyncNames(nowOf(facts, node).syncNames);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
