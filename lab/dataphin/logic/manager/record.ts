// Upgrade records of Dataphin Manager (facts 1.3, 1.7).

export type Mode = "zero-downtime" | "semi-downtime" | "downtime";
export const modes: readonly Mode[] = ["zero-downtime", "semi-downtime", "downtime"];

export type RecordStatus =
  | "Configuring"
  | "Upgrading"
  | "Verifying"
  | "Upgrade Succeeded"
  | "Upgrade Failed"
  | "Upgrade Stopped"
  | "Force-Stopped and Marked as Succeeded"
  | "Force-Stopped and Marked as Failed";

/** In the words in which a configured command is told them. */
export type ManagerStep =
  | "enter-maintenance"
  | "stop-dispatch"
  | "force-stop"
  | "shut-down"
  | "backup-database"
  | "pre-upgrade"
  | "upgrade-application"
  | "rerun"
  | "update-data";

/** The vendor's steps as data (facts 1.5); the backup goes before the pre-upgrade, as its table of the methods has it. */
export const stepsOf: Readonly<Record<Mode, readonly ManagerStep[]>> = {
  "zero-downtime": ["upgrade-application"],
  "semi-downtime": ["enter-maintenance", "backup-database", "pre-upgrade", "upgrade-application", "update-data"],
  downtime: [
    "enter-maintenance",
    "stop-dispatch",
    "force-stop",
    "shut-down",
    "backup-database",
    "pre-upgrade",
    "upgrade-application",
    "rerun",
    "update-data",
  ],
};
/** From its begin on there is no clean end any more (facts 1.6). */
export const commitsAt: Readonly<Record<Mode, ManagerStep>> = {
  "zero-downtime": "upgrade-application",
  "semi-downtime": "upgrade-application",
  downtime: "shut-down",
};

export interface StepState {
  readonly step: ManagerStep;
  state: "open" | "running" | "failed" | "done";
  start: number | null;
  end: number | null;
  attempts: number;
  log: string[];
}
/** One that the Manager ended, with the task runs that it had then. */
export interface Killed {
  readonly id: string;
  readonly taskruns: readonly string[];
  readonly upstream: readonly string[];
}
export interface UpgradeRecord {
  readonly id: number;
  readonly initial: string;
  readonly target: string;
  readonly mode: Mode;
  status: RecordStatus;
  upgradeStart: number | null;
  upgradeEnd: number | null;
  maintenanceStart: number | null;
  maintenanceEnd: number | null;
  steps: StepState[];
  killList: Killed[];
  readonly actor: string;
  readonly configDigest: string;
  /** Who marked it so, and why. */
  mark: string | null;
}

const open: readonly RecordStatus[] = ["Configuring", "Upgrading", "Verifying"];
export const isOpen = ({ status }: UpgradeRecord): boolean => open.includes(status);

const segments = (version: string): readonly number[] => version.replace(/^v/i, "").split(".").map(Number);
function compare(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Null: this mode is offered for this pair; else why not. */
export function refusesMode(mode: Mode, current: string, target: string): string | null {
  const [from, to] = [segments(current), segments(target)];
  if (from.some(Number.isNaN) || to.some(Number.isNaN)) return `${target} is no version`;
  if (mode === "zero-downtime" && compare(from.slice(0, 3), to.slice(0, 3)) !== 0)
    return `zero-downtime needs the same first three segments: ${current} and ${target} differ`;
  if (mode === "semi-downtime" && compare(from, [5, 1, 1]) < 0) return `semi-downtime is offered from V5.1.1 on: ${current} is older`;
  return null;
}
