import type { Goal, Grace } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import type { ClusterOptions } from "../options.ts";
import type { Stop } from "../step-names.ts";
import type { PlanOptions } from "./options.ts";

/** What plans know of the cluster file. */
export interface PlanSurroundings {
  /** Null: all but `system`. */
  readonly namespaces: readonly string[] | null;
  readonly upgrade: NonNullable<ClusterOptions["upgrade"]>;
  /** Directory on this machine for the backups of plans. */
  readonly backups: string;
  readonly checkpoints: NonNullable<ClusterOptions["checkpoints"]>;
}
/** What every part of a plan is made from. */
export interface Frame extends PlanSurroundings {
  readonly facts: CdapFacts;
  readonly goal: Goal;
  readonly options: PlanOptions;
}

/** `app.program.max.stop.seconds` where nobody may read it (facts 2.1). */
const defaultBudgetSeconds = 300;
/** For a server that never kills because it was told so. */
const endlessSeconds = 30 * 86_400;

export function stopOf({ structure }: CdapFacts, grace: Grace): Stop {
  const budgetSeconds = structure.budgetSeconds ?? defaultBudgetSeconds;
  if (structure.graceful !== "honoured" || grace === "server") return { grace, budgetSeconds, query: "" };
  return grace === "never"
    ? { grace, budgetSeconds: endlessSeconds, query: "graceful" }
    : { grace, budgetSeconds: grace, query: `graceful=${String(grace)}` };
}
