// Which runs have no end yet, over all versions of every application (facts 0.2): asked in batches where the server has one, by program only where it must be.
import type { CdapRun } from "../facts.ts";
import { argumentsOf, childrenOf } from "../ledger/run-records.ts";
import { atATime, type CdapApi, type RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { isActive, type ProgramId, type ProgramType } from "../wire/programs.ts";

/** What was read is believed for so long, in ms: statuses are asked for each time anyway. */
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
interface Asked {
  readonly id: ProgramId;
  readonly app: AppPrograms;
}
interface Read {
  readonly at: number;
  readonly told: readonly Told[];
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

  async active(ns: string, apps: readonly AppPrograms[]): Promise<readonly SeenRun[]> {
    const all = apps.flatMap((app) => app.programs.map(({ type, program }): Asked => ({ id: { ns, app: app.app, type, program }, app })));
    const statuses = await this.#api.programStatuses(
      ns,
      all.map(({ id }) => id),
    );
    const running = all.filter(({ id, app }, index) => {
      if (statuses[index] !== "STOPPED" || (app.hasOlder && this.#settled.get(keyOf(id)) !== app.latest)) return true;
      this.#read.delete(keyOf(id));
      return false;
    });
    await this.#renew(ns, running);
    const found = await inParallel(running, atATime, async (asked): Promise<readonly Told[]> => {
      const known = this.#fresh(asked);
      if (known !== null) return known.told;
      const told = await this.#ask(asked);
      this.#read.set(keyOf(asked.id), { at: this.#now(), told });
      return told;
    });
    return withParents(found.flat());
  }

  #fresh({ id }: Asked): Read | null {
    const known = this.#read.get(keyOf(id));
    return known !== undefined && this.#now() - known.at < ageMs ? known : null;
  }
  /** A program with one run, whose latest run is still that one: a batch call tells. */
  async #renew(ns: string, running: readonly Asked[]): Promise<void> {
    const due = running.flatMap((asked) => {
      const [only, more] = this.#read.get(keyOf(asked.id))?.told ?? [];
      return only === undefined || more !== undefined || only.run.version === null || this.#fresh(asked) !== null ? [] : [{ asked, only }];
    });
    const latest = await this.#api.latestRuns(
      ns,
      due.map(({ asked }) => asked.id),
    );
    for (const [index, { asked, only }] of due.entries()) {
      const record = latest[index];
      if (record == null || record.runid !== only.run.runId || !isActive(record.status)) continue;
      this.#read.set(keyOf(asked.id), { at: this.#now(), told: [toldOf(asked.id, record, only.run.version)] });
    }
  }

  async #ask({ id, app }: Asked): Promise<readonly Told[]> {
    const records = (await this.#api.activeRuns(id)) ?? [];
    const ofLatest = app.hasOlder && records.length > 0 ? await this.#latestOf(id, app.latest) : null;
    const told = records.map((record) => toldOf(id, record, ofLatest === null || ofLatest.has(record.runid) ? app.latest : null));
    if (app.hasOlder && told.every(({ run }) => run.version !== null)) this.#settled.set(keyOf(id), app.latest);
    return told;
  }
  async #latestOf(id: ProgramId, version: string): Promise<ReadonlySet<string>> {
    const records = (await this.#api.runs(id, { version, limit: 1_000 })) ?? [];
    return new Set(records.flatMap(({ runid, status }) => (isActive(status) ? [runid] : [])));
  }
}
const toldOf = (id: ProgramId, record: RunRecord, version: string | null): Told => ({
  run: { ...id, runId: record.runid, status: record.status, version, childOf: null, since: sinceOf(record) },
  args: argumentsOf(record),
  children: id.type === "workflows" ? childrenOf(record) : [],
});
interface Told extends SeenRun {
  readonly children?: readonly string[];
}

function withParents(told: readonly Told[]): readonly SeenRun[] {
  const parents = new Map(told.flatMap(({ run, children = [] }) => children.map((child) => [child, run.runId] as const)));
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
