// How an operator ends a run by himself: `finish` after he has verified it, `terminate` while that is clean, `force-stop` where it is not (DP, facts 1.6).
import { setTimeout as delay } from "node:timers/promises";
import { Decider } from "../engine/decide.ts";
import { RunFold } from "../engine/run-fold.ts";
import type { RunRecord, Store } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { ForcedEnd, JournalEntry } from "../model/event.ts";
import type { Step } from "../model/step.ts";
import { leasesOf, onWord } from "../report/leases.ts";
import { openRun } from "./apply.ts";
import { conclude } from "./conclude.ts";
import { abortRun, answerStep, resumeRun } from "./resume.ts";
import type { RunObserver, RunResult } from "./run-types.ts";
import { readRun } from "./runs.ts";
import { askToPause } from "./signals.ts";
import { isUnderWay } from "./watch.ts";
import { gripWhatAnswers, whileHeld } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

async function theOpenRun(workspace: Workspace): Promise<{ readonly store: Store; readonly record: RunRecord; readonly fold: RunFold }> {
  const [store, { cluster }] = [await workspace.store(), await workspace.definition()];
  const record = await openRun(store, cluster);
  if (record === null) throw new StillwaterError("SW2005", `There is no unfinished run of ${cluster}.`, { object: cluster });
  return { store, record, fold: foldOf(record, await store.read(record.id, 0)) };
}
const foldOf = (record: RunRecord, entries: readonly JournalEntry[]): RunFold =>
  new RunFold(
    record.plan.turns,
    entries.map(({ event }) => event),
  );

/** The operator has verified the result: the step that waits for that is answered, and the run goes on to its end. Error SW1005: nothing waits for it. */
export async function finishRun(workspace: Workspace, request: { readonly reason: string }, observer: RunObserver): Promise<RunResult> {
  const { record, fold } = await theOpenRun(workspace);
  const step = fold.asking === null ? undefined : fold.known.get(fold.asking);
  if (step?.phase !== "verify" || step.ask === undefined)
    throw new StillwaterError("SW1005", `Run ${record.id} of ${record.cluster} does not wait for a result to be verified.`, {
      object: fold.asking ?? `run ${record.id}`,
      remedy: "`stillwater status` shows where it is.",
    });
  await answerStep(workspace, { step: step.id, answer: "approve", reason: request.reason });
  return resumeRun(workspace, {}, observer);
}

/**
 * An abort, while it is clean: no point of no return has begun. Null: a worker that lives does it itself. Error SW2010 afterwards, with what `abort`
 * and `force-stop` would do.
 */
export async function terminateRun(workspace: Workspace, request: { readonly reason: string }, observer: RunObserver): Promise<RunResult | null> {
  const { record, fold } = await theOpenRun(workspace);
  const begun = await committed(workspace, fold);
  if (begun !== null)
    throw new StillwaterError("SW2010", `Run ${record.id} of ${record.cluster} cannot be terminated cleanly any more: ${begun.why}.`, {
      object: begun.step.id,
    });
  return abortRun(workspace, request, observer);
}

/** The first point of no return that has begun, or null. One that a person was told to pass, and has not said that he did, is looked at. */
async function committed(workspace: Workspace, fold: RunFold): Promise<{ readonly step: Step; readonly why: string } | null> {
  const decider = new Decider(fold, (await workspace.driver()).operations);
  for (const step of fold.known.values()) {
    if (step.commits === undefined) continue;
    const { acts, done, skipped, approved, before = null, receipt } = fold.of(step.id);
    const begun = acts > 0 || (done && !skipped) || approved;
    if (!begun && !decider.mayHaveBegun(step)) continue;
    if (begun || (await decider.operation(step).look(step.params, { before, receipt }, { now: workspace.now() })).is === "done")
      return { step, why: step.commits.why };
  }
  return null;
}

export interface ForceStopped extends ForcedEnd {
  readonly run: number;
  readonly cluster: string;
  readonly at: Date;
}

/** A worker finishes its step before it stands still. */
const STAND_STILL_WITHIN_MS = 120_000;
const POLL_MS = 100;

export interface ForceStop extends Pick<ForcedEnd, "mark" | "reason"> {
  /** How long a worker that lives may take to stand still, in ms. Default 120,000. */
  readonly withinMs?: number;
}

/**
 * Ends the run where it is: nothing is undone, and what is still set is named. A worker that lives is asked to stand still first, and `waits` told who
 * that is. Errors SW1006, SW2001 (it does not stand still), SW2005.
 */
export async function forceStopRun(
  workspace: Workspace,
  { withinMs = STAND_STILL_WITHIN_MS, ...request }: ForceStop,
  waits: (holder: string) => void = () => undefined,
): Promise<ForceStopped> {
  if (request.reason.trim() === "") throw new StillwaterError("SW1006", "A forced end needs a reason.", { object: "--reason" });
  const { record } = await theOpenRun(workspace);
  await standStill(workspace, record, { withinMs, waits });
  const held = await gripWhatAnswers(workspace, "force-stop");
  try {
    const entries = await held.store.read(record.id, 0);
    const fold = foldOf(record, entries);
    if (fold.finished !== null)
      throw new StillwaterError("SW2005", `Run ${record.id} of ${record.cluster} has ended by itself: ${fold.finished}.`, {
        object: `run ${record.id}`,
      });
    const leases = leasesOf(record.plan, entries);
    const left = [
      ...leases.flatMap(({ to, title }) => (to === null ? [title] : [])),
      ...onWord(leases).map((title) => `${title} (put back by a person's word only)`),
    ];
    const forced: ForcedEnd = { ...request, by: workspace.who, left };
    await held.store.append(held.claim, record.id, [{ is: "finished", as: "force-stopped", forced }]);
    // Minutes, in which records are still read: nobody else may begin.
    await whileHeld(workspace, held, record, () => conclude(workspace, record));
    return { run: record.id, cluster: record.cluster, at: new Date(workspace.now()), ...forced };
  } finally {
    await held.release();
  }
}

interface Patience {
  readonly withinMs: number;
  readonly waits: (holder: string) => void;
}
async function standStill(workspace: Workspace, record: RunRecord, { withinMs, waits }: Patience): Promise<void> {
  const store = await workspace.store();
  const deadline = performance.now() + withinMs;
  let asked = false;
  for (;;) {
    const { view } = await readRun(workspace, record);
    if (!isUnderWay(view)) return;
    if (!asked) {
      asked = await askToPause(store, record, { by: workspace.who, reason: "to be stopped by force" });
      const { holder } = view;
      if (asked && holder) waits(`${holder.operator} on ${holder.host} (pid ${String(holder.pid)}, ${holder.verb})`);
    }
    // Whoever holds the cluster is named by the claim that is refused.
    if (performance.now() >= deadline) return;
    await delay(POLL_MS);
  }
}
