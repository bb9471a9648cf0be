// What stands around every change: a backup, schedules suspended, programs drained; and at the end what was stopped is started, nothing else. Pure.
import type { Turn } from "../../../model/step.ts";
import { steps } from "../steps.ts";
import type { AppName } from "../step-names.ts";
import { stopOf, type Frame } from "./frame.ts";

/** How often nothing must be seen running, and how far apart (facts 9: an intermittent, wrong STOPPED). */
const confirmations = 3;
const everyMs = 2_000;

/** The directory of a plan's backup: one for each structure of the cluster and goal. */
export const backupDirectory = ({ backups, facts, goal }: Pick<Frame, "backups" | "facts" | "goal">): string =>
  `${backups}/before-${goal.version ?? "change"}-${String(facts.now.observedAt)}`;

/** Where nothing is stopped: what goes on keeps the version that it began with (facts 0.8). */
export const backedUp = (frame: Frame): Turn => ({
  id: "backup",
  nodes: [],
  title: "backup; nothing is stopped",
  items: [steps.backup("backup", { directory: backupDirectory(frame), namespaces: frame.namespaces })],
});

/** `apps` null: every program. */
export function drained(frame: Frame, apps: readonly AppName[] | null): Turn {
  const { facts, namespaces, options } = frame;
  const stop = stopOf(facts, options.grace);
  return {
    id: "drain",
    nodes: [],
    title:
      apps === null
        ? "backup; schedules suspended; every program drained"
        : `backup; schedules suspended; programs of ${String(apps.length)} applications drained`,
    items: [
      steps.backup("backup", { directory: backupDirectory(frame), namespaces }),
      // Neither is put back by a watchdog: a program that starts in the middle of an upgrade is worse than one that waits.
      steps.suspendSchedules("schedules", { namespaces }, { held: "page" }),
      steps.drain("programs", { namespaces, apps, stop, batch: options.batch, confirmations, everyMs }, { held: "page" }),
    ],
  };
}
export const resumed: Turn = {
  id: "resume",
  nodes: [],
  title: "what was stopped started once; schedules enabled again",
  items: [{ undo: "programs" }, { undo: "schedules" }],
};
