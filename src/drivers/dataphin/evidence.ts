// What the steps of a run left as proofs, as this driver's operations wrote them. Pure.
import type { StepEvidence } from "../../model/driver.ts";
import type { KillProof } from "./operations/kill-instances.ts";
import type { ManagerProof } from "./operations/manager.ts";
import type { RerunProof } from "./operations/rerun-instances.ts";
import { managerWords, type ManagerStepName, type NodesByProject, type StepParams } from "./step-names.ts";

/** Proofs that only passed through the journal have the type that their operation gave them. */
type Proofs = {
  readonly killInstances: KillProof;
  readonly rerunInstances: RerunProof;
  readonly pauseNodes: { readonly paused: NodesByProject };
  readonly resumeNodes: { readonly resumed: NodesByProject };
} & { readonly [name in ManagerStepName]: ManagerProof };

/** Of one name, in the order in which they ended. */
function of<Name extends keyof Proofs>(
  evidence: readonly StepEvidence[],
  name: Name,
): readonly { readonly step: string; readonly proof: Proofs[Name] }[] {
  return evidence
    .filter((each) => each.do === name && each.proof !== null)
    .map(({ step, proof }) => ({ step, proof: proof as unknown as Proofs[Name] }));
}

export type KilledInstance = KillProof["instances"][number];
export type RerunInstance = RerunProof["instances"][number];

/** By instance; of several lists, the last one that the terminate ended it in. */
export function killedIn(evidence: readonly StepEvidence[]): ReadonlyMap<string, KilledInstance> {
  const found = new Map<string, KilledInstance>();
  for (const { proof } of of(evidence, "killInstances"))
    for (const instance of proof.instances) if (endedByUs(instance)) found.set(instance.id, instance);
  return found;
}
/** `again`, `queued`: somebody ran it again before the list was looked at. */
const endedByUs = ({ end }: KilledInstance): boolean => end === "killed" || end === "again" || end === "queued";

/** By instance: of several lists, the task runs after the first terminate. */
export function rerunIn(evidence: readonly StepEvidence[]): ReadonlyMap<string, RerunInstance> {
  const found = new Map<string, RerunInstance>();
  // The list of the last sweep is put back first: the one of the first sweep has seen every later run.
  for (const { proof } of of(evidence, "rerunInstances")) for (const instance of proof.instances) found.set(instance.id, instance);
  return found;
}
/** Ended by themselves between list and terminate: never run again. */
export const endedThemselves = (evidence: readonly StepEvidence[]): readonly KilledInstance[] =>
  of(evidence, "killInstances").flatMap(({ proof }) => proof.instances.filter(({ end }) => end === "finished" || end === "failed"));

/** Lists whose re-run a person decides about. */
export const askedFirst = (evidence: readonly StepEvidence[]): ReadonlySet<string> =>
  new Set(
    evidence
      .filter((each) => each.do === "killInstances")
      .map(({ params }) => params as unknown as StepParams["killInstances"])
      .filter(({ reruns }) => reruns === "ask")
      .flatMap(({ ledger }) => ledger.map(({ id }) => id)),
  );

export const pausedIn = (evidence: readonly StepEvidence[]): readonly string[] =>
  of(evidence, "pauseNodes").flatMap(({ proof }) => Object.values(proof.paused).flat());
export const resumedIn = (evidence: readonly StepEvidence[]): readonly string[] =>
  of(evidence, "resumeNodes").flatMap(({ proof }) => Object.values(proof.resumed).flat());

export const managerSteps = (evidence: readonly StepEvidence[]): readonly { readonly step: string; readonly proof: ManagerProof }[] =>
  (Object.keys(managerWords) as readonly (keyof typeof managerWords)[]).flatMap((name) => of(evidence, name));
