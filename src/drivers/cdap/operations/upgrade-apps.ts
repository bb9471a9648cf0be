// Applications moved to other artefacts with the batch call, at most 50 at a time. From 6.9 on every call makes a version, also one that changes nothing
// (facts 0.6): so what came of a call is read from the server, and an application whose version has changed since is never asked for again.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import { pluginsBehind } from "../ledger/configuration.ts";
import { appKey } from "../ledger/program-directory.ts";
import type { AppBefore, ArtifactTargets, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import type { AppRecord, UpgradeItem } from "../wire/api.ts";
import { chunksOf } from "../wire/parallel.ts";
import type { Desk } from "./desk.ts";

const batch = 50;
/** The server goes on with a batch whose answer was cut off; an application takes it about a second. */
const settleMs = 60_000;

export type AppState =
  | { readonly is: "upgraded" | "due" | "gone" }
  /** It has another version than before, and not the target: somebody else changed it, or the server chose otherwise. It is not asked for again. */
  | { readonly is: "changed"; readonly what: string };

/** `configuration`: needed only of an application that has its target; null: not read. */
export function appState(
  before: AppBefore,
  record: Pick<AppRecord, "version" | "artifact"> | undefined,
  configuration: string | null,
  targets: ArtifactTargets,
): AppState {
  if (record === undefined) return { is: "gone" };
  const target = targets[before.artifact.name];
  const same = record.version === before.version && record.artifact.version === before.artifact.version;
  if (target !== undefined && record.artifact.version === target && configuration !== null) {
    // A plug-in that the server has left behind is told by `verifyApps`; another call would leave it behind again.
    return same && pluginsBehind(configuration, targets).length > 0 ? { is: "due" } : { is: "upgraded" };
  }
  if (same) return { is: "due" };
  return { is: "changed", what: `version ${record.version} with ${record.artifact.name} ${record.artifact.version}` };
}

/** All of one namespace, in as few questions as it takes. */
async function statesOf(
  desk: Desk,
  ns: string,
  apps: readonly AppBefore[],
  targets: ArtifactTargets,
): Promise<readonly (readonly [AppBefore, AppState])[]> {
  const records = new Map((await desk.directory.apps(ns)).map((record) => [record.name, record]));
  const onTarget = apps.flatMap(({ app, artifact }) => {
    const record = records.get(app);
    return record !== undefined && record.artifact.version === targets[artifact.name] ? [{ app, version: record.version }] : [];
  });
  const details = onTarget.length === 0 ? [] : await desk.cluster.api.appDetails(ns, onTarget);
  const configurations = new Map(details.flatMap((detail) => (detail === null ? [] : [[detail.name, detail.configuration ?? ""] as const])));
  return apps.map((app) => [app, appState(app, records.get(app.app), configurations.get(app.app) ?? null, targets)]);
}
const namesOf = (found: readonly (readonly [AppBefore, AppState])[], is: AppState["is"]): readonly string[] =>
  found.flatMap(([{ app }, state]) => (state.is === is ? [app] : []));
/** What an application is that is neither upgraded nor due, in words. */
const oddOf = (found: readonly (readonly [AppBefore, AppState])[]): readonly string[] =>
  found.flatMap(([app, state]) => {
    if (state.is === "gone") return [`${appKey(app)}: gone`];
    return state.is === "changed" ? [`${appKey(app)}: ${state.what}`] : [];
  });
export type UpgradeProof = { readonly upgraded: number; readonly odd: readonly string[] };

export function upgradeBatch(desk: Desk): NamedOperation<CdapFacts, StepParams["upgradeBatch"]> {
  const { api } = desk.cluster;
  return operation<CdapFacts, StepParams["upgradeBatch"]>("upgradeBatch", {
    settleMs,
    answersSettle: true,
    fenced: api.via === null ? "unfenced" : "host",
    look: async ({ ns, apps, targets }): Promise<Look> => {
      const found = await statesOf(desk, ns, apps, targets);
      const due = namesOf(found, "due");
      if (due.length > 0) return { is: "open", why: `${due.slice(0, 3).join(", ")}${due.length > 3 ? ` and ${String(due.length - 3)} more` : ""}` };
      return { is: "done", proof: { upgraded: namesOf(found, "upgraded").length, odd: oddOf(found) } satisfies UpgradeProof };
    },
    act: async ({ ns, apps, targets, scopes, allowSnapshot }, _, context) => {
      // Read immediately before the call: what has another version by now is not asked for.
      const due = namesOf(await statesOf(desk, ns, apps, targets), "due");
      if (due.length === 0) return null;
      const { status, words, items } = await context.send(api.via, (fence) =>
        api.upgradeApps(fence, ns, due, { scopes: [...scopes], allowSnapshot }),
      );
      if (status !== 200) throw refusal(ns, [`the whole call: ${String(status)} ${words}`]);
      const refused = items.filter(({ statusCode }) => statusCode !== 200).map(itemWords);
      const unchanged = namesOf(await statesOf(desk, ns, apps, targets), "due").filter((app) => accepted(items, app));
      if (refused.length + unchanged.length > 0)
        throw refusal(ns, [...refused, ...unchanged.map((app) => `${app}: answered with 200, and nothing has changed`)]);
      return null;
    },
  });
}
const accepted = (items: readonly UpgradeItem[], app: string): boolean =>
  items.some(({ appId, statusCode }) => appId.application === app && statusCode === 200);
const itemWords = ({ statusCode, error, appId }: UpgradeItem): string => `${appId.application}: ${String(statusCode)} ${error ?? ""}`.trim();
/** The same call would be answered the same way: a person reads why, before anything is asked for a second time. */
const refusal = (ns: string, why: readonly string[]): StillwaterError =>
  new StillwaterError(
    "SW2106",
    `Applications of ${ns} were not upgraded: ${why.slice(0, 3).join("; ")}${why.length > 3 ? ` and ${String(why.length - 3)} more` : ""}`,
    {
      object: ns,
      why,
      remedy: "Mend the cause and `stillwater resume`, or go on without them with `stillwater skip`.",
    },
  );

export function upgradeApps(desk: Desk): NamedOperation<CdapFacts, StepParams["upgradeApps"]> {
  return operation<CdapFacts, StepParams["upgradeApps"]>("upgradeApps", {
    look: async ({ apps, targets, scopes, allowSnapshot }): Promise<Look> => {
      const found: (readonly [AppBefore, AppState])[] = [];
      for (const [ns, own] of Map.groupBy(apps, (app) => app.ns)) found.push(...(await statesOf(desk, ns, own, targets)));
      const due = found.flatMap(([app, state]) => (state.is === "due" ? [app] : []));
      if (due.length === 0) return { is: "done", proof: { upgraded: namesOf(found, "upgraded").length, odd: oddOf(found) } satisfies UpgradeProof };
      const batches = [...Map.groupBy(due, ({ ns }) => ns)].flatMap(([ns, own]) => chunksOf(own, batch).map((some) => ({ ns, apps: some })));
      return {
        is: "expand",
        into: batches.map(({ ns, apps: some }, index) =>
          steps.upgradeBatch(`batch ${String(index + 1)}`, { ns, apps: some, targets, scopes, allowSnapshot }),
        ),
      };
    },
  });
}
