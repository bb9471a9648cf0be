// A plan in the few words that every screen uses. Pure.
import { goalKind } from "../model/goal.ts";
import type { Plan } from "../model/plan.ts";
import { isUndo, type Step, type Turn } from "../model/step.ts";

/** `17.0 -> 17.10`, `set max_connections`, `restart`: never a value, which may be a secret. */
export function changeOf(plan: Plan): string {
  const settings = Object.keys(plan.goal.settings);
  const configure = settings.length > 3 ? `set ${settings.length} settings` : `set ${settings.join(", ")}`;
  switch (goalKind(plan.goal)) {
    case "version":
      return versionChange(plan);
    case "configuration":
      return configure;
    case "both":
      return `${versionChange(plan)}, ${configure}`;
    case "restart":
      return "restart";
    case "recover":
      return "recover";
    case "drain":
    case "restore":
      return `${plan.goal.maintenance?.is ?? ""} ${nodeOf(plan)}`;
    case "stop-programs":
      return "stop programs";
    case "start-programs":
      return "start programs";
    case "backup":
      return "backup";
    case "restore-backup":
      return "restore from a backup";
  }
}

const nodeOf = ({ goal: { maintenance } }: Plan): string => (maintenance && "node" in maintenance ? maintenance.node : "");

function versionChange(plan: Plan): string {
  const to = plan.goal.version ?? "";
  const before = new Set((plan.nodes ?? []).flatMap((node) => node.version ?? node.installed ?? []));
  before.delete(to);
  return before.size === 0 ? to : `${[...before].sort().join(", ")} -> ${to}`;
}

/** What a turn is the passage of: its nodes, or the cluster itself. */
export const unitOf = (turn: Turn): string => (turn.nodes.length === 0 ? "cluster" : turn.nodes.join(", "));

export const stepsOf = (turn: Turn): readonly Step[] => turn.items.filter((item): item is Step => !isUndo(item));

export const titleOf = (step: Step): string => step.title ?? step.do;

/** How long the steps usually take together, in milliseconds; null when no step says. */
export function expectedMs(steps: readonly Step[]): number | null {
  const known = steps.flatMap((step) => step.expectedMs ?? []);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0);
}
