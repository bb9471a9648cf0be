// Operations of this driver with their parameters: what plans name, what `operations/` does.
import type { Mode } from "../../model/goal.ts";

/** Who does what no API can: a person in Dataphin Manager, or the command that the cluster file names. */
export type UpgradeBy = "operator" | "command";

/** What is needed to run one instance again, and to know whether somebody did. Written down before anything is terminated. */
export type LedgerEntry = {
  /** 64 bits, so a text. */
  readonly id: string;
  readonly project: string;
  readonly node: string;
  /** Of the node, for people. */
  readonly name: string;
  /** As the OpenAPI tells it: distinguishes the instances of one business date. */
  readonly due: string;
  /** Task runs that it had when it was listed: any other is a later one. */
  readonly taskruns: readonly string[];
  /** The platform runs it again by itself after a failure; null: it does not tell. */
  readonly autoRerun: boolean | null;
  /** False: the cluster file names its node among those that must not run twice unseen. */
  readonly idempotent: boolean;
  /** Instances of the same ledger that must have succeeded before it. */
  readonly after: readonly string[];
};
export type Ledger = readonly LedgerEntry[];
/** Node ids by project. */
export type NodesByProject = Readonly<Record<string, readonly string[]>>;

/** How far a re-run is waited for: to its end, or until the platform has taken it. */
export type RerunUntil = "ended" | "started";

/** Of every step in Dataphin Manager. `version`: the target. */
export type ManagerParams = { readonly by: UpgradeBy; readonly mode: Mode; readonly version: string };
/** Dispatch is observed in these projects. */
export type DispatchParams = ManagerParams & { readonly projects: readonly string[] };
export type ShutDownParams = DispatchParams & { readonly reruns: "auto" | "ask"; readonly until: RerunUntil };

export interface StepParams {
  // ------------------------------------------------------------------------------------------------ through the OpenAPI
  /** PausePhysicalNode for the nodes whose instances run or are due, and that nobody has paused; held: what WE paused is in `before` */
  pauseNodes: { readonly projects: readonly string[] };
  /** ResumePhysicalNode: the undo of pauseNodes */
  resumeNodes: { readonly nodes: NodesByProject };
  /**
   * lists what runs and expands into killInstances until nothing runs. `drainMs`: so long what runs may end by itself. `reruns`: whether each re-run is
   * approved by a person first
   */
  listRunning: { readonly projects: readonly string[]; readonly drainMs: number; readonly reruns: "auto" | "ask"; readonly until: RerunUntil };
  /** TERMINATE for exactly these, polled to their end; held: the undo runs them again */
  killInstances: { readonly ledger: Ledger; readonly reruns: "auto" | "ask"; readonly until: RerunUntil };
  /** RERUN in DAG order for those that the terminate ended and nobody has run again; the undo of killInstances */
  rerunInstances: { readonly ledger: Ledger; readonly killedAt: number; readonly until: RerunUntil };

  // ------------------------------------------------------------------------------------------------ in Dataphin Manager
  /** version, configuration file and mode chosen and saved: the vendor's record is Configuring */
  selectVersion: ManagerParams;
  /** the upgrade is started: maintenance mode; held until `leaveMaintenance` */
  enterMaintenance: ManagerParams;
  /** the undo of enterMaintenance: Finish, or Terminate on an abort */
  leaveMaintenance: ManagerParams;
  /** no instance is dispatched any more, confirmed by observation; held until `resumeDispatch` */
  stopDispatch: DispatchParams;
  /** the undo of stopDispatch: the upgraded application dispatches by itself; after an abort the Manager is told to */
  resumeDispatch: DispatchParams;
  /** nothing may run any more: what was started since is listed and terminated first */
  shutDown: ShutDownParams;
  backupDatabase: ManagerParams;
  preUpgrade: ManagerParams;
  /** the server answers with the target version */
  upgradeApplication: ManagerParams;
  updateData: ManagerParams;
  /** a person looks at the result (`stillwater finish`) */
  verifyResult: ManagerParams;
  /** The configured command once more after it failed; a person has approved it. `attempt` counts from 2; `mark` names the first one. */
  commandAgain: ManagerParams & { readonly of: ManagerStepName; readonly mark: string; readonly attempt: number };

  // ------------------------------------------------------------------------------------------------ conditions
  /** the logon page answers and lets users in */
  consoleAccessible: Record<string, never>;
}
export type StepName = keyof StepParams;

/**
 * What a configured command is told, as three arguments after its own: STEP MODE VERSION. It is run detached on the Manager's host, once; exit code 0 means
 * that the step is complete.
 */
export const managerWords = {
  selectVersion: "select-version",
  enterMaintenance: "enter-maintenance",
  leaveMaintenance: "leave-maintenance",
  stopDispatch: "stop-dispatch",
  resumeDispatch: "resume-dispatch",
  shutDown: "shut-down",
  backupDatabase: "backup-database",
  preUpgrade: "pre-upgrade",
  upgradeApplication: "upgrade-application",
  updateData: "update-data",
} as const satisfies Partial<Record<StepName, string>>;
export type ManagerStepName = keyof typeof managerWords;
