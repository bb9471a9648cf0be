// No run without an end, of any version of any application, several times in a row: what is found is the ledger (facts 0.2, 0.3, 9). Statuses in batches tell
// which latest versions run; run records are read of these, and of every application that has older versions, which no status tells of: until none of them
// runs, because only latest versions start.
import type { Look } from "../../../model/driver.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { PatientSweep } from "../ledger/patient-sweep.ts";
import { isContinuous, isStuck, ledgerOf, stuckAfterSeconds, type Found } from "../ledger/run-records.ts";
import type { Asked } from "../observe/runs.ts";
import type { LedgerRun, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { programText } from "../wire/programs.ts";
import type { Desk } from "./desk.ts";

export type DrainProof = { readonly programs: number; readonly confirmations: number };
type Params = StepParams["drain"];

/** A complete look is believed for so long while the step is held. */
const freshMs = 60_000;
/** After a server that does not answer. */
const restMs = 10_000;

interface Under {
  readonly programs: number;
  readonly suspicious: readonly Asked[];
  /** Of those of which it must be read one by one what runs. */
  readonly sweep: PatientSweep<Asked>;
}

/** One drain as this process goes through it. */
class Draining {
  readonly #desk: Desk;
  readonly #params: Params;
  #under: Under | null = null;
  #confirmations = 0;
  #confirmedAt = 0;
  #programs = 0;

  constructor(desk: Desk, params: Params) {
    this.#desk = desk;
    this.#params = params;
  }

  async look(): Promise<Look> {
    const { confirmations, everyMs } = this.#params;
    const now = (): number => this.#desk.cluster.now();
    if (this.#confirmations >= confirmations && now() - this.#confirmedAt < freshMs) return this.#done();
    if (this.#under === null && this.#confirmations > 0 && now() - this.#confirmedAt < everyMs)
      return { is: "waiting", for: `nothing runs, seen ${String(this.#confirmations)} of ${String(confirmations)} times` };
    const found = await this.#look();
    if (typeof found === "string") return { is: "waiting", for: found };
    return this.#judge(found);
  }

  #done(): Look {
    return { is: "done", proof: { programs: this.#programs, confirmations: this.#params.confirmations } satisfies DrainProof };
  }

  #judge(found: readonly Found[]): Look {
    const { batch: batches, stop, confirmations } = this.#params;
    const now = (): number => this.#desk.cluster.now();
    const all = ledgerOf(found);
    const records = new Map(found.map(({ record }) => [record.runid, record]));
    const stuck = (run: LedgerRun): boolean => {
      const record = records.get(run.runId);
      return record !== undefined && isStuck(record, stop.budgetSeconds, now());
    };
    const waited = batches === "stop" ? [] : all.filter((run) => !isContinuous(run));
    const due = all.filter((run) => !waited.includes(run) && !stuck(run));
    if (all.length > 0) this.#confirmations = 0;
    if (due.length > 0) return { is: "expand", into: [steps.stopRuns("ledger", { runs: due, stop })] };
    if (waited.length > 0) return { is: "waiting", for: `${String(waited.length)} batch runs, until they have ended by themselves` };
    if (all.length > 0) return stuckLook(all, found, stop.budgetSeconds, now());
    this.#confirmations = Math.min(this.#confirmations + 1, confirmations);
    this.#confirmedAt = now();
    if (this.#confirmations >= confirmations) return this.#done();
    return { is: "waiting", for: `nothing runs, seen ${String(this.#confirmations)} of ${String(confirmations)} times` };
  }

  /** A text: what is still under way. */
  async #look(): Promise<readonly Found[] | string> {
    this.#under ??= await this.#begin();
    const { programs, suspicious, sweep } = this.#under;
    if (!(await sweep.slice())) return `run records of ${String(sweep.done)} of ${String(sweep.of)} programs are read`;
    this.#under = null;
    this.#programs = programs;
    return this.#desk.found(suspicious);
  }
  async #begin(): Promise<Under> {
    const { namespaces, apps } = this.#params;
    const { directory, sight, sweep } = this.#desk;
    const listed = await directory.list(namespaces, apps);
    const suspicious: Asked[] = [];
    const unread: Asked[] = [];
    for (const [ns, own] of Map.groupBy(listed.apps, (app) => app.ns)) {
      const some = await sight.runs.suspicious(ns, own);
      suspicious.push(...some);
      unread.push(...(await sight.runs.unread(ns, some)));
    }
    return { programs: listed.programs.length, suspicious, sweep: sweep(unread, (asked) => sight.runs.read(asked)) };
  }
}

/** Its controller is gone, so nothing ends it (facts 0.4): a person decides, and is told what is known. */
function stuckLook(runs: readonly LedgerRun[], found: readonly Found[], budgetSeconds: number, now: number): Look {
  const stopping = new Map(found.map(({ record }) => [record.runid, record.stopping ?? null]));
  return {
    is: "unclear",
    known: runs.map((run) => {
      const since = stopping.get(run.runId);
      const seconds = since == null ? "" : ` for ${String(Math.round(now / 1000 - since))} s`;
      return `${programText(run)} run ${run.runId} is STUCK: STOPPING${seconds}, and the server would have killed it after ${String(stuckAfterSeconds(budgetSeconds))} s`;
    }),
    unknown: ["whether its process still runs and writes: look for it on the cluster that runs it, and end it there"],
  };
}

export function drain(desk: Desk): NamedOperation<CdapFacts, Params> {
  const drains = new Map<string, Draining>();
  let notBefore = 0;
  return operation<CdapFacts, Params>("drain", {
    look: async (params): Promise<Look> => {
      desk.pace.limit();
      if (desk.cluster.now() < notBefore) return { is: "waiting", for: "CDAP, which did not answer" };
      const key = JSON.stringify(params);
      let draining = drains.get(key);
      if (draining === undefined) drains.set(key, (draining = new Draining(desk, params)));
      try {
        return await draining.look();
      } catch (error) {
        notBefore = desk.cluster.now() + restMs;
        throw error;
      }
    },
  });
}
