// Which applications a goal touches, and the artefacts that the server would take for them (facts 3.1). Pure.
import type { Goal } from "../../../model/goal.ts";
import type { CdapApp, CdapArtifact, CdapFacts } from "../facts.ts";
import { compareVersions, isSnapshot, newest, parseRange } from "../matrix/version.ts";
import { latest, type AppSelection, type PlanOptions } from "../planning/options.ts";

export interface SelectedApp {
  readonly ns: string;
  readonly app: string;
  readonly now: CdapApp;
}
/** `default.orders`. */
export const nameOf = ({ ns, app }: { readonly ns: string; readonly app: string }): string => `${ns}.${app}`;

export interface Selection {
  readonly apps: readonly SelectedApp[];
  /** Named, and in no namespace. */
  readonly missing: readonly string[];
  /** Named without a namespace, and in several. */
  readonly ambiguous: readonly string[];
}
export function selectApps(facts: CdapFacts, selection: AppSelection | null): Selection {
  if (selection === null) return { apps: [], missing: [], ambiguous: [] };
  const all = Object.entries(facts.structure.namespaces).flatMap(([ns, { apps }]) =>
    Object.entries(apps).map(([app, now]): SelectedApp => ({ ns, app, now })),
  );
  if (selection === "all") return { apps: all, missing: [], ambiguous: [] };
  const found = selection.map((wanted) => ({
    name: wanted.ns === null ? wanted.app : nameOf({ ns: wanted.ns, app: wanted.app }),
    apps: all.filter(({ ns, app }) => app === wanted.app && (wanted.ns === null || ns === wanted.ns)),
  }));
  const byName = new Map(found.flatMap(({ apps }) => (apps.length === 1 ? apps : [])).map((each) => [nameOf(each), each]));
  return {
    apps: [...byName.values()],
    missing: found.flatMap(({ name, apps }) => (apps.length === 0 ? [name] : [])),
    ambiguous: found.flatMap(({ name, apps }) => (apps.length > 1 ? [`${name} (in ${apps.map(({ ns }) => ns).join(", ")})`] : [])),
  };
}

/** The artefacts of that name that the server would choose from: those there are, in the scopes that are allowed. */
const candidates = (facts: CdapFacts, ns: string, name: string, { scopes }: Pick<PlanOptions, "scopes">): readonly CdapArtifact[] =>
  (facts.structure.namespaces[ns]?.artifacts ?? []).filter((each) => each.name === name && (scopes.length === 0 || scopes.includes(each.scope)));

/** One application, when it is among the selected; without looking at thousands of others. */
export function selectedApp(facts: CdapFacts, selection: AppSelection | null, at: { readonly ns: string; readonly app: string }): SelectedApp | null {
  const now = facts.structure.namespaces[at.ns]?.apps[at.app];
  if (now === undefined || selection === null) return null;
  const chosen = selection === "all" || selection.some(({ ns, app }) => app === at.app && (ns === null || ns === at.ns));
  return chosen ? { ns: at.ns, app: at.app, now } : null;
}

export type Target =
  /** The server moves it there. */
  | { readonly is: "newer"; readonly version: string; readonly scope: "SYSTEM" | "USER" }
  | { readonly is: "current" }
  /** Only a snapshot is newer, and those do not count. */
  | { readonly is: "snapshot"; readonly version: string }
  /** All that are there are older. */
  | { readonly is: "older"; readonly newest: string }
  /** None of that name is there any more. */
  | { readonly is: "vanished" }
  /** Another one is wanted than the newest, and the call always takes the newest. */
  | { readonly is: "not newest"; readonly newest: string; readonly there: boolean };

export function targetOf(facts: CdapFacts, { ns, now }: SelectedApp, goal: Goal, options: PlanOptions): Target {
  const { name, version } = now.artifact;
  const all = candidates(facts, ns, name, options);
  const versions = all.map((each) => each.version);
  if (versions.length === 0) return { is: "vanished" };
  const best = newest(versions, options.allowSnapshot);
  const wanted = options.of === "applications" && goal.version !== null && goal.version !== latest ? goal.version : null;
  if (wanted !== null && best !== null && compareVersions(wanted, best) !== 0 && compareVersions(wanted, version) !== 0)
    return { is: "not newest", newest: best, there: versions.includes(wanted) };
  const top = newest(versions);
  if (best === null || compareVersions(best, version) < 0) {
    if (top !== null && isSnapshot(top) && compareVersions(top, version) > 0) return { is: "snapshot", version: top };
    return { is: "older", newest: top ?? "" };
  }
  if (compareVersions(best, version) === 0)
    return top !== null && compareVersions(top, version) > 0 ? { is: "snapshot", version: top } : { is: "current" };
  const scope = all.find((each) => each.version === best && each.scope === "USER")?.scope ?? "SYSTEM";
  return { is: "newer", version: best, scope };
}

/** The upgrade call does something to it: to its artefact, or to a plug-in of its stages (facts 3.1). */
export function moves(facts: CdapFacts, each: SelectedApp, goal: Goal, options: PlanOptions): boolean {
  const target = targetOf(facts, each, goal, options);
  if (target.is === "newer") return true;
  if (target.is !== "current") return false;
  return each.now.plugins.some(({ artifact }) => {
    if (artifact === null || parseRange(artifact.version) !== null) return false;
    const best = newest(
      candidates(facts, each.ns, artifact.name, options).map(({ version }) => version),
      options.allowSnapshot,
    );
    return best !== null && compareVersions(best, artifact.version) > 0;
  });
}

/** Plug-ins whose exact version is not there any more: their stages cannot be deployed again as they are. */
export const vanishedPins = (facts: CdapFacts, { ns, now }: SelectedApp): readonly string[] =>
  now.plugins.flatMap(({ stage, artifact }) => {
    if (artifact === null || !/^\d/.test(artifact.version)) return [];
    const there = (facts.structure.namespaces[ns]?.artifacts ?? []).some(
      ({ name, version, scope }) => name === artifact.name && version === artifact.version && scope === artifact.scope,
    );
    return there ? [] : [`${stage}: ${artifact.name} ${artifact.version}`];
  });
