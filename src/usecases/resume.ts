import { setTimeout as delay } from "node:timers/promises";
import { newestRun } from "../journal/run-records.ts";
import type { Desired, RunRecord, Store } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Answer } from "../model/event.ts";
import { RunFold } from "../engine/run-fold.ts";
import { isDead } from "../journal/process-identity.ts";
import { hasActed, openRun } from "./apply.ts";
import { conclude, isConcluded } from "./conclude.ts";
import type { RunObserver, RunResult } from "./run-types.ts";
import { startSidecar } from "./sidecar.ts";
import { gripWhatAnswers, work } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

/** Continues the run that is not finished, wherever it stands; or finishes the report of one whose worker died after its last step. Error SW2005. */
export async function resumeRun(workspace: Workspace, request: { readonly takeOver?: boolean }, observer: RunObserver): Promise<RunResult> {
  return goOn(workspace, { verb: "resume", desired: "run", reason: "", takeOver: request.takeOver ?? false }, observer);
}

/** What it puts back may be out of reach: then the operator hears who holds the cluster. */
const WATCHDOG_WITHIN_MS = 120_000;
const POLL_MS = 100;

export interface Abort {
  readonly reason: string;
  /** How long the watchdog of a worker that died may still be at work, in ms. Default 120,000. */
  readonly withinMs?: number;
}

/**
 * Ends the run: undoes the open turn, or finishes it past its point of no return, and puts back every held step. Null: a worker that lives does it
 * itself. Errors SW2001 (the watchdog is still at work), SW2005.
 */
export async function abortRun(
  workspace: Workspace,
  { reason, withinMs = WATCHDOG_WITHIN_MS }: Abort,
  observer: RunObserver,
): Promise<RunResult | null> {
  const [store, { cluster }] = [await workspace.store(), await workspace.definition()];
  const open = await openRun(store, cluster);
  if (!open) throw new StillwaterError("SW2005", `There is no unfinished run of ${cluster} to abort.`, { object: cluster });
  if (await workerLives(workspace, { cluster, withinMs })) {
    await store.signal(open.id, { desired: "abort", by: workspace.who, reason });
    return null;
  }
  return goOn(workspace, { verb: "abort", desired: "abort", reason, takeOver: false }, observer);
}

/** Somebody who reads signals. The watchdog does not: it is waited for until it lets go, or somebody else has come. */
async function workerLives(workspace: Workspace, { cluster, withinMs }: { readonly cluster: string; readonly withinMs: number }): Promise<boolean> {
  const store = await workspace.store();
  const deadline = performance.now() + withinMs;
  for (;;) {
    const claim = await store.holder(cluster);
    if (claim === null || claim.until <= workspace.now() || isDead(claim.holder)) return false;
    if (claim.holder.verb !== "watchdog") return true;
    // Whoever holds the cluster is named by the claim that is refused.
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
}

interface GoOn {
  readonly verb: string;
  readonly desired: Desired;
  readonly reason: string;
  readonly takeOver: boolean;
}
function goOn(workspace: Workspace, how: GoOn, observer: RunObserver): Promise<RunResult> {
  return work(
    workspace,
    {
      verb: how.verb,
      takeOver: how.takeOver,
      run: async (store) => {
        const record = await unconcluded(workspace, store);
        // An abort that was asked for stays asked for: a resume after a crash in the middle of it goes on aborting.
        await store.signalUnlessAbort(record.id, { desired: how.desired, by: workspace.who, reason: how.reason });
        return record;
      },
      prepare: (record) => startSidecar(workspace, record, { probe: null }),
      unprepared: "leave open",
      conclude: (record) => conclude(workspace, record),
    },
    observer,
  );
}

async function unconcluded(workspace: Workspace, store: Store): Promise<RunRecord> {
  const { cluster } = await workspace.definition();
  const open = await openRun(store, cluster);
  if (open) return open;
  const newest = await newestRun(store, cluster);
  // A run that was refused before its first act has nothing to report.
  if (newest && !(await isConcluded(workspace, newest)) && (await hasActed(store, newest))) return newest;
  throw new StillwaterError("SW2005", `There is no unfinished run of ${cluster}.`, { object: cluster });
}

/** An answer to the step that the run waits for. Needs a reason, kept in the journal with the operator's name. Errors SW1005, SW1006, SW2001, SW2005. */
export async function answerStep(
  workspace: Workspace,
  request: { readonly step: string; readonly answer: Answer; readonly reason: string },
): Promise<void> {
  if (request.reason.trim() === "") throw new StillwaterError("SW1006", "An answer needs a reason.", { object: request.step });
  const held = await gripWhatAnswers(workspace, request.answer);
  try {
    const { cluster } = await workspace.definition();
    const open = await openRun(held.store, cluster);
    if (!open) throw new StillwaterError("SW2005", `There is no unfinished run of ${cluster}.`, { object: cluster });
    const entries = await held.store.read(open.id, 0);
    const fold = new RunFold(
      open.plan.turns,
      entries.map((entry) => entry.event),
    );
    const waiting = fold.asking ?? fold.paused?.step ?? null;
    if (waiting === null) throw new StillwaterError("SW1005", `Run ${open.id} does not wait for an answer.`, { object: request.step });
    if (waiting !== request.step)
      throw new StillwaterError("SW1005", `Run ${open.id} waits at step ${waiting}, not at ${request.step}.`, { object: request.step });
    // An approval is of a question that somebody has read; nothing else waits for one. (Steps that put back are not known here.)
    if (request.answer === "approve" && (fold.asking === null || fold.known.get(waiting)?.ask === undefined) && fold.known.has(waiting))
      throw new StillwaterError("SW1005", `Step ${waiting} of run ${open.id} does not wait for an approval.`, { object: waiting });
    await held.store.append(held.claim, open.id, [
      { is: "answered", step: waiting, answer: request.answer, by: workspace.who, reason: request.reason },
    ]);
  } finally {
    await held.release();
  }
}
