// Facts of a small instance, as an inspection gives them.
import type { Goal, Maintenance } from "../../../model/goal.ts";
import type { CdapApp, CdapArtifact, CdapFacts, CdapPipeline, CdapRun } from "../facts.ts";

export const system = (name: string, version: string): CdapArtifact => ({ name, version, scope: "SYSTEM" });
export const appOn = (artifact: CdapArtifact, more: Partial<CdapApp> = {}): CdapApp => ({ version: "v1", artifact, plugins: [], ...more });
export const goalFor = (more: Partial<Goal> = {}): Goal => ({
  version: null,
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...more,
});
export const appsGoal = (options: Readonly<Record<string, string>> = {}, more: Partial<Goal> = {}): Goal =>
  goalFor({ version: "latest", options: { apps: "all", ...options }, ...more });
export const platformGoal = (version: string, options: Readonly<Record<string, string>> = {}): Goal => goalFor({ version, options });
export const maintenanceGoal = (maintenance: Maintenance): Goal => goalFor({ maintenance });

export const pipelineNamed = (app: string, more: Partial<CdapPipeline> = {}): CdapPipeline => ({
  ns: "default",
  app,
  program: "DataStreamsSparkStreaming",
  mode: "SPARK_CHECKPOINTING",
  modeFrom: "stateSpec of its program",
  wal: true,
  walFrom: "its configuration",
  checkpointDir: null,
  stopGracefully: true,
  batchIntervalMs: 10_000,
  sources: [{ plugin: "GoogleSubscriber", kind: "receiver", begins: "latest" }],
  known: true,
  ...more,
});
/** 2026-03-01 12:00 UTC, in seconds. */
export const nowSeconds = Date.UTC(2026, 2, 1, 12) / 1_000;
export const runOf = (app: string, more: Partial<CdapRun> = {}): CdapRun => ({
  ns: "default",
  app,
  type: "spark",
  program: "DataStreamsSparkStreaming",
  runId: `run-of-${app}`,
  status: "RUNNING",
  version: "v1",
  childOf: null,
  since: nowSeconds - 3_600,
  ...more,
});

export interface FactsWords {
  readonly version?: string | null;
  readonly graceful?: CdapFacts["structure"]["graceful"];
  readonly budgetSeconds?: number | null;
  readonly apps?: Readonly<Record<string, CdapApp>>;
  readonly artifacts?: readonly CdapArtifact[];
  readonly runs?: readonly CdapRun[];
  readonly pipelines?: readonly CdapPipeline[];
  readonly now?: Partial<CdapFacts["now"]>;
}
/** One namespace, `default`; artefacts of 6.9.2 and of 6.9.3 unless named. */
export function factsOf(words: FactsWords = {}): CdapFacts {
  const { apps = {}, artifacts = [], runs = [], pipelines = [], graceful = "ignored" } = words;
  const version = words.version === undefined ? "6.9.2" : words.version;
  const budgetSeconds = words.budgetSeconds === undefined ? 300 : words.budgetSeconds;
  return {
    structure: {
      version,
      nodes: { router: { role: "router", endpoint: "cdap:11015", host: "gateway" } },
      graceful,
      budgetSeconds,
      config: {},
      namespaces: { default: { apps, artifacts } },
    },
    now: {
      observedAt: nowSeconds * 1_000,
      nodes: { router: { state: "serving", detail: "" } },
      services: { appfabric: "OK", metrics: "OK" },
      activeRuns: runs,
      schedules: { scheduled: 2, suspended: 1 },
      pipelines,
      ...words.now,
    },
  };
}
