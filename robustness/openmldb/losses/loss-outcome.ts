// What is kept of one seed of the vendor's procedure: small, and it crosses threads.
import { playLoss, type Cause } from "./play.ts";

export interface LossTask {
  readonly seed: number;
  readonly cause: Cause;
}
export interface LossOutcome {
  readonly changes: number;
  /** Partitions whose lost offsets were compared with what the client misses. */
  readonly compared: number;
  readonly lost: Partial<Record<Cause, number>>;
  readonly wrong: readonly string[];
}
export async function lossOutcome({ seed, cause }: LossTask): Promise<LossOutcome> {
  const { changes, comparisons, lost, wrong } = await playLoss(cause, seed);
  return { changes: changes.length, compared: comparisons.length, lost, wrong };
}
