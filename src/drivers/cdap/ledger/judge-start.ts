// Whether an entry of the ledger still has to be started, from run records alone: the mark finds a start whose answer was lost. Pure.
import type { StartEntry } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { isActive } from "../wire/programs.ts";
import { isContinuous, markOf } from "./run-records.ts";

export type StartOutcome = {
  readonly is: "started" | "runs already" | "not started" | "gone";
  readonly runId: string | null;
  /** Of the run that it is about, when it was seen. */
  readonly status: string | null;
  readonly why: string;
};
export type StartJudgement =
  | { readonly is: "due" }
  | { readonly is: "waiting"; readonly for: string }
  | { readonly is: "over"; readonly outcome: StartOutcome };

export interface StartSight {
  /** Of its program, newest first, the run that was stopped among them if the server still knows it; null: there is no such program. */
  readonly records: readonly RunRecord[] | null;
  /** All entries of the ledger of the same program, this one among them, and those of them that are not settled yet. */
  readonly entries: readonly StartEntry[];
  readonly pending: readonly StartEntry[];
  /** Run ids of children of workflows, as the workflows' records name them. */
  readonly children: ReadonlySet<string>;
  /** The run that was to be stopped has been seen running for so long that no stop is under way any more. */
  readonly neverStopped: boolean;
}
const over = (is: StartOutcome["is"], record: RunRecord | null, why: string): StartJudgement => ({
  is: "over",
  outcome: { is, runId: record?.runid ?? null, status: record?.status ?? null, why },
});

export function judgeStart(entry: StartEntry, sight: StartSight): StartJudgement {
  const { records, children } = sight;
  if (records === null) return over("gone", null, "the server has no such program any more");
  const own = records.filter((record) => markOf(record) === entry.mark && record.status !== "REJECTED");
  const [newest] = own;
  if (newest !== undefined) {
    if (newest.status === "PENDING" || newest.status === "STARTING") return { is: "waiting", for: `run ${newest.runid} is ${newest.status}` };
    return over("started", newest, own.length === 1 ? "once" : `${String(own.length)} times`);
  }
  if (entry.after !== null && children.has(entry.after)) return over("not started", null, `${entry.after} was the child of a workflow run`);
  const old = records.find(({ runid }) => runid === entry.after) ?? null;
  const stays = old === null ? null : staysAsItIs(entry, old, sight.neverStopped);
  if (stays !== null) return stays;
  const other = isContinuous(entry) ? somebodyElses(entry, records, sight) : null;
  return other === null ? { is: "due" } : over("runs already", other, "somebody else has started it meanwhile");
}

/** Null: it was stopped by us, so it is to be started again. */
function staysAsItIs(entry: StartEntry, old: RunRecord, neverStopped: boolean): StartJudgement | null {
  if (old.status === "STOPPING") return { is: "waiting", for: `run ${old.runid} to end` };
  if (isActive(old.status))
    return neverStopped ? over("runs already", old, "it was never stopped") : { is: "waiting", for: `run ${old.runid}: a stop may be under way` };
  if (old.status === "COMPLETED" && !isContinuous(entry)) return over("not started", old, "it had finished its work");
  // A run that was killed before it had begun never was STOPPING (facts 3.2).
  if (old.stopping == null && old.status !== "KILLED") return over("not started", old, `it ended by itself as ${old.status} before it was stopped`);
  return null;
}

/** Active, in no ledger, and not the run of an earlier entry of the same program: each of them stands for one entry. */
function somebodyElses(entry: StartEntry, records: readonly RunRecord[], { entries, pending }: StartSight): RunRecord | null {
  const ours = new Set(entries.flatMap(({ mark, after }) => [mark, after]));
  const others = records.filter((record) => isActive(record.status) && !ours.has(record.runid) && !ours.has(markOf(record)));
  const place = pending.findIndex(({ mark }) => mark === entry.mark);
  return others[place] ?? null;
}
