// Operations of this driver with their parameters: what plans name, what `operations/` does.
import type { Grace, ProgramInput } from "../../model/goal.ts";
import type { CdapArtifact } from "./facts.ts";
import type { ProgramType, RunStatus } from "./wire/programs.ts";

export type Program = { readonly ns: string; readonly app: string; readonly type: ProgramType; readonly program: string };
/** An entry of the ledger: one run that had no end when it was found, of whatever version of its application. */
export type LedgerRun = Program & {
  readonly runId: string;
  /** When it was found. STOPPING: somebody else had stopped it, so it is waited for and not started again. */
  readonly status: RunStatus;
  /** Run id of the workflow that started it: only that can be stopped (facts 3.2). */
  readonly childOf: string | null;
  /** Runtime arguments that it was started with. */
  readonly args: Readonly<Record<string, string>>;
};
/** A start that happens at most once: `mark` is the runtime argument `stillwater.start` by which it is found again. */
export type StartEntry = Program & {
  readonly mark: string;
  /** The run that was stopped; null: there was none, a person wants it started. */
  readonly after: string | null;
  readonly args: Readonly<Record<string, string>>;
};
/** How runs are stopped. */
export type Stop = {
  readonly grace: Grace;
  /** After how many seconds the server itself kills, `app.program.max.stop.seconds`. */
  readonly budgetSeconds: number;
  /** `graceful`, `graceful=N`: only for a server that honours it (facts 2); else empty. */
  readonly query: string;
};
export type ScheduleName = { readonly ns: string; readonly app: string; readonly schedule: string };
export type AppName = { readonly ns: string; readonly app: string };
/** An application before its upgrade. */
export type AppBefore = AppName & { readonly version: string; readonly artifact: CdapArtifact };
/** Versions that artefacts shall have, by name: of applications and of plug-ins. Null: the newest that is there (facts 3.1). */
export type ArtifactTargets = Readonly<Record<string, string>>;

/** In the order in which they are put back (facts 6). */
export const restoreKinds = [
  "namespaces",
  "secure keys",
  "profiles",
  "preferences",
  "connections",
  "applications",
  "schedules",
  "runtime arguments",
  "drafts",
] as const;
export type RestoreKind = (typeof restoreKinds)[number];

export interface StepParams {
  /** every schedule of all namespaces that is SCHEDULED is suspended; held for the run. Null: all namespaces but `system` */
  suspendSchedules: { readonly namespaces: readonly string[] | null };
  /** the ledger of it: what was SCHEDULED when it was found */
  suspendListed: { readonly schedules: readonly ScheduleName[] };
  /** the undo of suspendListed: exactly these, those that are still there */
  enableSchedules: { readonly schedules: readonly ScheduleName[] };
  /**
   * no run without an end, over all versions, `confirmations` times in a row; held for the run. `apps` null: of all applications. A run that stays STOPPING
   * beyond every deadline of the server is STUCK, and a person is asked
   */
  drain: {
    readonly namespaces: readonly string[] | null;
    readonly apps: readonly AppName[] | null;
    readonly stop: Stop;
    /** Batch runs are stopped with the rest, or waited for until they have ended by themselves. */
    readonly batch: "stop" | "wait";
    readonly confirmations: number;
    readonly everyMs: number;
  };
  /** the ledger of a drain: each run by its id, workflows first, children of workflows only waited for (facts 0.2, 3.2) */
  stopRuns: { readonly runs: readonly LedgerRun[]; readonly stop: Stop };
  /** the runs that an operator has named; one answer for each input */
  stopPrograms: { readonly inputs: readonly ProgramInput[]; readonly stop: Stop };
  /** the undo of stopRuns, and what an operator has named: each once, whatever happens to an answer */
  startPrograms: { readonly entries: readonly StartEntry[] };
  /** definitions into a new directory of this machine: reopened, counted, hashed (facts 6) */
  backup: { readonly directory: string; readonly namespaces: readonly string[] | null };
  /** one kind of definition, as the backup has it: compared, and only what differs is put back */
  restoreDefinitions: { readonly directory: string; readonly kind: RestoreKind; readonly apps: readonly AppName[] | null };
  /** CDAP itself, by a person: he is asked, and Stillwater waits for the new version */
  awaitReplacement: { readonly version: string; readonly from: string | null };
  /** CDAP itself, by a command on the router's host, or by the operator of Kubernetes */
  replacePlatform: {
    readonly version: string;
    readonly from: string | null;
    readonly by: "command" | "kubernetes";
    readonly command: readonly string[];
    /** Namespace and name of the resource, and the images. */
    readonly resource: {
      readonly namespace: string;
      readonly name: string;
      readonly image: string;
      readonly userInterfaceImage: string | null;
    } | null;
  };
  /** facts 1.2: ping, version, every service, namespaces, the application `pipeline` and its service `studio` */
  platformReady: { readonly version: string | null };
  /** the system artefacts of the release that runs now (facts 3.5) */
  loadSystemArtifacts: { readonly version: string };
  /** every application on its target, in batches; an application is asked for once (facts 0.6) */
  upgradeApps: {
    readonly apps: readonly AppBefore[];
    readonly targets: ArtifactTargets;
    readonly scopes: readonly ("SYSTEM" | "USER")[];
    readonly allowSnapshot: boolean;
  };
  /** at most 50 of one namespace */
  upgradeBatch: {
    readonly ns: string;
    readonly apps: readonly AppBefore[];
    readonly targets: ArtifactTargets;
    readonly scopes: readonly ("SYSTEM" | "USER")[];
    readonly allowSnapshot: boolean;
  };
  /** the checkpoint of a real-time pipeline, by a command of the operator's: COMMAND FROM TO (facts 4.2) */
  copyCheckpoints: AppName & { readonly command: readonly string[]; readonly from: string; readonly to: string };
  /** a real-time pipeline whose upgrade the server refuses, deployed again under its name with the target's artefacts (facts 4.4) */
  redeployPipeline: { readonly pipeline: AppBefore; readonly targets: ArtifactTargets };
  /** the undo of redeployPipeline: its former configuration */
  deployAgain: { readonly ns: string; readonly app: string; readonly artifact: CdapArtifact; readonly configuration: string };
  /** artefacts and plug-ins on target, configurations, schedules and triggers as the backup of this run has them */
  verifyApps: { readonly apps: readonly AppBefore[]; readonly targets: ArtifactTargets; readonly backup: string };
}
export type StepName = keyof StepParams;
