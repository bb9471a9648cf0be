// The runs that an operator has named, stopped like those of a drain; one answer for each element of his input (CD-12 to CD-16).
import type { Look } from "../../../model/driver.ts";
import type { ProgramInput } from "../../../model/goal.ts";
import type { Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import { meaningOf, selectedOf, type Answer, type Meaning, type Selected } from "../ledger/inputs.ts";
import { appKey } from "../ledger/program-directory.ts";
import { isStuck, ledgerOf } from "../ledger/run-records.ts";
import type { Asked } from "../observe/runs.ts";
import type { LedgerRun, Program, StepParams, Stop } from "../step-names.ts";
import { steps } from "../steps.ts";
import type { RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { programText } from "../wire/programs.ts";
import type { Desk } from "./desk.ts";

export type StopAnswers = {
  /** One for each input, in its place. */
  readonly answers: readonly Answer[];
};
export const isAnswered = (proof: Json): proof is StopAnswers =>
  proof !== null && typeof proof === "object" && "answers" in proof && Array.isArray(proof["answers"]);

type Before = readonly Selected[];
const lanes = 16;
/** From the end of a run to the record of what a trigger starts then: CDAP reads its own events every 2 s (facts 2.1), and so does what starts. */
const triggerMs = 5_000;

export function stopPrograms(desk: Desk): NamedOperation<CdapFacts, StepParams["stopPrograms"]> {
  return operation<CdapFacts, StepParams["stopPrograms"], Before>("stopPrograms", {
    prepare: ({ inputs }) => {
      desk.pace.limit();
      return selectAll(desk, inputs);
    },
    look: async ({ stop, inputs }, { before }): Promise<Look> => {
      desk.pace.limit();
      const runs = [...new Map(before.flatMap((selected) => selected.runs).map((run) => [run.runId, run])).values()];
      // What `prepare` has just read is not read again: until something is in the journal, every further look would begin with another one.
      if (runs.some(({ runId }) => desk.book.of(runId) === null)) await desk.book.refresh(runs);
      const unseen = runs.filter(({ runId }) => desk.book.of(runId) === null);
      if (unseen.length > 0) return { is: "waiting", for: `the records of ${String(unseen.length)} runs` };
      const open = runs.filter(({ runId }) => !desk.book.isOver(runId) && !isStuckNow(desk, runId, stop));
      if (open.length > 0) return { is: "expand", into: [steps.stopRuns("runs", { runs, stop })] };
      const quietAt = Math.max(0, ...runs.map(({ runId }) => (desk.book.of(runId)?.record?.end ?? 0) * 1_000)) + triggerMs;
      if (desk.cluster.now() < quietAt) return { is: "waiting", for: "what the ends may have triggered" };
      const late = runs.length === 0 ? [] : await begunSince(desk, inputs, runs);
      return {
        is: "done",
        proof: { answers: inputs.map((_, index) => answerOf(desk, { input: index, before: before[index], late: late[index] ?? [], stop })) },
      };
    },
  });
}
const isStuckNow = ({ book, cluster }: Desk, runId: string, { budgetSeconds, grace }: Stop): boolean => {
  const record = book.of(runId)?.record ?? null;
  return record !== null && isStuck(record, budgetSeconds + (typeof grace === "number" ? grace : 0), cluster.now());
};

async function selectAll({ cluster: { api }, sight, directory, found }: Desk, inputs: readonly ProgramInput[]): Promise<Before> {
  const listed = await directory.list(namespacesOf(inputs));
  const meanings = inputs.map((input) => meaningOf(input, listed));
  // Children are known by their workflows' records: those of the same applications are read, too.
  const apps = new Set(meanings.flatMap((meaning) => ("wrong" in meaning ? [] : meaning.programs.map(appKey))));
  const suspicious: Asked[] = [];
  for (const [ns, own] of Map.groupBy(
    listed.apps.filter((each) => apps.has(appKey(each))),
    (each) => each.ns,
  )) {
    const some = await sight.runs.suspicious(ns, own);
    suspicious.push(...some);
    await inParallel(await sight.runs.unread(ns, some), lanes, (asked) => sight.runs.read(asked));
  }
  const ledger = ledgerOf(found(suspicious));
  const selected: Selected[] = [];
  for (const meaning of meanings) {
    const { ofVersion, named } = "wrong" in meaning ? { ofVersion: null, named: null } : await narrowed({ api, meaning, ledger });
    selected.push(selectedOf(meaning, ledger, ofVersion, named));
  }
  return selected;
}
/** A stop suspends no schedules: what a trigger, or somebody, has started of the same inputs since they were looked up is not in the ledger, and is said. */
async function begunSince(desk: Desk, inputs: readonly ProgramInput[], runs: readonly LedgerRun[]): Promise<readonly (readonly LedgerRun[])[]> {
  const known = new Set(runs.map(({ runId }) => runId));
  return (await selectAll(desk, inputs)).map((selected) => selected.runs.filter(({ runId }) => !known.has(runId)));
}
/** Null: inputs that name no namespace are of all. */
function namespacesOf(inputs: readonly ProgramInput[]): readonly string[] | null {
  const named = inputs.map(({ namespace, appId }) => namespace ?? (appId === undefined ? null : "default"));
  return named.some((name) => name === null) ? null : [...new Set(named.filter((name) => name !== null))];
}

interface Narrowing {
  readonly api: Desk["cluster"]["api"];
  readonly meaning: Exclude<Meaning, { readonly wrong: string }>;
  readonly ledger: readonly LedgerRun[];
}
/** Runs of the version that an input names, and the run that it names. */
async function narrowed({
  api,
  meaning,
  ledger,
}: Narrowing): Promise<{ readonly ofVersion: ReadonlySet<string> | null; readonly named: RunRecord | null }> {
  const { programs, version, runId } = meaning;
  const [program]: readonly (Program | undefined)[] = programs;
  const named = runId === null || program === undefined || ledger.some((run) => run.runId === runId) ? null : await api.run({ ...program, runId });
  if (version === null) return { ofVersion: null, named };
  const runs = await inParallel(programs, lanes, async (each) => (await api.runs(each, { version, limit: 1_000 })) ?? []);
  return { ofVersion: new Set(runs.flat().map(({ runid }) => runid)), named };
}

interface Told {
  readonly input: number;
  readonly before: Selected | undefined;
  /** Begun since, and not stopped. */
  readonly late: readonly LedgerRun[];
  readonly stop: Stop;
}
function answerOf(desk: Desk, { input, before, late, stop }: Told): Answer {
  if (before === undefined) return { input, statusCode: 500, error: "nothing is known of it", runs: [] };
  const running = late.map((run) => ({ program: programText(run), runId: run.runId, endState: run.status, seconds: null }));
  const again = late.length === 0 ? null : `${late.map(textOf).join(", ")} began after the stop: suspend what triggers it, and stop again`;
  if (before.answer !== null) return again === null ? { input, ...before.answer, runs: [] } : { input, statusCode: 409, error: again, runs: running };
  const runs = before.runs.map((run) => endOfNow(desk, run, stop));
  const stuck = runs.filter(({ endState }) => endState === "STUCK");
  const stays =
    stuck.length === 0 ? null : `${stuck.map(({ runId }) => runId).join(", ")} stays STOPPING: its controller is gone, and nothing ends it`;
  const wrong = [stays, again].filter((each) => each !== null);
  if (wrong.length === 0) return { input, statusCode: 200, runs };
  return { input, statusCode: stays === null ? 409 : 504, error: wrong.join("; "), runs: [...runs, ...running] };
}
const textOf = (run: LedgerRun): string => `${programText(run)} run ${run.runId}`;

function endOfNow(desk: Desk, run: LedgerRun, stop: Stop): Answer["runs"][number] {
  const record = desk.book.of(run.runId)?.record ?? null;
  const stuck = isStuckNow(desk, run.runId, stop);
  const end = stuck ? Math.round(desk.cluster.now() / 1000) : (record?.end ?? null);
  return {
    program: programText(run),
    runId: run.runId,
    endState: stuck ? "STUCK" : (record?.status ?? "VANISHED"),
    seconds: record?.stopping == null || end === null ? null : Math.max(0, end - record.stopping),
  };
}
