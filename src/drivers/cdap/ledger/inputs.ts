// What an operator has named, element by element: namespace, application, version, type, program, run (CD-11), and which runs that means now.
import type { ProgramInput } from "../../../model/goal.ts";
import type { LedgerRun, Program } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { programText, programType, type ProgramType } from "../wire/programs.ts";

/** One element of the result's array, for one element of the input, in its place. */
export type Answer = {
  readonly input: number;
  readonly statusCode: number;
  readonly error?: string;
  readonly runs: readonly { readonly program: string; readonly runId: string; readonly endState: string; readonly seconds: number | null }[];
};
/** Which programs an input means. A text: why it means none. */
export type Meaning =
  | { readonly programs: readonly Program[]; readonly version: string | null; readonly runId: string | null }
  | { readonly wrong: string };

export interface Known {
  readonly programs: readonly Program[];
}
const defaultNamespace = "default";

export function meaningOf(input: ProgramInput, { programs }: Known): Meaning {
  const { namespace, appId, appVersion = null, programType: typeName, programId, runId = null } = input;
  let type: ProgramType | null = null;
  if (typeName !== undefined) {
    type = programType(typeName);
    if (type === null) return { wrong: `400 '${typeName}' is no program type: mapreduce, services, spark, workers or workflows` };
  }
  if (runId !== null && (appId === undefined || type === null || programId === undefined))
    return { wrong: "400 a run is named with its application, program type and program" };
  if (appId === undefined && (programId !== undefined || appVersion !== null))
    return { wrong: "400 a program and a version are named with their application" };
  const ns = namespace ?? (appId === undefined ? null : defaultNamespace);
  const found = programs.filter(
    (each) =>
      (ns === null || each.ns === ns) &&
      (appId === undefined || each.app === appId) &&
      (type === null || each.type === type) &&
      (programId === undefined || each.program === programId),
  );
  if (found.length === 0 && appId !== undefined)
    return {
      wrong: `404 there is no ${programId === undefined ? `application ${ns ?? ""}.${appId}` : `program ${programId} of ${ns ?? ""}.${appId}`}`,
    };
  return { programs: found, version: appVersion, runId };
}

/** Whether an input means this program, or some of its runs. */
export function meansProgram(input: ProgramInput, program: Program): boolean {
  const meaning = meaningOf(input, { programs: [program] });
  return !("wrong" in meaning) && meaning.programs.length > 0;
}
/** Whether an input means this run. One of an older version, null, may be of any version that is named. */
export function meansRun(input: ProgramInput, run: Program & { readonly version: string | null; readonly runId: string }): boolean {
  const { appVersion = null, runId = null } = input;
  return (
    meansProgram(input, run) && (appVersion === null || run.version === null || appVersion === run.version) && (runId === null || runId === run.runId)
  );
}

/** What is known when a stop begins, journaled with it: for each input an answer that stands already, or the runs to be ended. */
export type Selected = { readonly answer: { readonly statusCode: number; readonly error: string } | null; readonly runs: readonly LedgerRun[] };

/** `ledger`: runs without an end of all the programs that are meant. `named`: the record of a run that the input names; null: there is none. */
export function selectedOf(meaning: Meaning, ledger: readonly LedgerRun[], ofVersion: ReadonlySet<string> | null, named: RunRecord | null): Selected {
  const none = (text: string): Selected => ({ answer: { statusCode: Number(text.slice(0, 3)), error: text.slice(4) }, runs: [] });
  if ("wrong" in meaning) return none(meaning.wrong);
  const names = new Set(meaning.programs.map(programText));
  const own = ledger.filter((run) => names.has(programText(run)) && (ofVersion === null || ofVersion.has(run.runId)));
  if (meaning.runId !== null) {
    const run = own.find(({ runId }) => runId === meaning.runId);
    if (run !== undefined) {
      const child = run.childOf === null ? null : `400 run ${run.runId} was started by the workflow run ${run.childOf}: stop the workflow`;
      return child === null ? { answer: null, runs: [run] } : none(child);
    }
    if (named === null) return none(`404 there is no run ${meaning.runId} of ${[...names].join(", ")}`);
    return none(`400 run ${meaning.runId} is not running: it is ${named.status}`);
  }
  if (own.length === 0)
    return none(`400 ${meaning.programs.length === 1 ? `${[...names].join("")} is not running` : "nothing of it runs"}: it is stopped already`);
  // Children that are named without their workflow end only with it (CD-13): nobody could stop them, and a stop would wait for ever.
  const alone = own.filter(({ childOf }) => childOf !== null && !own.some(({ runId }) => runId === childOf));
  const [child] = alone;
  if (child !== undefined && alone.length === own.length)
    return none(`400 run ${child.runId} was started by the workflow run ${child.childOf ?? ""}: stop the workflow`);
  // Several runs of one program: each by its run id (CD-13); children come with their workflow, wherever it is of.
  const parents = new Set(own.map(({ runId }) => runId));
  const children = ledger.filter(({ childOf, runId }) => childOf !== null && parents.has(childOf) && !parents.has(runId));
  return { answer: null, runs: [...own, ...children] };
}
