import { StillwaterError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { makePlan } from "../planner/plan.ts";
import { goalOf, type GoalRequest } from "./goal.ts";
import { savePlan } from "./plan-files.ts";
import type { Workspace } from "./workspace.ts";

export interface PlanningRequest extends GoalRequest {
  /** Blockers that are accepted by name, with the reason that goes into plan, journal and report. */
  readonly overrides?: readonly { readonly code: string; readonly reason: string }[];
}
export interface Planned {
  readonly plan: Plan;
  /** Where it was written. */
  readonly file: string;
}

/** Observes the cluster, computes the plan and writes it to `<state>/plans/`. Changes nothing in the cluster. Errors SW10xx to SW12xx, SW2107 to SW2110, SW6xxx. */
export async function planCluster(workspace: Workspace, request: PlanningRequest): Promise<Planned> {
  const definition = await workspace.definition();
  const driver = await workspace.driver();
  for (const { code, reason } of request.overrides ?? [])
    if (reason.trim() === "") throw new StillwaterError("SW1006", `The override of ${code} needs a reason.`, { object: code });
  const goal = await goalOf(workspace, driver, request);
  const facts = await driver.inspect({ now: workspace.now() });
  const plan = makePlan(driver, {
    cluster: definition.cluster,
    ...(definition.lab === true ? { lab: true } : {}),
    goal,
    facts,
    examined: (await driver.examine?.(facts, goal)) ?? [],
    overrides: (request.overrides ?? []).map(({ code, reason }) => ({ code, by: workspace.who, reason })),
    rollsBack: null,
    createdAt: new Date(workspace.now()).toISOString(),
    createdBy: workspace.who,
  });
  refuseIdleOverrides(plan);
  return { plan, file: await savePlan(workspace, plan) };
}

/** An override that overrides nothing is a slip of the pen, and would stand in the report as a risk that somebody took. */
function refuseIdleOverrides(plan: Plan): void {
  const blockers = plan.checks.filter((check) => check.verdict === "blocker").map((check) => check.code);
  const idle = plan.overrides.find((override) => !blockers.includes(override.code));
  if (idle)
    throw new StillwaterError("SW1001", `There is no blocker ${idle.code} to override.`, {
      object: idle.code,
      remedy: blockers.length === 0 ? "Plan without --override." : `The blockers are: ${blockers.join(", ")}.`,
    });
}
