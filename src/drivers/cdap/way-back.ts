// How far a run can be undone, and by what. Pure.
import { StillwaterError } from "../../model/errors.ts";
import type { Goal } from "../../model/goal.ts";
import { changedApps } from "./checks/verdicts.ts";
import type { CdapFacts } from "./facts.ts";
import { behavioursOf } from "./matrix/behaviours.ts";
import { backupDirectory } from "./planning/around.ts";
import { planOptions } from "./planning/options.ts";

export function undoUntil(facts: CdapFacts, goal: Goal): string {
  if (goal.maintenance)
    return goal.maintenance.is === "stop-programs" ? "until the end: the ledger of the runs that were stopped is journaled" : "not needed";
  const options = planOptions(goal);
  if (!("refused" in options) && options.of === "platform")
    return "until CDAP itself is replaced: there is no downgrade once its storage was upgraded (facts 5.1), only a restore of that storage";
  return behavioursOf(facts.structure.version)?.newVersionByUpgrade === true
    ? "until the end: the former version of each application is kept by CDAP, and its configuration is in the run's backup"
    : "until the end, from the run's backup: this release overwrites applications in place";
}

/** Error SW2006 for what a plan of its own puts back. The applications that it has changed, as the run's own backup has them; of CDAP itself, the version before, which no plan can have. */
export function goalBack(backups: string, before: CdapFacts, goal: Goal): Goal {
  if (goal.maintenance)
    throw new StillwaterError("SW2006", `${goal.maintenance.is} is not rolled back.`, {
      object: goal.maintenance.is,
      remedy:
        goal.maintenance.is === "stop-programs"
          ? "`stillwater programs start` starts what it has stopped, with the arguments that it had."
          : goal.maintenance.is === "start-programs"
            ? "`stillwater programs stop` stops what it has started."
            : "`stillwater restore --backup DIR` puts back what another backup has.",
    });
  const options = planOptions(goal);
  if ("refused" in options || options.of === "platform")
    return { ...goal, version: before.structure.version, artefact: null, mode: "auto", options: {} };
  const directory = backupDirectory({ backups, facts: before, goal });
  const maintenance = { is: "restore-backup", directory, app: [...changedApps(before, goal, options)].toSorted().join(",") } as const;
  return { ...goal, version: null, artefact: null, settings: {}, restart: false, mode: "auto", maintenance, options: {} };
}
