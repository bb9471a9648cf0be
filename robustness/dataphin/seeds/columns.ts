// Where in an upgrade something happens: steps of the plan and of what puts them back, in the order of the run.
import type { Mode } from "../../../src/model/goal.ts";

export const columns = [
  "maintenance",
  "pause nodes",
  "stop dispatch",
  "kill list",
  "shut down",
  "database backup",
  "pre-upgrade",
  "upgrade application",
  "resume",
  "run again",
  "data update",
  "leave",
] as const;
export type Column = (typeof columns)[number];

/** Null: a step that is none of them. */
export function columnOf(step: string): Column | null {
  if (step.startsWith("undo maintenance")) return "leave";
  if (step.startsWith("undo pause nodes") || step.startsWith("undo stop dispatch")) return "resume";
  if (step.startsWith("undo kill list") || step.startsWith("undo shut down")) return "run again";
  return columns.find((column) => step === column || step.startsWith(`${column}/`)) ?? null;
}
const ofSemi: ReadonlySet<Column> = new Set<Column>(["maintenance", "database backup", "pre-upgrade", "upgrade application", "data update", "leave"]);

/** Every mode comes up; where a mode has no such step, it is downtime. */
export function modeOf(seed: number, at: Column): Mode {
  if (seed % 4 === 1 && at === "upgrade application") return "zero-downtime";
  return seed % 4 === 2 && ofSemi.has(at) ? "semi-downtime" : "downtime";
}
