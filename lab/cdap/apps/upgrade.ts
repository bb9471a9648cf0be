// ApplicationLifecycleService.upgradeApplication (facts 3.1): an application moves to the newest artefact of its name, its plug-ins to theirs.
import { ServerError, badRequest, notFound } from "../logic/answers.ts";
import type { Release } from "../logic/release.ts";
import { SNAPSHOT, configOf, type AppStore, type StoredVersion } from "./app-store.ts";
import type { ArtifactId, ArtifactStore, Scope } from "./artifact-store.ts";
import { SCOPES, parseScope } from "./artifact-store.ts";
import { appClassOf } from "./catalogue.ts";
import { stateModeOf, type PluginArtifact, type Stage } from "./pipeline-config.ts";
import { compareVersions, highest, isAtLeast, isSnapshot, isWithin, parseRange } from "./versions.ts";

export interface UpgradePolicy {
  readonly scopes: readonly Scope[];
  readonly allowSnapshot: boolean;
}
export interface UpgradeWorld {
  readonly apps: AppStore;
  readonly artifacts: ArtifactStore;
  readonly release: Release;
  readonly tracksState: boolean;
  /** Preferences and saved runtime arguments of the pipeline's program. */
  readonly argumentsOf: (namespace: string, app: string) => Readonly<Record<string, string>>;
}

/** Real-time pipelines could not be updated at all before (CDAP-19729, facts 4.3). */
const STREAMS_SINCE = "6.9.0";

/** `artifactScope` may be given twice; absent: both. Error 400. */
export const policyOf = (query: URLSearchParams): UpgradePolicy => {
  const scopes = query.getAll("artifactScope").map(parseScope);
  return { scopes: scopes.length === 0 ? SCOPES : scopes, allowSnapshot: query.get("allowSnapshot") === "true" };
};

/** The version that it made. Every call makes one, also where nothing newer is there (facts 0.6). Nobody asks whether programs run (facts 0.8). Errors 400, 404, 501. */
export function upgrade(
  world: UpgradeWorld,
  namespace: string,
  app: string,
  version: string | null,
  policy: UpgradePolicy,
  author: string,
): StoredVersion {
  const { apps, release } = world;
  const current = version === null || version === SNAPSHOT ? apps.latest(namespace, app) : apps.version(namespace, app, version);
  const artifact = candidate(world, namespace, current.artifact, policy);
  refuseUnsupported(world, namespace, app, current);
  const config = configOf(current);
  const stages = (all: readonly Stage[]): readonly Stage[] => all.map((stage) => withNewestPlugin(world.artifacts, namespace, stage, policy));
  const upgraded = {
    ...config,
    ...(config.stages === undefined ? {} : { stages: stages(config.stages) }),
    ...(config.postActions === undefined || !release.upgradesPostActions ? {} : { postActions: stages(config.postActions) }),
  };
  return apps.replace(namespace, app, current, { artifact, configuration: JSON.stringify(upgraded) }, author).version;
}

function candidate({ artifacts }: UpgradeWorld, namespace: string, current: ArtifactId, { scopes, allowSnapshot }: UpgradePolicy): ArtifactId {
  const named = artifacts.versions(namespace, current.name, scopes).filter(({ version }) => allowSnapshot || !isSnapshot(version));
  const best = highest(named, ({ version }) => version);
  if (best === null) throw notFound(`artifact:${namespace}.${current.name}.${current.version}`);
  const difference = compareVersions(best.version, current.version);
  if (difference < 0) throw badRequest(`The current artifact has a version higher ${current.version} than any existing artifact.`);
  return difference === 0 ? current : best;
}

/** 501: the class has no update, or the pipeline keeps its state where an update cannot follow (facts 0.7, 4.3). */
function refuseUnsupported({ release, tracksState, argumentsOf }: UpgradeWorld, namespace: string, app: string, current: StoredVersion): void {
  if (appClassOf(current.artifact.name)?.updatable !== true) throw new ServerError(501, `Application ${app} does not support upgrade.`);
  if (current.artifact.name !== "cdap-data-streams") return;
  if (!isAtLeast(release.version, STREAMS_SINCE)) throw new ServerError(501, `Application ${app} does not support upgrade.`);
  const mode = stateModeOf({ release, tracksState, namespace, app, config: configOf(current), args: argumentsOf(namespace, app) });
  if (mode !== "STATE_STORE") throw new ServerError(501, `App ${app} does not support upgrade with state handling mode ${mode} .`);
}

/** An exact version becomes the newest; a range that holds the newest stays, another one is stretched up to it. */
function withNewestPlugin(artifacts: ArtifactStore, namespace: string, stage: Stage, policy: UpgradePolicy): Stage {
  const { artifact } = stage.plugin;
  if (artifact === undefined) return stage;
  return { ...stage, plugin: { ...stage.plugin, artifact: newest(artifacts, namespace, artifact, policy) } };
}
function newest(artifacts: ArtifactStore, namespace: string, artifact: PluginArtifact, { scopes, allowSnapshot }: UpgradePolicy): PluginArtifact {
  const found = highest(
    artifacts.versions(namespace, artifact.name, scopes).filter(({ version }) => allowSnapshot || !isSnapshot(version)),
    ({ version }) => version,
  );
  if (found === null) return artifact;
  const range = parseRange(artifact.version);
  if (range === null) return compareVersions(found.version, artifact.version) > 0 ? { ...found } : artifact;
  return isWithin(found.version, range) || compareVersions(found.version, range.upper) < 0
    ? artifact
    : { ...artifact, version: `${range.lowerInclusive ? "[" : "("}${range.lower},${found.version}]` };
}
