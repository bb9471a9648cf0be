// Of a real-time pipeline that is deployed again, the checkpoint: whether anybody copies it before the new deployment deletes it (facts 4.2). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import type { ClusterOptions } from "../options.ts";
import { checkpointOf } from "../planning/checkpoints.ts";
import type { PlanOptions } from "../planning/options.ts";
import { passed, warning } from "./check-kit.ts";
import { verdicts } from "./verdicts.ts";

export const checkpointChecks = (
  checkpoints: NonNullable<ClusterOptions["checkpoints"]>,
  facts: CdapFacts,
  goal: Goal,
  options: PlanOptions,
): readonly Check[] =>
  verdicts(facts, goal, options).flatMap(({ name, pipeline, verdict }): readonly Check[] => {
    const checkpoint = verdict.way === "redeploy" ? checkpointOf(facts, pipeline, checkpoints) : { is: "none" as const };
    if (checkpoint.is === "none") return [];
    const source = "facts 4.2, 4.4";
    if (checkpoint.is === "known" && checkpoints.copy !== undefined)
      return [passed("checkpoints", name, `${checkpoint.from} is copied to ${checkpoint.to} before it is deployed again`, { source })];
    const where = checkpoint.is === "known" ? checkpoint.from : "its checkpoint";
    return [
      warning("checkpoints", name, `${where} is deleted when the new deployment starts, and nothing copies it before`, {
        remedy: `Name ${checkpoints.copy === undefined ? "a command that copies (checkpoints.copy, as [hdfs, dfs, -cp])" : ""}${
          checkpoint.is === "known" ? "" : `${checkpoints.copy === undefined ? " and " : ""}where they lie (checkpoints.directory)`
        } in the cluster file, or copy it by hand: without it there is no way back to where the pipeline stood.`,
        source,
      }),
    ];
  });
