// The vendor's steps of each upgrade method as data (facts 1.5, DP-2). Two pages list them; where they disagree, or one is silent, `order` says which of
// them is followed and why, and the plan shows it.
import type { Mode } from "../../../model/goal.ts";
import type { ManagerStepName } from "../step-names.ts";

/** "Upgrade Notes": the table of the three methods; its Chinese original is the authority. */
const notes = "Dataphin Upgrade Notes, table of the methods";
/** "Partial Downtime and Full Downtime Dataphin Upgrades": the stages, as its rule for a forced end lists them. */
const stages = "Upgrading Dataphin, stages of the forced end";
const records = "Upgrade Records, definition of the times";

/** In the order of the run. `work`: done through the OpenAPI, wherever the vendor's own step stands. */
export type VendorStep = ManagerStepName | "pauseNodes" | "listRunning" | "rerunInstances" | "resumeDispatch" | "verifyResult" | "consoleAccessible";

export interface VendorStepRow {
  readonly step: VendorStep;
  /** In the vendor's words; null: the vendor has no such step, and `order` says why we have it. */
  readonly vendor: string | null;
  readonly source: string;
  readonly order?: string;
}

const select: VendorStepRow = { step: "selectVersion", vendor: "select the version and upgrade mode", source: notes };
const enter: VendorStepRow = { step: "enterMaintenance", vendor: "maintenance mode begins: the start of the upgrade", source: records };
const finish: VendorStepRow = { step: "leaveMaintenance", vendor: "Finish: maintenance mode ends", source: records };
const verify: VendorStepRow = { step: "verifyResult", vendor: "verify the upgrade result", source: notes };
const update: VendorStepRow = { step: "updateData", vendor: "data update", source: notes };

/** What the two pages say of backup and pre-upgrade, and what is done here. */
export const backupBeforePreUpgrade =
  "the vendor's pages disagree: the table of the methods has the backup before the pre-upgrade, the page of the steps after it; the backup goes first here, because the pre-upgrade prepares the database for the new version and only a copy made before it is one of the old version";

export const vendorSteps: Readonly<Record<Mode, readonly VendorStepRow[]>> = {
  "zero-downtime": [select, { step: "upgradeApplication", vendor: "upgrade: the applications are rolled automatically", source: notes }],
  "semi-downtime": [
    select,
    enter,
    { step: "backupDatabase", vendor: "database backup", source: notes, order: backupBeforePreUpgrade },
    { step: "preUpgrade", vendor: "pre-upgrade", source: notes, order: backupBeforePreUpgrade },
    { step: "upgradeApplication", vendor: "upgrade application", source: notes },
    { step: "consoleAccessible", vendor: "logon is available once the application is upgraded", source: notes },
    update,
    verify,
    finish,
  ],
  downtime: [
    select,
    enter,
    {
      step: "pauseNodes",
      vendor: null,
      source: "OpenAPI PausePhysicalNode",
      order: "before dispatch stops: fewer instances start that would have to be killed, and none of ours is run again by itself once it was",
    },
    { step: "stopDispatch", vendor: "stop task dispatch", source: notes },
    {
      step: "listRunning",
      vendor: "force-stop running tasks",
      source: notes,
      order: "through the OpenAPI, with a list that outlives the platform; the Manager's own force-stop then finds nothing",
    },
    { step: "shutDown", vendor: "shut down", source: notes },
    { step: "backupDatabase", vendor: "back up the database", source: notes, order: backupBeforePreUpgrade },
    {
      step: "preUpgrade",
      vendor: "pre-upgrade",
      source: stages,
      order: `only the page of the steps has it for this method; ${backupBeforePreUpgrade}`,
    },
    { step: "upgradeApplication", vendor: "upgrade application", source: notes },
    { step: "resumeDispatch", vendor: "dispatch resumes with the upgraded application", source: notes },
    {
      step: "rerunInstances",
      vendor: "re-run force-stopped tasks",
      source: notes,
      order: "before the data update, as both pages have it: these runs work on the new application with data that is not updated yet",
    },
    update,
    verify,
    finish,
    {
      step: "consoleAccessible",
      vendor: "logon is not available until the end",
      source: notes,
      order: "later than the application is restored: both instants are recorded",
    },
  ],
};
