// The users' programs: listed, stopped and started through plan, journal and ledger, with one answer for each element of what was asked for.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { runRecords } from "../journal/run-records.ts";
import { RunFold } from "../engine/run-fold.ts";
import type { RunRecord, Store } from "../journal/store.ts";
import type { FactTable, StepEvidence } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Grace, Kept, ProgramInput } from "../model/goal.ts";
import type { Json } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { evidenceOf } from "./conclude.ts";
import { keptBy } from "./maintenance.ts";
import { planCluster, type Planned } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

export type ProgramsRequest = {
  readonly overrides?: readonly { readonly code: string; readonly reason: string }[];
} & (
  | { readonly is: "stop"; readonly inputs: readonly ProgramInput[]; readonly grace: Grace }
  /** Without inputs: what the last stop has stopped. */
  | { readonly is: "start"; readonly inputs: readonly ProgramInput[] }
);
/** One for each element of the input, in its place. `statusCode` as of a batch call: 200, 400 nothing to stop, 404 not there, 409 runs already, 504 never ended. */
export interface ProgramAnswer {
  readonly input: Json;
  readonly statusCode: number;
  readonly error?: string;
  readonly runs: readonly { readonly program?: string; readonly runId: string; readonly endState: string; readonly seconds: number | null }[];
}

/** Errors of `planCluster`; SW1001 when the system has none of it or nothing is named, SW2005 when there is no stop to be put back. */
export async function planPrograms(workspace: Workspace, request: ProgramsRequest): Promise<Planned> {
  const { overrides = [], inputs } = request;
  if (request.is === "stop") {
    if (inputs.length === 0)
      throw new StillwaterError("SW1001", "No program is named.", { remedy: "Name it with --app, --program or --file, or say --all." });
    return planCluster(workspace, { maintenance: { is: "stop-programs", inputs, grace: request.grace }, overrides });
  }
  const token = randomUUID();
  const starting = (stopped: Kept): Promise<Planned> =>
    planCluster(workspace, { maintenance: { is: "start-programs", inputs, stopped, token }, overrides });
  return inputs.length > 0 ? starting([]) : startingLast(workspace, starting);
}

/** What the last stop has stopped. One that has stopped nothing, because all of it was stopped already, does not hide the one before. */
async function startingLast(workspace: Workspace, starting: (stopped: Kept) => Promise<Planned>): Promise<Planned> {
  const { cluster } = await workspace.definition();
  const store = await workspace.store();
  for (const record of await stopsLeft(store, cluster)) {
    try {
      return await starting(await keptBy(store, record));
    } catch (error) {
      if (!(error instanceof StillwaterError) || error.code !== "SW2109") throw error;
    }
  }
  throw new StillwaterError("SW2005", "No stop of programs is left to be put back.", {
    object: cluster,
    remedy: "Name the programs: --app and --program, or --file. What another journal stopped, only that journal knows.",
  });
}
/** Finished stops that no start of a ledger has followed, the newest first. */
async function stopsLeft(store: Store, cluster: string): Promise<readonly RunRecord[]> {
  const found: RunRecord[] = [];
  for await (const record of runRecords(store, cluster)) {
    const { maintenance } = record.plan.goal;
    const starts = maintenance?.is === "start-programs" && maintenance.inputs.length === 0;
    if (!starts && maintenance?.is !== "stop-programs") continue;
    const entries = await store.read(record.id, 0);
    const fold = new RunFold(
      record.plan.turns,
      entries.map(({ event }) => event),
    );
    if (fold.finished !== "succeeded") continue;
    if (starts) break;
    found.push(record);
  }
  return found;
}

/** Pure: from what the run's steps have proved. Empty while nothing is answered yet. */
export function programAnswers(
  { goal: { maintenance } }: Pick<Plan, "goal">,
  evidence: readonly Pick<StepEvidence, "proof">[],
): readonly ProgramAnswer[] {
  const inputs: readonly ProgramInput[] = maintenance !== undefined && "inputs" in maintenance ? maintenance.inputs : [];
  return evidence.flatMap(({ proof }) =>
    answersIn(proof).map(({ input, of, ...answer }): ProgramAnswer => ({ input: inputs[input] ?? of ?? null, ...answer })),
  );
}
type Told = Omit<ProgramAnswer, "input"> & { readonly input: number; readonly of?: ProgramInput };
const hasAnswers = (proof: Json): proof is Json & { readonly answers: readonly Told[] } =>
  proof !== null && typeof proof === "object" && "answers" in proof && Array.isArray(proof["answers"]);
const answersIn = (proof: Json): readonly Told[] => (hasAnswers(proof) ? proof.answers : []);

export async function answersOfRun(workspace: Workspace, run: number): Promise<readonly ProgramAnswer[]> {
  const store = await workspace.store();
  const record = await store.run(run);
  return record === null ? [] : programAnswers(record.plan, evidenceOf(record, await store.read(run, 0)));
}

/** What runs now, of all programs or of those in whose row every word stands. Error SW1001 where the system knows no such work. */
export async function listPrograms(workspace: Workspace, words: readonly string[]): Promise<FactTable> {
  const driver = await workspace.driver();
  const facts = await driver.inspect({ now: workspace.now() });
  const table = driver.tables?.(facts).find(({ name }) => name === "runs");
  if (table === undefined || !driver.maintenance?.includes("stop-programs"))
    throw new StillwaterError("SW1001", `Stillwater knows no programs of ${driver.system}.`, { object: driver.system });
  return {
    ...table,
    rows: table.rows.filter(({ cells }) => words.every((word) => cells.some((cell) => cell === word || cell.endsWith(`.${word}`)))),
  };
}

const text = z.string().min(1);
const elements = z.array(
  z.strictObject({
    namespace: text.exactOptional(),
    appId: text,
    appVersion: text.exactOptional(),
    programType: text.exactOptional(),
    programId: text.exactOptional(),
    runId: text.exactOptional(),
    runtimeargs: z.record(z.string(), z.string()).exactOptional(),
  }),
);

/** A file in the shape of a platform's own batch call: an array of objects with `appId`, `programType`, `programId` and more. Error SW1001. */
export function parseInputs(content: string, file: string): readonly ProgramInput[] {
  const wrong = (why: string): StillwaterError =>
    new StillwaterError("SW1001", `${file} is not a list of programs: ${why}.`, {
      object: file,
      remedy: '[{"appId": "APP", "programType": "Spark", "programId": "PROGRAM"}, ...]; more keys: namespace, appVersion, runId, runtimeargs.',
    });
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const parsed = elements.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(`${issue?.path.length ? `element ${issue.path.join(".")}: ` : ""}${issue?.message ?? "it is not understood"}`);
  }
  if (parsed.data.length === 0) throw wrong("it is empty");
  return parsed.data;
}
