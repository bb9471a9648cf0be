import type { Durations } from "../node.ts";

/** How one follower is served. */
export interface Pace {
  /** An entry is not sent before it is so old, in milliseconds. */
  readonly delayMs: number;
  /** Entries a second; 0: none. */
  readonly perSecond: number;
}

/** Delay and bandwidth of replication by follower; faults change them while the tablet runs. */
export class ReplicationPaces {
  readonly #durations: Durations;
  readonly #set = new Map<string, Partial<Pace>>();

  constructor(durations: Durations) {
    this.#durations = durations;
  }

  /** `*`: all followers that have none of their own. */
  set(endpoint: string, pace: Partial<Pace>): void {
    this.#set.set(endpoint, pace);
  }

  clear(): void {
    this.#set.clear();
  }

  of(endpoint: string): Pace {
    const pace = this.#set.size === 0 ? undefined : (this.#set.get(endpoint) ?? this.#set.get("*"));
    return { delayMs: pace?.delayMs ?? this.#durations.replicationDelay, perSecond: pace?.perSecond ?? this.#durations.replicationPerSecond };
  }
}
