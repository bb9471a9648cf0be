// What a person is asked to do, in the vendor's words (facts 1.1 to 1.8).
import type { ManagerParams, StepName } from "../step-names.ts";

const where = "In Dataphin Manager (the logon URL with /opsconsole/v2), System Configuration > Version Upgrade > Upgrade Records";

const texts = {
  selectVersion: ({ mode, version }: ManagerParams) =>
    `${where}: click Upgrade Dataphin, select target version ${version} (if it is missing: Upload Version Configuration), upload the configuration file, choose upgrade mode "${mode}", and save. Do not start it yet.`,
  enterMaintenance: () =>
    `${where}: Resume upgrade on the record, and start the upgrade. Maintenance mode begins: users cannot log on to Dataphin any more.`,
  leaveMaintenance: () =>
    `${where}: once the result is verified, click Finish; when this run is being aborted, click Terminate upgrade instead. Maintenance mode ends. Stillwater goes on when the logon page lets users in.`,
  stopDispatch: () => `${where}: on the upgrade page, run the step that stops task dispatch. Stillwater goes on when no instance starts any more.`,
  shutDown: () =>
    `${where}: on the upgrade page, go on past "force-stop running tasks" (nothing runs any more) and shut down. From here on the upgrade cannot be terminated cleanly. Stillwater goes on when the OpenAPI is answered no longer.`,
  backupDatabase: () =>
    `${where}: on the upgrade page, run the database backup, and check that it is complete. No API of Dataphin tells: your answer is the only evidence.`,
  preUpgrade: () =>
    `${where}: on the upgrade page, run the pre-upgrade, after the backup. No API of Dataphin tells: your answer is the only evidence.`,
  upgradeApplication: ({ version, mode }: ManagerParams) =>
    `${where}: ${mode === "zero-downtime" ? "start the upgrade; the applications are rolled automatically" : "on the upgrade page, run the application upgrade"}. Stillwater goes on when the server itself answers with version ${version}.`,
  updateData: ({ mode }: ManagerParams) =>
    `${where}: on the upgrade page, ${mode === "downtime" ? 'go on past "re-run force-stopped tasks" without running anything again (this run has run again what it terminated), and ' : ""}run the data update. No API of Dataphin tells when it is complete: your answer is the only evidence.`,
  verifyResult: ({ version }: ManagerParams) =>
    `Verify the upgrade result of ${version}: log on with the accounts that you verify with, look at tasks, real-time instances and APIs, and at what this run has run again. Answer with \`stillwater finish\`.`,
} as const satisfies Partial<Record<StepName, (params: ManagerParams) => string>>;

export const askFor = (step: keyof typeof texts, params: ManagerParams): string => texts[step](params);
