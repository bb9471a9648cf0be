// What has become of one instance of the ledger: from its status and its task runs, never from what we remember to have done. Pure.
import type { LedgerEntry } from "../step-names.ts";
import type { Instance, TaskRun } from "../wire/operations/instances.ts";

export type Seen = { readonly instance: Instance | null; readonly taskruns: readonly TaskRun[] };
export const nothing: Seen = { instance: null, taskruns: [] };

export type Fate =
  /** The run that the ledger names goes on. */
  | { readonly is: "running" }
  /** The terminate ended it; nobody has run it again. */
  | { readonly is: "killed"; readonly endedAt: number | null }
  /** It ended by itself before the terminate: not ours to run again. */
  | { readonly is: "finished"; readonly endedAt: number | null }
  | { readonly is: "failed"; readonly endedAt: number | null }
  /** Taken for another run that has not started yet. */
  | { readonly is: "queued"; readonly status: string; readonly paused: boolean }
  /** Somebody, we or the platform, has run it again: so often, and how the last run stands. */
  | { readonly is: "again"; readonly runs: readonly TaskRun[]; readonly status: "running" | "succeeded" | "failed" }
  | { readonly is: "vanished" };

/**
 * `ranBefore`: it still ran when it was looked at immediately before the first terminate. What did not has ended by itself; of what did, FAILED means that
 * the terminate ended it. No clock is compared: the platform's may differ from ours, and an instance that we ended must not be taken for one that failed.
 */
export function fateOf(entry: LedgerEntry, { instance, taskruns }: Seen, ranBefore: boolean): Fate {
  if (instance === null) return { is: "vanished" };
  const later = taskruns.filter(({ id }) => !entry.taskruns.includes(id));
  const status = statusOf(instance);
  if (later.length > 0) {
    const last = status === "SUCCESS" ? "succeeded" : status === "FAILED" ? "failed" : "running";
    return { is: "again", runs: later, status: last };
  }
  const endedAt = taskruns.at(-1)?.endedAt ?? instance.endedAt;
  if (status === "SUCCESS") return { is: "finished", endedAt };
  if (status === "RUNNING") return { is: "running" };
  if (status !== "FAILED") return { is: "queued", status, paused: instance.paused };
  return { is: ranBefore ? "killed" : "failed", endedAt };
}

/** A logical table's instance has a status for each of its fields: it runs while one of them does, and has succeeded when all have. */
export function statusOf({ statuses }: Pick<Instance, "statuses">): string {
  for (const status of ["RUNNING", "FAILED"]) if (statuses.includes(status)) return status;
  return statuses.find((status) => status !== "SUCCESS") ?? statuses[0] ?? "INIT";
}
