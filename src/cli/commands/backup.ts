// `backup`, and `restore` from a backup or of a node.
import { StillwaterError } from "../../model/errors.ts";
import { planBackup, planRestore } from "../../usecases/backup.ts";
import { planMaintenance } from "../../usecases/maintenance.ts";
import { defineVerb } from "../context.ts";
import { keyValue, overridesOf, repeated } from "../flags.ts";
import { carryOutEarlier } from "../live/carry-out.ts";
import { carryOutOrShow, runExits } from "./maintenance.ts";

interface BackupOptions {
  readonly to?: string;
  readonly yes?: string;
  readonly override?: readonly string[];
  readonly reason?: string;
}
export const backup = defineVerb<BackupOptions>({
  configure: (command) =>
    command
      .option("--to <dir>", "a directory that is not there yet (default: below the state directory)")
      .option("--yes <hash>", "carry out the plan that an earlier `backup` printed, without being asked")
      .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
      .option("--reason <text>", "why the override is right; kept with your name"),
  examples: ["stillwater backup", "stillwater backup --to /srv/backups/tuesday --json"],
  exits: runExits,
  async run(context, _, { to, yes, override, reason }) {
    if (yes !== undefined)
      return carryOutEarlier(context, yes, { name: "backup", makes: ({ goal }) => goal.maintenance?.is === "backup", probe: () => false });
    return carryOutOrShow(context, await planBackup(context.workspace, { to: to ?? null, overrides: overridesOf(override, reason) }), false);
  },
});

interface RestoreOptions {
  readonly backup?: string;
  readonly app?: string;
  readonly yes?: string;
  readonly probe: boolean;
  readonly override?: readonly string[];
  readonly reason?: string;
  readonly option?: Readonly<Record<string, string>>;
}
export const restore = defineVerb<RestoreOptions>({
  configure: (command) =>
    command
      .argument("[node]", "the node whose drain is put back, as the cluster file names it")
      .option("--backup <dir>", "put back what this backup has instead")
      .option("--app <name>", "of the backup only this application: NAME or NAMESPACE.NAME")
      .option("--yes <hash>", "carry out the plan that an earlier `restore` printed, without being asked")
      .option("-o, --option <key=value>", "an option of the system's own (repeat for more)", keyValue)
      .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
      .option("--reason <text>", "why the override is right; kept with your name")
      .option("--no-probe", "do not measure; the report will say `not measured`"),
  examples: ["stillwater restore tablet2", "stillwater restore --backup /srv/backups/tuesday --app orders"],
  exits: runExits,
  async run(context, [node], { backup: from, app, yes, probe, option, override, reason }) {
    if (yes !== undefined)
      return carryOutEarlier(context, yes, {
        name: "restore",
        makes: ({ goal: { maintenance } }) => maintenance?.is === "restore" || maintenance?.is === "restore-backup",
        probe: ({ goal }) => probe && goal.maintenance?.is === "restore",
      });
    const overrides = overridesOf(override, reason);
    if (from !== undefined) {
      if (node !== undefined)
        throw new StillwaterError("SW1001", "A node and a backup are two things to restore.", { object: node, remedy: "Name one of them." });
      return carryOutOrShow(context, await planRestore(context.workspace, { from, app: app ?? null, overrides }), false);
    }
    if (node === undefined)
      throw new StillwaterError("SW1001", "Nothing is named to restore.", {
        remedy: "Name the node whose drain is put back, or a backup: --backup DIR.",
      });
    return carryOutOrShow(context, await planMaintenance(context.workspace, { is: "restore", node, options: option ?? {}, overrides }), probe);
  },
});
