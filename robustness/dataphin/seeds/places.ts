// Where in an upgrade something happens: steps of the plan of each mode and of what puts them back, in the order of the run.
import { modes, type Mode } from "../../../src/model/goal.ts";

const stepsOf = {
  downtime: [
    "select version",
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
    "verify result",
    "leave",
  ],
  "semi-downtime": [
    "select version",
    "maintenance",
    "database backup",
    "pre-upgrade",
    "upgrade application",
    "console accessible",
    "data update",
    "verify result",
    "leave",
  ],
  "zero-downtime": ["select version", "upgrade application"],
} as const satisfies Readonly<Record<Mode, readonly string[]>>;
type Step = (typeof stepsOf)[Mode][number];

export interface Place {
  readonly mode: Mode;
  readonly step: Step;
}
export const nameOf = ({ mode, step }: Place): string => `${mode}: ${step}`;
/** The short modes first, so that a few seeds have all three. */
export const places: readonly Place[] = modes.flatMap((mode) => stepsOf[mode].map((step) => ({ mode, step })));

/** Null: a step that is none of them. */
export function stepAt(id: string): Step | null {
  if (id.startsWith("undo maintenance")) return "leave";
  if (id.startsWith("undo pause nodes") || id.startsWith("undo stop dispatch")) return "resume";
  if (id.startsWith("undo kill list") || id.startsWith("undo shut down")) return "run again";
  return [...stepsOf.downtime, ...stepsOf["semi-downtime"]].find((step) => id === step || id.startsWith(`${step}/`)) ?? null;
}
/** Where Stillwater has an effect on the platform: what becomes of the effect is asked there, not of what it reads. */
export const hasEffects: ReadonlySet<Step> = new Set<Step>(["pause nodes", "kill list", "resume", "run again"]);
