// What this process has seen of runs. How a run ended never changes, so it is read once; the others are looked at again, each at most every two seconds, and more rarely the longer it takes.
import type { CdapApi, RunRecord } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";
import { isActive, type RunId } from "../wire/programs.ts";
import type { Pace } from "../wire/pace.ts";

/** `record` null: the server knows no such run. */
export interface Seen {
  readonly at: number;
  readonly record: RunRecord | null;
}
export interface RunBookOptions {
  readonly api: Pick<CdapApi, "run">;
  readonly pace: Pace;
  readonly now: () => number;
}
/** A run that is not over is worth another question after two seconds, and after a fiftieth of the time that it has been STOPPING. */
const againMs = { least: 2_000, most: 15_000, share: 0.02 } as const;
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
  note(record: RunRecord): void {
    this.#seen.set(record.runid, { at: this.#options.now(), record });
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
    const due = runs
      .filter(({ runId }) => !this.isOver(runId) && this.#dueAt(runId) <= now())
      .toSorted((a, b) => (this.#seen.get(a.runId)?.at ?? 0) - (this.#seen.get(b.runId)?.at ?? 0));
    let left = 0;
    await inParallel(due, lanes, async (run) => {
      if (pace.next > until) {
        left += 1;
        return;
      }
      const at = now();
      this.#seen.set(run.runId, { at, record: await api.run(run) });
    });
    return left === 0;
  }
}
