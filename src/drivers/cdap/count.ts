// The rows of the forecast that are counted, from the proofs that the steps left. Pure.
import type { Counted, StepEvidence } from "../../model/driver.ts";
import { nameOf } from "./checks/selection.ts";
import { counted } from "./count-names.ts";
import type { CdapFacts } from "./facts.ts";
import { isContinuous, type RunEnd } from "./ledger/run-records.ts";
import { isStopProof } from "./operations/stop-runs.ts";

const ended = (evidence: readonly StepEvidence[]): readonly RunEnd[] | null => {
  const proofs = evidence.flatMap(({ do: operation, proof }) => (operation === "stopRuns" && isStopProof(proof) ? [proof] : []));
  // A drain without anything to stop leaves no ledger, and that is an answer too.
  const drained = evidence.some(({ do: operation }) => operation === "drain" || operation === "stopRuns" || operation === "stopPrograms");
  return drained ? proofs.flatMap(({ runs }) => runs) : null;
};
/** It ended when it was told to, or by itself: nobody ended it by force, and no budget was over. */
const inTime = ({ endState, by }: RunEnd, seconds: number | null, budget: number | null): boolean =>
  (endState === "COMPLETED" || endState === "KILLED") && by !== "force" && (budget === null || seconds === null || seconds < budget);

export function count(evidence: readonly StepEvidence[], before: CdapFacts): Readonly<Record<string, Counted>> {
  const found: Record<string, Counted> = {};
  const suspended = evidence.filter(({ do: operation }) => operation === "suspendListed");
  if (evidence.some(({ do: operation }) => operation === "suspendSchedules")) {
    const schedules = suspended.reduce((sum, { params }) => sum + listIn(params, "schedules"), 0);
    found[counted.schedulesSuspended] = { value: schedules, evidence: "ledgers of the suspended schedules" };
  }
  const ends = ended(evidence);
  if (ends === null) return found;
  const children = new Set(before.now.activeRuns.flatMap(({ runId, childOf }) => (childOf === null ? [] : [runId])));
  const own = ends.filter(({ runId }) => !children.has(runId));
  const budget = before.structure.budgetSeconds;
  found[counted.runsStopped] = { value: own.length, evidence: "run records of the ledgers" };
  found[counted.batchRunsCut] = {
    value: own.filter((end) => !isContinuous(end) && end.endState !== "COMPLETED").length,
    evidence: "batch runs of the ledgers whose record does not say COMPLETED",
  };
  for (const pipeline of before.now.pipelines) {
    const runs = own.filter((end) => end.ns === pipeline.ns && end.app === pipeline.app && end.program === pipeline.program);
    if (runs.length === 0) continue;
    const cut = runs.filter((end) => !inTime(end, end.seconds, budget));
    found[counted.cutShort(nameOf(pipeline))] = {
      value: cut.length,
      evidence: runs.map(({ endState, seconds }) => `${endState} after ${seconds === null ? "?" : String(seconds)} s`).join(", "),
    };
  }
  return found;
}
const listIn = (params: StepEvidence["params"], key: string): number => {
  const held: unknown = params !== null && typeof params === "object" && !Array.isArray(params) ? Reflect.get(params, key) : undefined;
  return Array.isArray(held) ? held.length : 0;
};
