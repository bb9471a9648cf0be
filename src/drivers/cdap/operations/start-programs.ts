// Programs started from a ledger, each entry once: a batch call answers with run ids, and every run carries the entry's mark among its runtime arguments, so
// that a lost answer is no reason to start it again (facts 3.2, P6).
import type { Acting, Look } from "../../../model/driver.ts";
import type { ProgramInput } from "../../../model/goal.ts";
import type { Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { Answer } from "../ledger/inputs.ts";
import { judgeStart, type StartJudgement, type StartOutcome } from "../ledger/judge-start.ts";
import { childrenOf, isContinuous, markArgument } from "../ledger/run-records.ts";
import type { PatientSweep } from "../ledger/patient-sweep.ts";
import type { Program, StartEntry, StepParams } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { chunksOf, inParallel } from "../wire/parallel.ts";
import { isActive, programText, programType, typeInBody } from "../wire/programs.ts";
import type { Desk } from "./desk.ts";

export type StartProof = {
  readonly started: readonly (StartEntry & StartOutcome)[];
  /** One for each entry, in its place. */
  readonly answers: readonly (Answer & { readonly of: ProgramInput })[];
};
export const isStartProof = (proof: Json): proof is StartProof =>
  proof !== null && typeof proof === "object" && "started" in proof && Array.isArray(proof["started"]);

/** A start that was answered shows up as a run record well within this; an answer that was lost, too. */
const settleMs = 30_000;
/** After 429: outstanding runs come to an end. */
const againMs = 5_000;
/** The same words so often: only a person can change that. */
const refusalsAtMost = 3;
/** Programs in one call. */
const batch = 20;
const calls = 4;

/** What this process has asked for; run records outlive it. */
interface Asked {
  at: number;
  refusals: number;
  words: string;
}

interface Under {
  readonly sweep: PatientSweep<readonly StartEntry[]>;
  readonly open: Map<string, StartJudgement>;
}

class Starting {
  readonly #desk: Desk;
  readonly #entries: readonly StartEntry[];
  readonly #asked = new Map<string, Asked>();
  readonly #outcomes = new Map<string, StartOutcome>();
  /** Since when a run that was to be stopped is seen running. */
  readonly #running = new Map<string, number>();
  /** The last judgement of what is not over. */
  #open = new Map<string, StartJudgement>();
  #sweep: Under | null = null;
  #lookedAt = 0;
  /** A batch was refused as a whole, perhaps for one of its programs. */
  #oneByOne = false;

  constructor(desk: Desk, entries: readonly StartEntry[]) {
    this.#desk = desk;
    this.#entries = entries;
  }

  async look(): Promise<Look> {
    const now = (): number => this.#desk.cluster.now();
    if (this.#sweep === null && this.#lookedAt > 0 && now() - this.#lookedAt < 1_000) return this.#verdict();
    this.#sweep ??= this.#begin();
    const { sweep, open } = this.#sweep;
    if (!(await sweep.slice())) return { is: "waiting", for: `run records of ${String(sweep.done)} of ${String(sweep.of)} programs are read` };
    this.#sweep = null;
    this.#open = open;
    this.#lookedAt = now();
    return this.#verdict();
  }

  #verdict(): Look {
    if (this.#open.size === 0) return { is: "done", proof: this.#proof() };
    const entries = this.#entries.filter(({ mark }) => this.#open.has(mark));
    const refused = entries.filter(({ mark }) => (this.#asked.get(mark)?.refusals ?? 0) >= refusalsAtMost);
    if (refused.length === entries.length) {
      const known = refused.map((entry) => `${programText(entry)} was not started: ${this.#asked.get(entry.mark)?.words ?? ""}`);
      for (const { mark } of refused) this.#asked.delete(mark);
      return { is: "unclear", known, unknown: ["whether they shall run: mend the cause and try again, or go on without them"] };
    }
    const due = this.#due();
    if (due.length > 0) return { is: "open", why: `${String(due.length)} of ${String(this.#entries.length)} to be started` };
    const words = entries.map((entry) => {
      const judged = this.#open.get(entry.mark);
      return judged?.is === "waiting"
        ? `${programText(entry)}: ${judged.for}`
        : `${programText(entry)} has been started, and its run does not show yet`;
    });
    return { is: "waiting", for: `${words.slice(0, 3).join("; ")}${words.length > 3 ? ` and ${String(words.length - 3)} more` : ""}` };
  }
  #proof(): StartProof {
    const started = this.#entries.flatMap((entry) => this.#proofOf(entry));
    return { started, answers: started.map((each, input) => answerOf(each, input)) };
  }
  #proofOf(entry: StartEntry): readonly (StartEntry & StartOutcome)[] {
    const outcome = this.#outcomes.get(entry.mark);
    return outcome === undefined ? [] : [{ ...entry, ...outcome }];
  }

  #due(): readonly StartEntry[] {
    const now = this.#desk.cluster.now();
    return this.#entries.filter(({ mark }) => {
      if (this.#open.get(mark)?.is !== "due") return false;
      const asked = this.#asked.get(mark);
      return asked === undefined || now - asked.at > (asked.refusals > 0 ? againMs : settleMs);
    });
  }

  #begin(): Under {
    const open = new Map<string, StartJudgement>();
    const left = this.#entries.filter(({ mark }) => !this.#outcomes.has(mark));
    const groups = [...Map.groupBy(left, (entry) => programText(entry)).values()];
    const sweep = this.#desk.sweep<readonly StartEntry[]>(groups, async (entries) => {
      for (const [entry, judged] of await this.#judged(entries))
        if (judged.is === "over") this.#outcomes.set(entry.mark, judged.outcome);
        else open.set(entry.mark, judged);
    });
    return { sweep, open };
  }

  /** All entries of one program. */
  async #judged(entries: readonly StartEntry[]): Promise<readonly (readonly [StartEntry, StartJudgement])[]> {
    const { cluster } = this.#desk;
    const [program] = entries;
    if (program === undefined) return [];
    const listed = await cluster.api.runs(program);
    const records = listed === null ? null : [...listed];
    for (const { after } of entries) {
      if (records === null || after === null || records.some(({ runid }) => runid === after)) continue;
      const old = await cluster.api.run({ ...program, runId: after });
      if (old !== null) records.push(old);
    }
    const children = await this.#children(program);
    const all = this.#entries.filter((entry) => programText(entry) === programText(program));
    return entries.map((entry) => [
      entry,
      judgeStart(entry, { records, entries: all, pending: entries, children, neverStopped: this.#neverStopped(entry.after, records ?? []) }),
    ]);
  }
  #neverStopped(after: string | null, records: readonly RunRecord[]): boolean {
    const old = records.find(({ runid }) => runid === after);
    if (after === null || old === undefined || !isActive(old.status) || old.status === "STOPPING") return false;
    const now = this.#desk.cluster.now();
    const since = this.#running.get(after) ?? now;
    this.#running.set(after, since);
    return now - since > settleMs;
  }
  /** What workflows of the same application have started: it comes with them, and alone it would do half of their work (facts 3.2). */
  async #children({ ns, app, type, program }: Program): Promise<ReadonlySet<string>> {
    if ((type !== "spark" && type !== "mapreduce") || isContinuous({ type, program })) return new Set();
    const { cluster, directory } = this.#desk;
    const { programs } = await directory.list(null, [{ ns, app }]);
    const children = new Set<string>();
    for (const workflow of programs.filter((each) => each.type === "workflows")) {
      for (const record of (await cluster.api.runs(workflow)) ?? []) for (const child of childrenOf(record)) children.add(child);
    }
    return children;
  }

  async act(context: Acting): Promise<void> {
    const calling: (readonly StartEntry[])[] = [];
    for (const own of Map.groupBy(this.#due(), ({ ns }) => ns).values())
      for (const wave of waves(own)) calling.push(...chunksOf(wave, this.#oneByOne ? 1 : batch));
    this.#oneByOne = false;
    await inParallel(calling, calls, (entries) => this.#start(entries, context));
  }
  async #start(entries: readonly StartEntry[], context: Acting): Promise<void> {
    const { cluster } = this.#desk;
    const [first] = entries;
    if (first === undefined) return;
    const at = cluster.now();
    const programs = entries.map((entry) => ({ ...entry, args: { ...entry.args, [markArgument]: entry.mark } }));
    const { status, words, items } = await context.send(cluster.api.via, (fence) => cluster.api.startPrograms(fence, first.ns, programs));
    if (status !== 200) {
      // Of a batch some may have been started all the same (facts 3.2): run records tell, and then one after the other.
      this.#oneByOne = true;
      for (const { mark } of entries) this.#note(mark, at, entries.length === 1 ? `${String(status)} ${words}` : null);
      return;
    }
    for (const entry of entries) {
      const item = items.find((each) => each.appId === entry.app && each.programId === entry.program && programType(each.programType) === entry.type);
      this.#note(entry.mark, at, item?.statusCode === 200 ? null : `${String(item?.statusCode ?? "no answer")} ${item?.error ?? ""}`);
    }
  }
  /** `words` null: it was started, or nobody knows. */
  #note(mark: string, at: number, words: string | null): void {
    const before = this.#asked.get(mark)?.refusals ?? 0;
    // Too many runs at once is no reason to give up.
    const counts = words !== null && !words.startsWith("429");
    this.#asked.set(mark, {
      at: words === null ? at : this.#desk.cluster.now(),
      refusals: words === null ? 0 : counts ? before + 1 : Math.max(1, before),
      words: words ?? "",
    });
  }
}

const statusOf: Readonly<Record<StartOutcome["is"], number>> = { started: 200, "runs already": 409, "not started": 409, gone: 404 };
function answerOf(each: StartEntry & StartOutcome, input: number): StartProof["answers"][number] {
  const { ns, app, type, program, is, runId, status, why, after } = each;
  return {
    input,
    of: { namespace: ns, appId: app, programType: typeInBody(type), programId: program, ...(after === null ? {} : { runId: after }) },
    statusCode: statusOf[is],
    ...(is === "started" ? {} : { error: `${is}: ${why}` }),
    runs: runId === null ? [] : [{ program: programText(each), runId, endState: status ?? "", seconds: null }],
  };
}

/** Each program at most once in a wave: items of an answer are matched by program. */
function waves(entries: readonly StartEntry[]): readonly (readonly StartEntry[])[] {
  const found: StartEntry[][] = [];
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const place = counts.get(programText(entry)) ?? 0;
    counts.set(programText(entry), place + 1);
    (found[place] ??= []).push(entry);
  }
  return found;
}

export function startPrograms(desk: Desk): NamedOperation<CdapFacts, StepParams["startPrograms"]> {
  const startings = new Map<string, Starting>();
  const of = ({ entries }: StepParams["startPrograms"]): Starting => {
    const key = entries.map(({ mark }) => mark).join(" ");
    let starting = startings.get(key);
    if (starting === undefined) startings.set(key, (starting = new Starting(desk, entries)));
    return starting;
  };
  return operation<CdapFacts, StepParams["startPrograms"]>("startPrograms", {
    settleMs,
    fenced: desk.cluster.api.via === null ? "unfenced" : "host",
    look: (params) => {
      desk.pace.limit();
      return of(params).look();
    },
    act: async (params, _, context) => {
      await of(params).act(context);
      return null;
    },
  });
}
