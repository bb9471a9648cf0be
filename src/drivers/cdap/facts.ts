// One observation of a CDAP instance. Structure is what makes a plan stale: version, applications with their artefacts, artefacts. What runs is `now`.
import type { Facts } from "../../model/facts.ts";
import type { ProgramType, RunStatus } from "./wire/programs.ts";

export const roles = ["router", "master"] as const;
export type Role = (typeof roles)[number];

export type CdapArtifact = { readonly name: string; readonly version: string; readonly scope: "SYSTEM" | "USER" };
export type CdapApp = {
  readonly version: string;
  readonly artifact: CdapArtifact;
  /** Artefacts of the plug-ins in its stages, with the versions that they name: exact ones, ranges, or none. */
  readonly plugins: readonly CdapPlugin[];
};
export type CdapPlugin = {
  readonly stage: string;
  readonly name: string;
  /** Null: the configuration names none, so the newest is taken at each deployment. */
  readonly artifact: CdapArtifact | null;
  /** An action after a run; absent: a stage. */
  readonly post?: true;
};
export type CdapNamespace = {
  readonly apps: Readonly<Record<string, CdapApp>>;
  /** Of both scopes, all versions. */
  readonly artifacts: readonly CdapArtifact[];
};
export type CdapStructure = {
  /** As /v3/version says; null: nothing has answered yet. */
  readonly version: string | null;
  readonly nodes: Readonly<Record<string, { readonly role: Role; readonly endpoint: string; readonly host: string }>>;
  /** What the server does with `?graceful`: nothing, in every released version (facts 2). */
  readonly graceful: "ignored" | "honoured" | "unknown";
  /** `app.program.max.stop.seconds`; null: this principal may not read the configuration. */
  readonly budgetSeconds: number | null;
  /** What the checks read of the configuration: feature flags and limits. */
  readonly config: Readonly<Record<string, string>>;
  readonly namespaces: Readonly<Record<string, CdapNamespace>>;
};

export type CdapRun = {
  readonly ns: string;
  readonly app: string;
  readonly type: ProgramType;
  readonly program: string;
  readonly runId: string;
  readonly status: RunStatus;
  /** Of the application; null: an older one than the latest, and nobody says which. */
  readonly version: string | null;
  /** Run id of the workflow that started it: only that can be stopped. */
  readonly childOf: string | null;
  /** Since when it is in this state, in seconds since 1970; null: it does not say. */
  readonly since: number | null;
};
export type StateMode = "STATE_STORE" | "SPARK_CHECKPOINTING" | "NONE";
/** `receiver`: a queue that hands records out once. `log`: records that stay and are read from an offset (Kafka); where it begins without one. Null: nobody here knows the plug-in. */
export type CdapSource = { readonly plugin: string; readonly kind: "receiver" | "log" | null; readonly begins: "earliest" | "latest" };
/** A pipeline with the artefact cdap-data-streams, or a custom application with a Spark program that may be streaming. */
export type CdapPipeline = {
  readonly ns: string;
  readonly app: string;
  /** Its Spark program. */
  readonly program: string;
  /** Null: the application is not one of CDAP's own pipelines, or says nothing. */
  readonly mode: StateMode | null;
  /** Where the mode was read. */
  readonly modeFrom: string;
  readonly wal: boolean | null;
  readonly walFrom: string;
  /** Null: the default dataset. */
  readonly checkpointDir: string | null;
  readonly stopGracefully: boolean | null;
  readonly batchIntervalMs: number | null;
  readonly sources: readonly CdapSource[];
  /** CDAP's own pipeline; false: custom code, whose state nobody knows. */
  readonly known: boolean;
};
export type CdapNow = {
  /** ms since 1970. */
  readonly observedAt: number;
  readonly nodes: Readonly<Record<string, { readonly state: "serving" | "down" | "unreachable"; readonly detail: string }>>;
  /** Service to OK or NOTOK; null: nobody answers. */
  readonly services: Readonly<Record<string, string>> | null;
  readonly activeRuns: readonly CdapRun[];
  readonly schedules: { readonly scheduled: number; readonly suspended: number };
  /** Real-time pipelines, whether they run or not. */
  readonly pipelines: readonly CdapPipeline[];
  /** Of the token that is used; absent: no perimeter security. */
  readonly token?: { readonly expiresAt: number | null; readonly renewable: boolean };
};
export type CdapFacts = Facts<CdapStructure, CdapNow>;
