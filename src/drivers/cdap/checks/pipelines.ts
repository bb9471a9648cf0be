// One check for each real-time pipeline: its verdict, with the reason and the way around (CD-6 to CD-8). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import type { PlanOptions } from "../planning/options.ts";
import { blocker, passed, warning } from "./check-kit.ts";
import { verdicts } from "./verdicts.ts";

/** The codes by which they are accepted. */
export const lossCode = "data-loss";
const unsupportedCode = "real-time";
const source = "facts 4.2; CD-6, CD-7, CD-8";

export const pipelineChecks = (facts: CdapFacts, goal: Goal, options: PlanOptions): readonly Check[] =>
  verdicts(facts, goal, options).flatMap(({ pipeline, name, verdict }): readonly Check[] => {
    switch (verdict.is) {
      case "no-loss":
        return verdict.way === "untouched" && !pipeline.known ? [] : [passed(lossCode, name, `no loss: ${verdict.because}`, { source })];
      case "loss-possible": {
        const what = `loss possible: ${verdict.because.join("; ")}`;
        // Code of its own need not stream at all: a warning, or every application with Spark would refuse a plan.
        if (!pipeline.known) return [warning(lossCode, name, what, { remedy: verdict.wayAround, source })];
        return [
          blocker(lossCode, name, what, {
            remedy: verdict.wayAround,
            price: `records that ${name} has taken from its source and not yet written are lost`,
            source,
          }),
        ];
      }
      case "not-supported":
        return [blocker(unsupportedCode, name, `not supported: ${verdict.because}`, { remedy: verdict.wayAround, source })];
    }
  });
