import type { Check, Facts, NodeView } from "./facts.ts";
import type { Goal, Mode, ModeVerdict } from "./goal.ts";
import type { ImpactForecast } from "./impact.ts";
import type { Turn } from "./step.ts";

/** A plan is data: everything apply needs, applied exactly. */
export interface Plan {
  readonly version: 1;
  /** sha256 over the canonical form of everything else. */
  readonly hash: string;
  readonly cluster: string;
  readonly system: string;
  /** The cluster is a lab: its servers are simulated. */
  readonly lab?: true;
  readonly goal: Goal;
  readonly mode: Mode;
  /** All three modes with the reason: the least disruptive one that is eligible is taken. */
  readonly modes: readonly ModeVerdict[];
  readonly facts: Facts;
  /** The nodes as people saw them when the plan was made: shown without the system's driver and without asking the cluster again. */
  readonly nodes?: readonly NodeView[];
  /** sha256 over the canonical form of `facts.structure`: apply refuses when it has changed. */
  readonly structureDigest: string;
  readonly turns: readonly Turn[];
  readonly impact: readonly ImpactForecast[];
  readonly checks: readonly Check[];
  /** Codes of blockers that the operator accepted, with his reason. */
  readonly overrides: readonly { readonly code: string; readonly by: string; readonly reason: string }[];
  /** Operations whose effect a frozen orchestrator could still do late. */
  readonly unfenced: readonly string[];
  readonly undoUntil: string;
  /** The run that this plan rolls back, or null. */
  readonly rollsBack: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}
