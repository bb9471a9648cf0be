import type { NodeView } from "../model/facts.ts";
import type { Goal } from "../model/goal.ts";
import type { ReportImpact } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { isUndocumented } from "./forecast.ts";

const goalMark = "the goal: ";
/** Whether a line of `notSeen` came from here. */
export const isGoalMissed = (line: string): boolean => line.startsWith(goalMark);

/**
 * Where the cluster is not seen to be what the run was for, one line each: a step that was left out, a node that went back by itself. The journal's
 * "succeeded" says that every step ended, not that the goal was reached. A node that never tells a version, also while it served before the run, has none
 * that could be missed. Pure.
 */
export function goalMissed(goal: Pick<Goal, "version" | "only">, after: readonly NodeView[], before: readonly NodeView[] = []): readonly string[] {
  if (after.length === 0) return [`${goalMark}the cluster could not be read after the run`];
  const { version, only } = goal;
  if (version === null) return [];
  const silent = before.filter(({ state, version: told, installed }) => state === "serving" && told === null && installed === null);
  return after
    .filter((node) => node.version !== null || !silent.some(({ name }) => name === node.name))
    .filter((node) => (only === null || only.includes(node.name)) && node.version !== version)
    .map((node) => `${goalMark}${node.name} ${node.version === null ? "does not tell its version" : `runs ${node.version}, not ${version}`}`);
}

/** Features of the forecast that were seen to work, and did not when the watching ended: nobody knows when they will. Pure. */
export function stillBroken(impact: readonly ReportImpact[], watched: Watched | null): readonly string[] {
  const named = new Set(
    impact.flatMap(({ forecast }) => (forecast.measure?.by === "watch" && !isUndocumented(forecast) ? [forecast.measure.feature] : [])),
  );
  return (watched?.features ?? []).flatMap(({ feature, works, outages }) => {
    const last = outages.at(-1);
    return named.has(feature) && works > 0 && last?.to === null ? [`${goalMark}${feature} does not work at the end: ${last.why}`] : [];
  });
}
