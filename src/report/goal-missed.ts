import type { Answer, JournalEntry } from "../model/event.ts";
import type { NodeView } from "../model/facts.ts";
import type { Goal } from "../model/goal.ts";
import type { Plan } from "../model/plan.ts";
import type { ReportImpact } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { isUndocumented } from "./forecast.ts";
import { knownSteps } from "./known-steps.ts";
import { onWord, onWordText, type Lease } from "./leases.ts";

const goalMark = "the goal: ";
/** Whether a line of `notSeen` came from here. */
export const isGoalMissed = (line: string): boolean => line.startsWith(goalMark);

/**
 * Where the cluster is not seen to be what the run was for, one line each: a step that was left out, a node that went back by itself or does not serve any
 * more. The journal's "succeeded" says that every step ended, not that the goal was reached. A node that never tells a version, also while it served before
 * the run, has none that could be missed. `leftOut`: titles of the steps that a person skipped; of settings and restarts the nodes' versions tell nothing.
 * Pure.
 */
export function goalMissed(
  goal: Pick<Goal, "version" | "only" | "settings" | "restart">,
  nodes: { readonly before: readonly NodeView[]; readonly after: readonly NodeView[] },
  leftOut: readonly string[] = [],
): readonly string[] {
  const { before, after } = nodes;
  if (after.length === 0) return [`${goalMark}the cluster could not be read after the run`];
  const inScope = after.filter(({ name }) => goal.only === null || goal.only.includes(name));
  const served = new Set(before.flatMap(({ name, state }) => (state === "serving" ? [name] : [])));
  const away = inScope.filter(({ name, state }) => state !== "serving" && served.has(name));
  const skipped = goal.restart || Object.keys(goal.settings).length > 0 ? leftOut : [];
  return [
    ...away.map(({ name, state }) => `${name} served before, and is ${state} now`),
    ...otherVersions(
      goal.version,
      inScope.filter((node) => !away.includes(node)),
      before,
    ),
    ...skipped.map((title) => `${title}: left out`),
  ].map((line) => `${goalMark}${line}`);
}

function otherVersions(version: string | null, after: readonly NodeView[], before: readonly NodeView[]): readonly string[] {
  if (version === null) return [];
  const silent = before.filter(({ state, version: told, installed }) => state === "serving" && told === null && installed === null);
  return after
    .filter((node) => node.version !== null || !silent.some(({ name }) => name === node.name))
    .filter((node) => node.version !== version)
    .map((node) => `${node.name} ${node.version === null ? "does not tell its version" : `runs ${node.version}, not ${version}`}`);
}

/** Titles of the plan's steps, and of what they expanded into, whose last answer was to leave them out. What puts something back is a lease's. Pure. */
export function leftOutOf(plan: Plan, entries: readonly JournalEntry[]): readonly string[] {
  const find = knownSteps(plan, entries);
  const last = new Map<string, Answer>();
  for (const { event } of entries) if (event.is === "answered") last.set(event.step, event.answer);
  return [...last].flatMap(([id, answer]) => (answer === "skip" && !find(id).undo ? [find(id).title ?? id] : []));
}
/** Of what only a person says that it was put back. Pure. */
export const notSeenPutBack = (leases: readonly Lease[]): readonly string[] => onWord(leases).map((title) => `${goalMark}${onWordText(title)}`);

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
