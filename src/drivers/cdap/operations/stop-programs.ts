// The runs that an operator has named, stopped like those of a drain; one answer for each element of his input (CD-12 to CD-16).
import type { Look } from "../../../model/driver.ts";
import type { ProgramInput } from "../../../model/goal.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import { meaningOf, selectedOf, type Answer, type Meaning, type Selected } from "../ledger/inputs.ts";
import { isStuck, ledgerOf, type Found } from "../ledger/run-records.ts";
import type { LedgerRun, Program, StepParams, Stop } from "../step-names.ts";
import { steps } from "../steps.ts";
import type { RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { programText } from "../wire/programs.ts";
import type { Desk } from "./desk.ts";

type Before = readonly Selected[];
const lanes = 16;

export function stopPrograms(desk: Desk): NamedOperation<CdapFacts, StepParams["stopPrograms"]> {
  return operation<CdapFacts, StepParams["stopPrograms"], Before>("stopPrograms", {
    prepare: ({ inputs }) => {
      desk.pace.limit();
      return selectAll(desk, inputs);
    },
    look: async ({ stop, inputs }, { before }): Promise<Look> => {
      const runs = [...new Map(before.flatMap((selected) => selected.runs).map((run) => [run.runId, run])).values()];
      // What `prepare` has just read is not read again: until something is in the journal, every further look would begin with another one.
      if (runs.some(({ runId }) => desk.book.of(runId) === null)) await desk.book.refresh(runs);
      const unseen = runs.filter(({ runId }) => desk.book.of(runId) === null);
      if (unseen.length > 0) return { is: "waiting", for: `the records of ${String(unseen.length)} runs` };
      const open = runs.filter(({ runId }) => !desk.book.isOver(runId) && !isStuckNow(desk, runId, stop));
      if (open.length > 0) return { is: "expand", into: [steps.stopRuns("runs", { runs, stop })] };
      return { is: "done", proof: { answers: inputs.map((_, index) => answerOf(desk, index, before[index], stop)) } };
    },
  });
}
const isStuckNow = ({ book, cluster }: Desk, runId: string, { budgetSeconds, grace }: Stop): boolean => {
  const record = book.of(runId)?.record ?? null;
  return record !== null && isStuck(record, budgetSeconds + (typeof grace === "number" ? grace : 0), cluster.now());
};

async function selectAll({ cluster: { api }, directory, book }: Desk, inputs: readonly ProgramInput[]): Promise<Before> {
  const listed = await directory.list(namespacesOf(inputs));
  const meanings = inputs.map((input) => meaningOf(input, listed));
  // Children are known by their workflows' records: those of the same applications are read, too.
  const apps = new Set(meanings.flatMap((meaning) => ("wrong" in meaning ? [] : meaning.programs.map(({ ns, app }) => `${ns}.${app}`))));
  const programs = listed.programs.filter(({ ns, app }) => apps.has(`${ns}.${app}`));
  const found: Found[] = [];
  await inParallel(await directory.suspicious({ ...listed, programs }, () => false), lanes, async (program) => {
    for (const record of (await api.activeRuns(program)) ?? []) {
      book.note(record);
      found.push({ ...program, record });
    }
  });
  const ledger = ledgerOf(found);
  const selected: Selected[] = [];
  for (const meaning of meanings) {
    const { ofVersion, named } = "wrong" in meaning ? { ofVersion: null, named: null } : await narrowed({ api, meaning, ledger });
    selected.push(selectedOf(meaning, ledger, ofVersion, named));
  }
  return selected;
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

function answerOf(desk: Desk, input: number, selected: Selected | undefined, stop: Stop): Answer {
  if (selected === undefined) return { input, statusCode: 500, error: "nothing is known of it", runs: [] };
  if (selected.answer !== null) return { input, ...selected.answer, runs: [] };
  const { book, cluster } = desk;
  const runs = selected.runs.map((run) => {
    const record = book.of(run.runId)?.record ?? null;
    const stuck = isStuckNow(desk, run.runId, stop);
    const end = stuck ? Math.round(cluster.now() / 1000) : (record?.end ?? null);
    return {
      program: programText(run),
      runId: run.runId,
      endState: stuck ? "STUCK" : (record?.status ?? "VANISHED"),
      seconds: record?.stopping == null || end === null ? null : Math.max(0, end - record.stopping),
    };
  });
  const stuck = runs.filter(({ endState }) => endState === "STUCK");
  return stuck.length === 0
    ? { input, statusCode: 200, runs }
    : {
        input,
        statusCode: 504,
        error: `${stuck.map(({ runId }) => runId).join(", ")} stays STOPPING: its controller is gone, and nothing ends it`,
        runs,
      };
}
