// What one process remembers of a move between two looks. A crash forgets it; then offsets are watched anew, and tries counted anew.
import type { Watching } from "./judge.ts";
import type { Observation, OperationView } from "./observation.ts";
import { StuckOperations } from "./stuck.ts";

/** Longer than a request that had passed its check when the fence came down needs to be written, milliseconds. */
export const restMs = 40;

/** A follower may lag so long before its partition gets a fence that lets replication go on, milliseconds. */
export const lagBudgetMs = 30_000;

interface Rest {
  readonly offset: number;
  readonly mode: string;
  readonly since: number;
  seen: number;
}

export class Tracker implements Watching {
  readonly #rests = new Map<string, Rest>();
  readonly #eligible = new Map<string, number>();
  readonly #lagging = new Set<string>();
  readonly #tries = new Map<string, number>();
  readonly #stuck = new StuckOperations();
  #now = 0;

  /** Takes in what was seen. */
  look({ now, partitions, operations }: Observation): void {
    this.#now = now;
    this.#stuck.look({ now, operations });
    for (const [key, { replicas }] of partitions)
      for (const { endpoint, own } of replicas) {
        const place = `${endpoint} ${key}`;
        if (typeof own === "string") {
          this.#rests.delete(place);
          continue;
        }
        const rest = this.#rests.get(place);
        if (rest !== undefined && rest.offset === own.offset && rest.mode === own.mode) rest.seen = now;
        else this.#rests.set(place, { offset: own.offset, mode: own.mode, since: now, seen: now });
      }
  }
  stable(endpoint: string, key: string): boolean {
    const rest = this.#rests.get(`${endpoint} ${key}`);
    return rest !== undefined && rest.seen - rest.since >= restMs;
  }

  /** These would begin if only their followers had everything. */
  eligible(keys: readonly string[]): void {
    for (const key of this.#eligible.keys()) if (!keys.includes(key)) this.#eligible.delete(key);
    for (const key of keys) {
      const since = this.#eligible.get(key) ?? this.#now;
      this.#eligible.set(key, since);
      if (this.#now - since > lagBudgetMs) this.#lagging.add(key);
    }
  }
  lags(key: string): boolean {
    return this.#lagging.has(key);
  }

  stuck(operation: OperationView): boolean {
    return this.#stuck.has(operation);
  }

  tried(key: string, what: "changeLeader" | "fence" | "recoverTable"): void {
    this.#tries.set(`${what} ${key}`, this.tries(key, what) + 1);
  }
  tries(key: string, what: "changeLeader" | "fence" | "recoverTable"): number {
    return this.#tries.get(`${what} ${key}`) ?? 0;
  }
}
