import type { Check } from "../model/facts.ts";
import type { Goal, Mode } from "../model/goal.ts";
import type { ImpactForecast } from "../model/impact.ts";
import { goalOf, type GoalRequest } from "./goal.ts";
import type { Workspace } from "./workspace.ts";

/** What one mode would let users feel; nothing of it is a plan, and nothing is kept. */
export interface ModeImpact {
  readonly mode: Mode;
  readonly eligible: boolean;
  /** Why it is eligible, or why not. */
  readonly why: string;
  /** Null: it is not eligible, or there is no way: then `why` says so. */
  readonly impact: readonly ImpactForecast[] | null;
  /** What would refuse a plan in this mode now. */
  readonly blockers: readonly Check[];
}

/** The forecast of every mode, or of the one that the goal names. Changes nothing. Errors SW10xx to SW12xx, SW6xxx. */
export async function forecastImpact(workspace: Workspace, request: GoalRequest): Promise<readonly ModeImpact[]> {
  const driver = await workspace.driver();
  const goal = await goalOf(workspace, driver, request);
  const facts = await driver.inspect({ now: workspace.now() });
  const wanted = driver.modes(facts, goal).filter(({ mode }) => goal.mode === "auto" || goal.mode === mode);
  const forecasts: ModeImpact[] = [];
  for (const { mode, eligible, why } of wanted) {
    const inMode: Goal = { ...goal, mode };
    const draft = eligible ? driver.plan(facts, inMode) : null;
    if (draft === null) forecasts.push({ mode, eligible, why, impact: null, blockers: [] });
    else if ("refused" in draft) forecasts.push({ mode, eligible, why: `${draft.refused}; ${draft.clear}`, impact: null, blockers: [] });
    else {
      const checks = [...driver.check(facts, inMode), ...((await driver.examine?.(facts, inMode)) ?? [])];
      const blockers = checks.filter(({ verdict }) => verdict === "blocker");
      forecasts.push({ mode, eligible, why, impact: driver.impact(facts, inMode, mode, draft.turns), blockers });
    }
  }
  return forecasts;
}
