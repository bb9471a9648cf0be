import { runRecords } from "../journal/run-records.ts";
import type { RunRecord, Store } from "../journal/store.ts";
import type { Plan } from "../model/plan.ts";
import { StillwaterError } from "../model/errors.ts";
import { makePlan } from "../planner/plan.ts";
import { hasActed, openRun } from "./apply.ts";
import { savePlan } from "./plan-files.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The plan that returns the cluster to where the newest run that changed anything found it: computed from that run's own facts, shown and approved like
 * any other. A run that is not finished is aborted first (SW2004 says so), so that two plans are never half done at once. Errors SW2005, SW2006, and
 * those of `makePlan`.
 */
export async function rollbackPlan(
  workspace: Workspace,
  request: { readonly overrides?: readonly { readonly code: string; readonly reason: string }[] } = {},
): Promise<Plan> {
  const [store, { cluster, lab }, driver] = [await workspace.store(), await workspace.definition(), await workspace.driver()];
  const open = await openRun(store, cluster);
  if (open)
    throw new StillwaterError("SW2004", `Run ${open.id} of ${cluster} is not finished.`, {
      object: `run ${open.id}`,
      remedy: "`stillwater abort` first: it puts the open turn back. Then `stillwater rollback`.",
    });
  const newest = await newestThatActed(store, cluster);
  if (!newest)
    throw new StillwaterError("SW2005", `No run of ${cluster} has changed anything: there is nothing to roll back.`, {
      object: cluster,
      remedy: "`stillwater history` lists the runs.",
    });
  const facts = await driver.inspect({ now: workspace.now() });
  const goal = driver.goalBack(newest.plan.facts, newest.plan.goal);
  const plan = makePlan(driver, {
    cluster,
    ...(lab === true ? { lab } : {}),
    goal,
    facts,
    examined: (await driver.examine?.(facts, goal)) ?? [],
    overrides: (request.overrides ?? []).map(({ code, reason }) => ({ code, by: workspace.who, reason })),
    rollsBack: String(newest.id),
    createdAt: new Date(workspace.now()).toISOString(),
    createdBy: workspace.who,
  });
  await savePlan(workspace, plan);
  return plan;
}

/** A run that was refused at its beginning, or aborted before its first act, is nothing to go back from; nor is a backup, which changes nothing. */
async function newestThatActed(store: Store, cluster: string): Promise<RunRecord | null> {
  for await (const record of runRecords(store, cluster))
    if (record.plan.goal.maintenance?.is !== "backup" && (await hasActed(store, record))) return record;
  return null;
}
