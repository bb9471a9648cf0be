import { runRecords } from "../journal/run-records.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { byName } from "../model/order.ts";
import { RunFold } from "../engine/run-fold.ts";
import type { RunRecord } from "../journal/store.ts";
import type { JournalEntry } from "../model/event.ts";
import type { Mode } from "../model/goal.ts";
import type { RunRecordView, Verdict } from "../model/report.ts";
import { recordOf, recordStatus, type RecordStatus } from "../report/record.ts";
import { shortHash } from "../planner/plan.ts";
import { listPlans } from "./plan-files.ts";
import { changeOf, stepsOf } from "./plan-words.ts";
import type { RunState } from "./run-view.ts";
import { existingStore, readRun } from "./runs.ts";
import type { Workspace } from "./workspace.ts";

export interface PastRun {
  readonly run: number;
  readonly cluster: string;
  readonly change: string;
  readonly mode: Mode;
  readonly outcome: RunState;
  /** Of its report; null while there is none. */
  readonly verdict: Verdict | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly operator: string;
  readonly plan: string;
  readonly record: RunRecordView & { readonly status: RecordStatus };
}
export interface PastPlan {
  readonly plan: string;
  readonly cluster: string;
  readonly change: string;
  readonly mode: Mode;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Runs of this plan. */
  readonly runs: readonly number[];
}
export interface History {
  readonly runs: readonly PastRun[];
  readonly plans: readonly PastPlan[];
  /** Plan files that cannot be used, and why. */
  readonly damaged: readonly { readonly file: string; readonly why: string }[];
}

/** Every run and plan of this state directory, newest first. Reads only, and needs no cluster file. */
export async function historyOf(workspace: Workspace): Promise<History> {
  const store = await existingStore(workspace);
  const runs: PastRun[] = [];
  const runsOf = new Map<string, number[]>();
  for await (const record of store ? runRecords(store, null) : []) {
    runsOf.set(record.plan.hash, [...(runsOf.get(record.plan.hash) ?? []), record.id]);
    const { view, entries } = await readRun(workspace, record);
    const verdict = await verdictOf(workspace, record.id);
    const began = entries.map((entry) => entry.event).find((event) => event.is === "claimed");
    runs.push({
      run: record.id,
      cluster: record.cluster,
      change: view.change,
      mode: view.mode,
      outcome: view.state,
      verdict,
      startedAt: view.startedAt,
      durationMs: view.elapsedMs,
      operator: began?.holder ?? record.plan.createdBy,
      plan: view.plan,
      record: recordOfRun(record, entries, verdict),
    });
  }
  const plans: PastPlan[] = [];
  const damaged: { readonly file: string; readonly why: string }[] = [];
  for await (const { plan, file, why } of listPlans(workspace)) {
    if (why !== null) damaged.push({ file, why });
    if (plan !== null)
      plans.push({
        plan: shortHash(plan),
        cluster: plan.cluster,
        change: changeOf(plan),
        mode: plan.mode,
        createdAt: plan.createdAt,
        createdBy: plan.createdBy,
        runs: runsOf.get(plan.hash) ?? [],
      });
  }
  return { runs, plans: plans.toSorted((a, b) => byName(b.createdAt, a.createdAt)), damaged };
}

function recordOfRun({ plan }: RunRecord, entries: readonly JournalEntry[], verdict: Verdict | null): PastRun["record"] {
  const fold = new RunFold(
    plan.turns,
    entries.map(({ event }) => event),
  );
  const left = plan.turns.flatMap(stepsOf).filter((step) => !(fold.steps.get(step.id)?.done ?? false));
  const { finished, forced, aborting } = fold;
  return {
    ...recordOf(plan, entries),
    status: recordStatus({
      finished,
      forced,
      verifying: aborting === null && left.every(({ phase }) => phase === "verify"),
      harm: verdict === "fail",
    }),
  };
}

async function verdictOf(workspace: Workspace, run: number): Promise<Verdict | null> {
  try {
    const report: unknown = JSON.parse(await readFile(join(workspace.runDirectory(run), "report.json"), "utf8"));
    const verdict = typeof report === "object" && report !== null && "verdict" in report ? report.verdict : null;
    return verdict === "pass" || verdict === "fail" || verdict === "not-measured" ? verdict : null;
  } catch {
    // No report yet, or one that cannot be read: the list says so by showing none.
    return null;
  }
}
