// Which runs have no end yet, over all versions of every application (facts 0.2): asked in batches where the server has one, by program only where it must be.
import type { CdapRun } from "../facts.ts";
import { argumentsOf, childrenOf } from "../ledger/run-records.ts";
import { atATime, type CdapApi, type RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { isActive, type ProgramId, type ProgramType } from "../wire/programs.ts";

/** What was read is believed for so long by facts, in ms: statuses are asked for each time anyway. A ledger believes nothing that a batch call has not confirmed. */
const ageMs = 10_000;

export interface AppPrograms {
  readonly ns: string;
  readonly app: string;
  readonly latest: string;
  /** The server keeps older versions of it, whose runs the batch calls do not see. */
  readonly hasOlder: boolean;
  readonly programs: readonly { readonly type: ProgramType; readonly program: string }[];
}
export interface SeenRun {
  readonly run: CdapRun;
  readonly args: Readonly<Record<string, string>>;
}
/** A program that may have runs without an end. */
export interface Asked {
  readonly id: ProgramId;
  readonly app: AppPrograms;
}
interface Versioned {
  readonly record: RunRecord;
  /** Of its application; null: an older one than the latest. */
  readonly version: string | null;
}
interface Read {
  readonly at: number;
  readonly runs: readonly Versioned[];
}

export class RunObserver {
  readonly #api: CdapApi;
  readonly #now: () => number;
  readonly #read = new Map<string, Read>();
  /** Program to the latest version for which no older one had a run: only the latest can be started, so that stays so (facts 3.2). */
  readonly #settled = new Map<string, string>();
  constructor(api: CdapApi, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  /** For facts. */
  async active(ns: string, apps: readonly AppPrograms[]): Promise<readonly SeenRun[]> {
    const running = await this.suspicious(ns, apps);
    const unread = await this.unread(ns, running, ageMs);
    await inParallel(unread, atATime, (asked) => this.read(asked));
    return withParents(running.flatMap(({ id }) => (this.#read.get(keyOf(id))?.runs ?? []).map((each) => toldOf(id, each))));
  }

  /** Of which anything but STOPPED is said, and all of applications with older versions that may still run: of the others no run is without an end. */
  async suspicious(ns: string, apps: readonly AppPrograms[]): Promise<readonly Asked[]> {
    const all = apps.flatMap((app) => app.programs.map(({ type, program }): Asked => ({ id: { ns, app: app.app, type, program }, app })));
    const statuses = await this.#api.programStatuses(
      ns,
      all.map(({ id }) => id),
    );
    return all.filter(({ id, app }, index) => {
      if ((statuses[index] ?? "STOPPED") !== "STOPPED" || (app.hasOlder && this.#settled.get(keyOf(id)) !== app.latest)) return true;
      this.#read.delete(keyOf(id));
      return false;
    });
  }
  /** Those whose runs must be read one by one: nothing that is younger than `youngerMs` is known of them, and no batch call confirms what is. */
  async unread(ns: string, suspicious: readonly Asked[], youngerMs = 0): Promise<readonly Asked[]> {
    const due = suspicious.filter((asked) => !this.#isYounger(asked, youngerMs));
    const confirmed = await this.#confirm(ns, due);
    return due.filter((asked) => !confirmed.has(asked));
  }
  /** The runs of one program that have no end. */
  async read({ id, app }: Asked): Promise<void> {
    const at = this.#now();
    const records = (await this.#api.activeRuns(id)) ?? [];
    const ofLatest = app.hasOlder && records.length > 0 ? await this.#latestOf(id, app.latest) : null;
    const runs = records.map((record): Versioned => ({ record, version: ofLatest === null || ofLatest.has(record.runid) ? app.latest : null }));
    if (app.hasOlder && runs.every(({ version }) => version !== null)) this.#settled.set(keyOf(id), app.latest);
    this.#read.set(keyOf(id), { at, runs });
  }
  /** As last read or confirmed, and when. */
  known({ id }: Asked): { readonly at: number; readonly records: readonly RunRecord[] } {
    const { at, runs } = this.#read.get(keyOf(id)) ?? { at: this.#now(), runs: [] };
    return { at, records: runs.map(({ record }) => record) };
  }

  #isYounger({ id }: Asked, ms: number): boolean {
    const known = this.#read.get(keyOf(id));
    return known !== undefined && this.#now() - known.at < ms;
  }
  /** A program with one run, whose latest run is still that one, has no other: nothing has begun since it was read. */
  async #confirm(ns: string, due: readonly Asked[]): Promise<ReadonlySet<Asked>> {
    const single = due.flatMap((asked) => {
      const [only, more] = this.#read.get(keyOf(asked.id))?.runs ?? [];
      return only === undefined || more !== undefined || only.version !== asked.app.latest ? [] : [{ asked, only }];
    });
    const at = this.#now();
    const latest = await this.#api.latestRuns(
      ns,
      single.map(({ asked }) => asked.id),
    );
    const confirmed = new Set<Asked>();
    for (const [index, { asked, only }] of single.entries()) {
      const record = latest[index];
      if (record == null || record.runid !== only.record.runid || !isActive(record.status)) continue;
      this.#read.set(keyOf(asked.id), { at, runs: [{ record, version: only.version }] });
      confirmed.add(asked);
    }
    return confirmed;
  }
  async #latestOf(id: ProgramId, version: string): Promise<ReadonlySet<string>> {
    const records = (await this.#api.runs(id, { version, limit: 1_000 })) ?? [];
    return new Set(records.flatMap(({ runid, status }) => (isActive(status) ? [runid] : [])));
  }
}

interface Told extends SeenRun {
  readonly children: readonly string[];
}
const toldOf = (id: ProgramId, { record, version }: Versioned): Told => ({
  run: { ...id, runId: record.runid, status: record.status, version, childOf: null, since: sinceOf(record) },
  args: argumentsOf(record),
  children: id.type === "workflows" ? childrenOf(record) : [],
});

function withParents(told: readonly Told[]): readonly SeenRun[] {
  const parents = new Map(told.flatMap(({ run, children }) => children.map((child) => [child, run.runId] as const)));
  return told.map(({ run, args }) => ({ run: { ...run, childOf: parents.get(run.runId) ?? null }, args }));
}

function sinceOf({ status, starting, start, stopping, suspend, resume }: RunRecord): number | null {
  switch (status) {
    case "PENDING":
    case "STARTING":
      return starting ?? null;
    case "RUNNING":
      return resume ?? start ?? null;
    case "RESUMING":
      return resume ?? null;
    case "SUSPENDED":
      return suspend ?? null;
    case "STOPPING":
      return stopping ?? null;
    case "COMPLETED":
    case "FAILED":
    case "KILLED":
    case "REJECTED":
      return null;
  }
}
const keyOf = ({ ns, app, type, program }: ProgramId): string => `${ns} ${app} ${type} ${program}`;
