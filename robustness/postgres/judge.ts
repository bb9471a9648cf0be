// Is the end of a disturbed run the end of the undisturbed one?
import type { Figures } from "../harness/figures.ts";
import { beyond, brokenRules, comparable, type ClusterState } from "../validators/postgres-state.ts";

export interface End {
  readonly state: ClusterState;
  /** The application's rows that were acknowledged and are not there. */
  readonly lost: readonly number[];
  readonly report: Readonly<Record<string, unknown>> | null;
}
export interface Verdict {
  readonly broken: readonly string[];
  readonly lost: number;
  readonly leftovers: number;
  readonly restarts: number;
  readonly actions: number;
}
export interface Allowed {
  /** Verdicts of the report that are right here. Default: pass. */
  readonly verdicts?: readonly string[];
  /** Restarts and actions are the scenario's own: only the end counts. */
  readonly anyRestarts?: boolean;
}

export function judge(end: End, base: ClusterState, { verdicts = ["pass"], anyRestarts = false }: Allowed = {}): Verdict {
  const { state, lost, report } = end;
  const more = anyRestarts ? { restarts: 0, actions: 0 } : beyond(state, base);
  const verdict = typeof report?.["verdict"] === "string" ? report["verdict"] : "no report";
  const continuity = report?.["continuity"] as { readonly lost?: number } | undefined;
  const lostOfProbe = continuity?.lost ?? 0;
  return {
    broken: [
      ...brokenRules(state),
      ...(comparable(state) === comparable(base) ? [] : differences(state, base)),
      ...state.leftovers.map((each) => `left: ${each}`),
      ...(lost.length > 0 ? [`${lost.length} acknowledged rows of the application are lost: ${lost.slice(0, 5).join(", ")}`] : []),
      ...(lostOfProbe > 0 ? [`the report says that ${lostOfProbe} of the probe's records are lost`] : []),
      ...(more.restarts > 0 ? [`${more.restarts} more starts than without a fault`] : []),
      ...(more.actions > 0 ? [`${more.actions} more stops or promotions than without a fault`] : []),
      ...(verdicts.includes(verdict) ? [] : [`the report's verdict is ${verdict}`]),
    ],
    lost: lost.length + lostOfProbe,
    leftovers: state.leftovers.length,
    restarts: more.restarts,
    actions: more.actions,
  };
}

function differences(state: ClusterState, base: ClusterState): readonly string[] {
  const [now, then] = [state, base].map((each) => JSON.parse(comparable(each)) as Record<string, Record<string, unknown>>);
  return Object.entries(now ?? {}).flatMap(([name, node]) =>
    Object.entries(node)
      .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(then?.[name]?.[key]))
      .map(([key, value]) => `${name}: ${key} is ${JSON.stringify(value)} instead of ${JSON.stringify(then?.[name]?.[key])}`),
  );
}

export function add(figures: Figures, verdict: Verdict, where: string): void {
  figures.runs++;
  figures.lost += verdict.lost;
  figures.leftovers += verdict.leftovers;
  figures.extraRestarts += verdict.restarts;
  figures.doubleActions += verdict.actions;
  figures.broken.push(...verdict.broken.map((each) => `${where}: ${each}`));
}
