// Which applications move, and to which artefacts. Pure.
import { selectApps, targetOf, nameOf, type SelectedApp } from "../checks/selection.ts";
import { verdictOf, wayOf } from "../checks/verdicts.ts";
import type { CdapArtifact } from "../facts.ts";
import { isRange } from "../ledger/configuration.ts";
import { newest } from "../matrix/version.ts";
import type { AppBefore, ArtifactTargets } from "../step-names.ts";
import type { Item } from "../../../model/step.ts";
import { steps } from "../steps.ts";
import { checkpointOf } from "./checkpoints.ts";
import type { Frame } from "./frame.ts";

/** Of one namespace: what moves by the batch call, and what is deployed again. */
export interface Moving {
  readonly ns: string;
  readonly targets: ArtifactTargets;
  readonly upgraded: readonly AppBefore[];
  readonly redeployed: readonly AppBefore[];
}
const before = ({ ns, app, now }: SelectedApp): AppBefore => ({ ns, app, version: now.version, artifact: now.artifact });

export function moving(frame: Frame): readonly Moving[] {
  const { facts, options } = frame;
  const { apps } = selectApps(facts, options.apps);
  return [...Map.groupBy(apps, ({ ns }) => ns)].flatMap(([ns, own]): readonly Moving[] => {
    const targets = options.of === "platform" ? systemTargets(frame, own) : targetsOf(frame, ns, own);
    const ways = own.map((each) => ({ each, way: wayFor(frame, each) }));
    const behind = ways.filter(({ each }) => isBehind(each, targets));
    const upgraded = behind.flatMap(({ each, way }) => (way === "upgrade" ? [before(each)] : []));
    const redeployed = behind.flatMap(({ each, way }) => (way === "redeploy" ? [before(each)] : []));
    return upgraded.length + redeployed.length === 0 ? [] : [{ ns, targets, upgraded, redeployed }];
  });
}

const isBehind = ({ now }: SelectedApp, targets: ArtifactTargets): boolean => {
  const lags = ({ name, version }: CdapArtifact): boolean => targets[name] !== undefined && targets[name] !== version && !isRange(version);
  return lags(now.artifact) || now.plugins.some(({ artifact }) => artifact !== null && lags(artifact));
};

/** The batch call is answered with 501 for real-time pipelines without a state store (facts 0.7). */
function wayFor(frame: Frame, { ns, app }: SelectedApp): "upgrade" | "redeploy" | "leave" {
  const { facts, goal, options } = frame;
  const pipeline = facts.now.pipelines.find((each) => each.ns === ns && each.app === app);
  if (pipeline === undefined) return "upgrade";
  const way = wayOf(facts, goal, options, pipeline);
  if (way === "redeploy") return "redeploy";
  return way === "api" && verdictOf(facts, goal, options, pipeline).is !== "not-supported" ? "upgrade" : "leave";
}

/** The newest that are there, as the server chooses them (facts 3.1): of applications and of their plug-ins. */
function targetsOf({ facts, goal, options }: Frame, ns: string, apps: readonly SelectedApp[]): ArtifactTargets {
  const targets: Record<string, string> = {};
  for (const each of apps) {
    const target = targetOf(facts, each, goal, options);
    if (target.is === "newer") targets[each.now.artifact.name] = target.version;
    else if (target.is === "current") targets[each.now.artifact.name] ??= each.now.artifact.version;
  }
  const there = facts.structure.namespaces[ns]?.artifacts ?? [];
  for (const { artifact } of apps.flatMap(({ now }) => now.plugins)) {
    if (artifact === null || targets[artifact.name] !== undefined) continue;
    const versions = there
      .filter(({ name, scope }) => name === artifact.name && (options.scopes.length === 0 || options.scopes.includes(scope)))
      .map(({ version }) => version);
    const best = newest(versions, options.allowSnapshot);
    if (best !== null) targets[artifact.name] = best;
  }
  return targets;
}
/** After CDAP itself: its own applications have its version; what plug-ins come with it is not known before. */
function systemTargets({ goal }: Frame, apps: readonly SelectedApp[]): ArtifactTargets {
  const own = apps.filter(({ now }) => now.artifact.scope === "SYSTEM" && now.artifact.name.startsWith("cdap-"));
  return Object.fromEntries(own.map(({ now }) => [now.artifact.name, goal.version ?? now.artifact.version]));
}

export function movingItems({ facts, options, checkpoints }: Frame, all: readonly Moving[]): readonly Item[] {
  const { scopes, allowSnapshot } = options;
  const { copy } = checkpoints;
  const copied = all.flatMap(({ redeployed: own }) =>
    own.flatMap(({ ns, app }) => {
      const checkpoint = checkpointOf(facts, { ns, app }, checkpoints);
      if (copy === undefined || checkpoint.is !== "known") return [];
      const { from, to } = checkpoint;
      return [steps.copyCheckpoints(`checkpoints ${nameOf({ ns, app })}`, { ns, app, command: copy, from, to })];
    }),
  );
  const redeployed = all.flatMap(({ redeployed: own, targets }) =>
    own.map((pipeline) => steps.redeployPipeline(`redeploy ${nameOf(pipeline)}`, { pipeline, targets })),
  );
  const upgraded = all.flatMap(({ ns, upgraded: apps, targets }) =>
    apps.length === 0
      ? []
      : [
          {
            ...steps.upgradeApps(`upgrade ${ns}`, { apps, targets, scopes, allowSnapshot }),
            commits: { of: "turn" as const, why: "applications have their new artefacts, and an upgrade is not undone: an abort finishes this turn" },
          },
        ],
  );
  return [...copied, ...redeployed, ...upgraded];
}
export const verifyItems = (all: readonly Moving[], backup: string): readonly Item[] =>
  all.map(({ ns, upgraded, redeployed, targets }) => steps.verifyApps(`verify ${ns}`, { apps: [...upgraded, ...redeployed], targets, backup }));
export const appsOf = (all: readonly Moving[]): readonly AppBefore[] => all.flatMap(({ upgraded, redeployed }) => [...upgraded, ...redeployed]);
