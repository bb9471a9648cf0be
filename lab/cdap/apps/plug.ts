import type { Disk } from "../../kit/disk.ts";
import type { Applications } from "../logic/applications.ts";
import type { Platform } from "../logic/platform.ts";
import type { ScheduleSpec } from "../logic/schedules/schedule.ts";
import { AppStore, configOf, type AppState, type StoredVersion } from "./app-store.ts";
import { ArtifactStore, type ArtifactState } from "./artifact-store.ts";
import { shippedWith } from "./catalogue.ts";
import { streamingSpecOf } from "./pipeline-config.ts";
import { addAppRoutes } from "./routes/app-routes.ts";
import { addArtifactRoutes } from "./routes/artifact-routes.ts";
import { Namespaces } from "./routes/namespace-routes.ts";
import { Preferences, addPreferenceRoutes, type PreferenceState } from "./routes/preference-routes.ts";
import { addServiceRoutes } from "./routes/service-routes.ts";
import { addUpgradeRoutes } from "./routes/upgrade-routes.ts";
import { Checkpoints, diskIn } from "./streaming/checkpoints.ts";
import { StreamingData, type StreamingState } from "./streaming/streaming-data.ts";
import { connectStreaming, tracksState } from "./streaming/streaming-runs.ts";
import { compareVersions } from "./versions.ts";
import { uuid } from "./uuid.ts";

export interface PlugOptions {
  /** Where checkpoint directories lie; absent: in the storage. */
  readonly disk?: Disk;
}
/** What a stage of the lab works with, beside HTTP. */
export interface PluggedApplications {
  readonly apps: AppStore;
  readonly artifacts: ArtifactStore;
  readonly preferences: Preferences;
  readonly data: StreamingData;
}

/** System applications and the artefact of each. */
const SYSTEM_APPS = { pipeline: "cdap-data-pipeline", delta: "delta-app", dataprep: "wrangler-service" } as const;

/** Applications, artefacts, settings and the data of real-time pipelines, plugged into a server that has not started. */
export function plugApplications({ cluster, programs, schedules }: Platform, options: PlugOptions = {}): PluggedApplications {
  const { clock, release } = cluster;
  const newId = (): string => uuid(cluster.random);
  const artifacts = new ArtifactStore(cluster.part<ArtifactState>("artifacts", () => ({})));
  const state = cluster.part<AppState>("applications", () => ({}));
  const apps = new AppStore({ state, artifacts, lcmEdit: release.lcmEdit, now: () => clock.now(), newId });
  const preferences = new Preferences(cluster.part<PreferenceState>("preferences", () => ({})));
  const namespaces = new Namespaces(cluster);
  const files = cluster.part<Record<string, string>>("checkpoints", () => ({}));
  const disk = options.disk ?? diskIn(files, () => cluster.changed());
  const data = new StreamingData(
    cluster.part<StreamingState>("streaming", () => ({})),
    new Checkpoints(disk),
  );
  const applications: Applications = {
    namespaces: () => namespaces.names,
    apps: (namespace) => apps.apps(namespace),
    versions: (namespace, app) =>
      apps.versions(namespace, app)?.map((version) => ({ version: version.version, programs: apps.programsOf(version) })) ?? null,
    argumentsOf: (program) => preferences.argumentsOf(program),
    profileEnabled: (namespace, profile) => namespaces.profileEnabled(namespace, profile),
  };
  cluster.applications = applications;

  const running = (namespace: string, app: string): readonly string[] => [
    ...new Set(programs.activeIn(namespace, app).map(({ program }) => `${app}: ${program.name}`)),
  ];
  const deleted = (namespace: string, app: string): void => {
    programs.forget(namespace, app);
    schedules.forget(namespace, app);
    preferences.forget(`${namespace}/${app}`);
  };
  const streamingArguments = (namespace: string, app: string) =>
    preferences.argumentsOf({ namespace, app, type: "SPARK", name: "DataStreamsSparkStreaming" });
  namespaces.register((namespace) => {
    for (const app of apps.apps(namespace)) {
      apps.delete(namespace, app);
      deleted(namespace, app);
    }
    preferences.forget(namespace);
  });
  addAppRoutes({
    cluster,
    apps,
    inNamespace: namespaces.of,
    running,
    deleted,
    forgetState: (namespace, app) => data.forgetState(`${namespace}/${app}`),
    pipelineSpec: (namespace, app, version, program) => {
      if (version.artifact.name !== "cdap-data-streams" || program !== "DataStreamsSparkStreaming") return null;
      const args = streamingArguments(namespace, app);
      return streamingSpecOf({ release, tracksState: tracksState(cluster), namespace, app, config: configOf(version), args }, version.pipelineId);
    },
  });
  addUpgradeRoutes(cluster, () => ({ apps, artifacts, release, tracksState: tracksState(cluster), argumentsOf: streamingArguments }), namespaces.of);
  addArtifactRoutes(cluster, artifacts, namespaces.of);
  addPreferenceRoutes(cluster, preferences, apps, namespaces.of);
  addServiceRoutes(cluster, (app, service) =>
    programs.activeIn("system", app).some(({ program, status }) => program.name === service && status === "RUNNING"),
  );
  connectStreaming(cluster, programs, apps, data);

  apps.onDeployed(({ namespace, app, version, updatesSchedules }) => {
    if (updatesSchedules) schedules.deploy(namespace, app, schedulesOf(version));
  });

  const withheld = cluster.part<{ artifacts: boolean }>("withheld", () => ({ artifacts: false }));
  // The next servers do not load their artefacts when they start: somebody has to ask for it.
  cluster.control("withhold-artifacts", (body) => {
    withheld.artifacts = body === true;
  });
  cluster.control("on-restart", (body) => {
    cluster.settings.onRestart = body as typeof cluster.settings.onRestart;
  });
  cluster.control("oracle", () => Object.fromEntries(data.pipelines.map((name) => [name, data.account(name, clock.now())])));
  cluster.onStart(() => {
    const empty = artifacts.list("system").length === 0;
    if (!withheld.artifacts || empty) artifacts.loadSystem(release.version);
    for (const [app, artifact] of Object.entries(SYSTEM_APPS)) deploySystemApp(apps, app, artifact, release.version);
    programs.bootstrap();
    cluster.changed();
  });
  return { apps, artifacts, preferences, data };
}

/** A batch pipeline brings its own one. */
function schedulesOf(version: StoredVersion): readonly ScheduleSpec[] {
  const { schedule } = configOf(version);
  if (schedule === undefined || version.artifact.name !== "cdap-data-pipeline") return [];
  return [
    {
      name: "dataPipelineSchedule",
      description: "Data pipeline schedule",
      program: { programName: "DataPipelineWorkflow", programType: "WORKFLOW" },
      trigger: { type: "TIME", cronExpression: schedule },
    },
  ];
}

/** As the bootstrap does: new, or of an older platform. */
function deploySystemApp(apps: AppStore, app: string, artifact: string, release: string): void {
  const shipped = shippedWith(release).find(({ name }) => name === artifact);
  const current = apps.versions("system", app)?.at(-1);
  if (shipped === undefined || (current !== undefined && compareVersions(current.artifact.version, shipped.version) >= 0)) return;
  try {
    apps.deploy("system", app, { artifact: { ...shipped, scope: "SYSTEM" }, config: { service: true } }, "cdap");
  } catch (error) {
    // Its artefact is withheld: what was there goes on.
    if (current === undefined) throw error;
  }
}
