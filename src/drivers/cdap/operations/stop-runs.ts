// Runs stopped one by one, by run id: of whatever version, gracefully, and by force only where that was asked for (facts 0.2 to 0.5, 3.2).
import type { Acting, Look } from "../../../model/driver.ts";
import type { Json } from "../../../model/json.ts";
import type { Item } from "../../../model/step.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { Seen } from "../ledger/run-book.ts";
import { endOf, isStuck, type RunEnd } from "../ledger/run-records.ts";
import { isAsked, startsOf } from "../ledger/starts-of.ts";
import type { LedgerRun, StepParams, Stop } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { isActive, programText } from "../wire/programs.ts";
import type { Desk } from "./desk.ts";

export type StopProof = {
  /** In the order of the ledger. */
  readonly runs: readonly RunEnd[];
  /** `runId: what the server said`, where it said more than 200. */
  readonly notes: readonly string[];
};
export const isStopProof = (proof: Json): proof is StopProof =>
  proof !== null && typeof proof === "object" && "runs" in proof && "notes" in proof && Array.isArray(proof["runs"]);

/** The message of a stop is written, read and acted on well within this; after it, the stop is asked for again. */
const messageMs = 20_000;
/** Between two of our own requests for an end by force: the server's monitor looks every 300 s at most. */
const forceAgainMs = 330_000;
/** One act asks for so long, then the engine hears of pauses. */
const sliceMs = 5_000;
const lanes = 16;
const settleMs = 15_000;

/** What this process has asked the server for, and what it said: a new process asks again, which does no harm. */
class Requests {
  readonly stops = new Map<string, number>();
  readonly forces = new Map<string, number>();
  /** What the server said where it was not 200: not running, STOPPING already, a child of a workflow. */
  readonly refused = new Map<string, string>();
  /** Programs whose force would have ended runs that nobody asked for. */
  readonly spared = new Set<string>();
}

/** What one run needs now. */
type Need = "nothing" | "stop" | "force";

function needOf(run: LedgerRun, { at, record }: Seen, stop: Stop, requests: Requests, now: number): Need {
  if (record === null || !isActive(record.status) || !isAsked(run)) return "nothing";
  if (record.status !== "STOPPING") {
    // One that was refused while it was STARTING is asked again, too; but a record that was read before our stop could take effect says nothing of it.
    return at - (requests.stops.get(run.runId) ?? Number.NEGATIVE_INFINITY) > messageMs ? "stop" : "nothing";
  }
  if (typeof stop.grace !== "number" || requests.spared.has(run.runId)) return "nothing";
  const since = record.stopping ?? (requests.stops.get(run.runId) ?? now) / 1000;
  return now / 1000 >= since + stop.grace && now - (requests.forces.get(run.runId) ?? 0) > forceAgainMs ? "force" : "nothing";
}

export function stopRuns(desk: Desk): NamedOperation<CdapFacts, StepParams["stopRuns"]> {
  const { cluster, book, pace } = desk;
  const { api } = cluster;
  const requests = new Requests();
  const recordOf = (run: LedgerRun): RunRecord | null => book.of(run.runId)?.record ?? null;
  const needs = ({ runs, stop }: StepParams["stopRuns"]): readonly (readonly [LedgerRun, Need])[] =>
    runs.map((run) => {
      const seen = book.of(run.runId);
      return [run, seen === null ? "nothing" : needOf(run, seen, stop, requests, cluster.now())];
    });

  return operation<CdapFacts, StepParams["stopRuns"], null, null>("stopRuns", {
    settleMs,
    answersSettle: true,
    fenced: api.via === null ? "unfenced" : "host",
    look: async (params): Promise<Look> => {
      desk.pace.limit();
      const { runs, stop } = params;
      // A process that goes on with another's ledger has seen no status yet: it may ask as fast as that one.
      for (const [ns, own] of Map.groupBy(runs, (run) => run.ns)) pace.sees(ns, new Set(own.map(({ app }) => app)).size);
      const unseen = (): number => runs.filter(({ runId }) => book.of(runId) === null).length;
      const wanted = needs(params).filter(([, need]) => need !== "nothing");
      // What the drain has just seen running is stopped at once, and looked at afterwards.
      const never = wanted.find(([{ runId }]) => !requests.stops.has(runId));
      if (never !== undefined && unseen() === 0) return { is: "open", why: openWords(never, stop) };
      const all = await book.refresh(runs);
      if (unseen() > 0) return { is: "waiting", for: `the records of ${String(unseen())} of ${String(runs.length)} runs` };
      const open = runs.filter(({ runId }) => !book.isOver(runId));
      if (open.every((run) => isStuckNow(recordOf(run), stop, cluster.now()))) return { is: "done", proof: proofOf(params, requests, desk) };
      const first = needs(params).find(([, need]) => need !== "nothing");
      if (first !== undefined && all) return { is: "open", why: openWords(first, stop) };
      return { is: "waiting", for: waitingWords(runs.length, open.map(recordOf), stop, cluster.now()) };
    },
    act: async (params, _, context) => {
      const until = cluster.now() + sliceMs;
      const due = needs(params).filter(([, need]) => need !== "nothing");
      // Workflows first: what they end by themselves needs no request of its own.
      const ordered = due.toSorted(([a], [b]) => Number(b.type === "workflows") - Number(a.type === "workflows"));
      const forced = new Set<string>();
      await inParallel(ordered, lanes, async ([run, need]) => {
        if (pace.next > until) return;
        if (need === "stop") await stopOne(desk, run, params.stop, requests, context);
        else if (!forced.has(programText(run))) {
          forced.add(programText(run));
          await forceOne(desk, run, params, requests, context);
        }
      });
      return null;
    },
    undo: ({ runs }): readonly Item[] => startsOf(runs),
  });
}

const isStuckNow = (record: RunRecord | null, stop: Stop, now: number): boolean =>
  record !== null && isStuck(record, stop.budgetSeconds + (typeof stop.grace === "number" ? stop.grace : 0), now);
const openWords = ([run, need]: readonly [LedgerRun, Need], { grace }: Stop): string =>
  need === "force" ? `${String(grace)} s are over: ${textOf(run)} by force` : `${textOf(run)} runs`;
const textOf = (run: LedgerRun): string => `${programText(run)} run ${run.runId}`;

async function stopOne({ cluster }: Desk, run: LedgerRun, { query }: Stop, requests: Requests, context: Acting): Promise<void> {
  const at = cluster.now();
  const { status, words } = await context.send(cluster.api.via, (fence) => cluster.api.stopRun(fence, run, query));
  requests.stops.set(run.runId, at);
  // 400: over or STOPPING by now, which the record says (facts 0.5), or a child of a workflow. 404: gone.
  if (status !== 200) requests.refused.set(run.runId, `${String(status)} ${words}`);
}

/**
 * The only request that ends a run at once names its program (budget 0, facts 0.2): it ends all active runs of the latest version. It is not sent where one of
 * them is not in the ledger, nor for a run that it would not reach.
 */
async function forceOne({ cluster }: Desk, run: LedgerRun, { runs }: StepParams["stopRuns"], requests: Requests, context: Acting): Promise<void> {
  const ours = new Set(runs.map(({ runId }) => runId));
  const others = ((await cluster.api.runs(run)) ?? []).filter(({ runid, status }) => isActive(status) && !ours.has(runid));
  const mine = runs.filter((each) => programText(each) === programText(run));
  if (others.length > 0) {
    for (const { runId } of mine) {
      requests.spared.add(runId);
      requests.refused.set(runId, `not by force: ${others.map(({ runid }) => runid).join(", ")} of the same program would have ended too`);
    }
    return;
  }
  const at = cluster.now();
  const { status, words } = await context.send(cluster.api.via, (fence) => cluster.api.stopProgram(fence, run));
  for (const { runId } of mine) requests.forces.set(runId, at);
  if (status !== 200) requests.refused.set(run.runId, `by force: ${String(status)} ${words}`);
}

function proofOf({ runs, stop }: StepParams["stopRuns"], requests: Requests, { book, cluster }: Desk): StopProof {
  const ends = runs.map((run): RunEnd => {
    const record = book.of(run.runId)?.record ?? null;
    const { ns, app, type, program, runId } = run;
    if (record === null) return { ns, app, type, program, runId, endState: "VANISHED", seconds: null, by: null };
    if (isStuckNow(record, stop, cluster.now()))
      return { ns, app, type, program, runId, endState: "STUCK", seconds: Math.round(cluster.now() / 1000 - (record.stopping ?? 0)), by: null };
    return endOf(run, record, requests.forces.has(runId));
  });
  return { runs: ends, notes: runs.flatMap(({ runId }) => (requests.refused.has(runId) ? [`${runId}: ${requests.refused.get(runId) ?? ""}`] : [])) };
}

function waitingWords(of: number, open: readonly (RunRecord | null)[], { grace, budgetSeconds }: Stop, now: number): string {
  const stopping = open.flatMap((record) => (record?.status === "STOPPING" && record.stopping != null ? [now / 1000 - record.stopping] : []));
  const longest = stopping.length === 0 ? "" : `, the longest for ${String(Math.round(Math.max(...stopping)))} s`;
  const then = typeof grace === "number" ? `by force after ${String(grace)} s` : `the server's budget is ${String(budgetSeconds)} s`;
  return `${String(of - open.length)} of ${String(of)} runs ended; ${String(stopping.length)} STOPPING${longest} (${then})`;
}
