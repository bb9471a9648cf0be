import type { Check } from "../model/facts.ts";
import type { Goal, ModeVerdict } from "../model/goal.ts";
import { goalOf, type GoalRequest } from "./goal.ts";
import type { Workspace } from "./workspace.ts";

export interface Checked {
  readonly cluster: string;
  readonly system: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly goal: Goal;
  /** True when no goal was given and the checks are those of a restart. */
  readonly assumed: boolean;
  readonly checks: readonly Check[];
  readonly modes: readonly ModeVerdict[];
  readonly blockers: number;
  readonly warnings: number;
}

/** Prechecks only; changes nothing and writes nothing. Without a goal: what a restart of every node needs. */
export async function checkCluster(workspace: Workspace, request: GoalRequest): Promise<Checked> {
  const definition = await workspace.definition();
  const driver = await workspace.driver();
  const assumed = request.version === undefined && request.artefact === undefined && request.settings === undefined && request.restart === undefined;
  const goal = await goalOf(workspace, driver, assumed ? { ...request, restart: true } : request);
  const at = workspace.now();
  const facts = await driver.inspect({ now: at });
  const checks = [...driver.check(facts, goal), ...((await driver.examine?.(facts, goal)) ?? [])];
  const count = (verdict: Check["verdict"]): number => checks.filter((check) => check.verdict === verdict).length;
  return {
    cluster: definition.cluster,
    system: definition.system,
    at,
    goal,
    assumed,
    checks,
    modes: driver.modes(facts, goal),
    blockers: count("blocker"),
    warnings: count("warning"),
  };
}
