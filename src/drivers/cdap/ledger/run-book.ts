// What this process has seen of runs. How a run ended never changes, so it is read once; the others are looked at again, by batch where the latest run of a
// program is the one in question, and more rarely the longer they take.
import type { CdapApi, RunRecord } from "../wire/api.ts";
import { CdapRefused } from "../wire/errors.ts";
import { inParallel } from "../wire/parallel.ts";
import { isActive, programText, type RunId } from "../wire/programs.ts";
import type { Pace } from "../wire/pace.ts";

/** `record` null: the server knows no such run. */
export interface Seen {
  readonly at: number;
  readonly record: RunRecord | null;
}
export interface RunBookOptions {
  readonly api: Pick<CdapApi, "run" | "latestRuns">;
  readonly pace: Pace;
  readonly now: () => number;
}
/** A run that is not over is worth another question after a second, and after a hundredth of the time that it has been STOPPING. */
const againMs = { least: 1_000, most: 10_000, share: 0.01 } as const;
const lanes = 16;

export class RunBook {
  readonly #options: RunBookOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: RunBookOptions) {
    this.#options = options;
  }
  of(runId: string): Seen | null {
    return this.#seen.get(runId) ?? null;
  }
  /** What some other question has shown. */
  note(record: RunRecord, at: number): void {
    this.#seen.set(record.runid, { at, record });
  }
  /** Ended, or gone. */
  isOver(runId: string): boolean {
    const seen = this.#seen.get(runId);
    return seen !== undefined && (seen.record === null || !isActive(seen.record.status));
  }

  #dueAt(runId: string): number {
    const seen = this.#seen.get(runId);
    if (seen === undefined) return 0;
    const stopping = seen.record?.stopping ?? null;
    const share = stopping === null ? 0 : againMs.share * (seen.at - stopping * 1_000);
    return seen.at + Math.min(againMs.most, Math.max(againMs.least, share));
  }

  /** Looks at those that are not over, those first that were looked at longest ago, for at most `forMs`. True: every one has been looked at recently. */
  async refresh(runs: readonly RunId[], forMs = 1_000): Promise<boolean> {
    const { api, pace, now } = this.#options;
    const until = now() + forMs;
    const due = runs.filter(({ runId }) => !this.isOver(runId) && this.#dueAt(runId) <= now());
    const single = (await this.#refreshLatest(due)).toSorted((a, b) => (this.#seen.get(a.runId)?.at ?? 0) - (this.#seen.get(b.runId)?.at ?? 0));
    let left = 0;
    await inParallel(single, lanes, async (run) => {
      if (pace.next > until) {
        left += 1;
        return;
      }
      const at = now();
      this.#seen.set(run.runId, { at, record: await api.run(run) });
    });
    return left === 0;
  }

  /** P8 tells the latest run of the latest version of each program, a hundred in one answer; those of which it tells another are left. */
  async #refreshLatest(due: readonly RunId[]): Promise<readonly RunId[]> {
    const { now } = this.#options;
    const left = new Set(due);
    for (const [ns, own] of Map.groupBy(due, (run) => run.ns)) {
      // One program with many runs is asked about once.
      const programs = [...new Map(own.map((run) => [programText(run), run])).values()];
      // A batch call for one program is no cheaper than its record.
      if (programs.length < 2) continue;
      const at = now();
      const latest = new Map((await this.#latest(ns, programs)).map((record) => [record.runid, record]));
      for (const run of own) {
        const record = latest.get(run.runId);
        if (record === undefined) continue;
        this.note(record, at);
        left.delete(run);
      }
    }
    return [...left];
  }
  /** A call that is refused as a whole, as for an application that is gone (facts 3.2), tells nothing of the others. */
  async #latest(ns: string, programs: readonly RunId[]): Promise<readonly RunRecord[]> {
    try {
      return (await this.#options.api.latestRuns(ns, programs)).filter((record) => record !== null);
    } catch (error) {
      if (error instanceof CdapRefused && (error.status === 404 || error.status === 400)) return [];
      throw error;
    }
  }
}
