// What `watch` shows while the probe runs: counters, and what the last seconds were like. Kept small; the log is the truth.
import type { AttemptOutcome } from "../model/continuity.ts";

const recentSeconds = 5;

interface Second {
  readonly second: number;
  attempts: number;
  readonly latencies: number[];
}

export class Figures {
  attempts = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  /** Attempts that were due and not made, because of ourselves. */
  unsent = 0;
  holes = 0;
  holesMs = 0;
  lastProblem: string | null = null;
  readonly #acknowledgedBy = new Map<string, number>();
  readonly #lastBy = new Map<string, number>();
  #longestMs = 0;
  readonly #recent: Second[] = [];

  #second(at: number): Second {
    const second = Math.floor(at / 1000);
    const last = this.#recent.at(-1);
    if (last?.second === second) return last;
    const fresh: Second = { second, attempts: 0, latencies: [] };
    this.#recent.push(fresh);
    while ((this.#recent[0]?.second ?? second) < second - recentSeconds) this.#recent.shift();
    return fresh;
  }

  /** Times are monotonic milliseconds. */
  sent(partition: string, at: number): void {
    this.attempts++;
    this.#second(at).attempts++;
    if (!this.#lastBy.has(partition)) this.#lastBy.set(partition, at);
  }

  settled(partition: string, outcome: AttemptOutcome, at: number, latencyMs: number): void {
    switch (outcome.is) {
      case "acknowledged":
        this.acknowledged++;
        this.#acknowledgedBy.set(partition, (this.#acknowledgedBy.get(partition) ?? 0) + 1);
        this.#longestMs = Math.max(this.#longestMs, at - (this.#lastBy.get(partition) ?? at));
        this.#lastBy.set(partition, at);
        this.#second(at).latencies.push(latencyMs);
        return;
      case "refused":
        this.refused++;
        this.lastProblem = outcome.why;
        return;
      case "unknown":
        this.unknown++;
        this.lastProblem = outcome.why;
        return;
    }
  }

  acknowledgedOn(partition: string): number {
    return this.#acknowledgedBy.get(partition) ?? 0;
  }

  /** The worst partition's longest time without an acknowledgement, the one that still lasts included. */
  longestGapMs(now: number): number {
    return [...this.#lastBy.values()].reduce((longest, at) => Math.max(longest, now - at), this.#longestMs);
  }

  /** Attempts in the last full second, and the p99 of the last seconds. */
  recent(now: number): { readonly perSecond: number; readonly p99Ms: number | null } {
    const current = Math.floor(now / 1000);
    const latencies = this.#recent
      .filter(({ second }) => second >= current - recentSeconds)
      .flatMap((second) => second.latencies)
      .sort((a, b) => a - b);
    const p99 = latencies[Math.ceil(latencies.length * 0.99) - 1];
    return { perSecond: this.#recent.find(({ second }) => second === current - 1)?.attempts ?? 0, p99Ms: p99 === undefined ? null : round(p99) };
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
