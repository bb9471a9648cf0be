import type { Signal } from "../journal/store.ts";
import type { RunEvent } from "../model/event.ts";
import type { Fence } from "../model/fence.ts";

/** What the engine is given from outside: time, the way to the cluster, the durability of its journal. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  now(): number;
  /** Returns after `ms`, or earlier when a signal came in. */
  sleep(ms: number): Promise<void>;
  /** Durable when it returns; proves the claim (ClaimLost) and refreshes `signal`. */
  append(events: readonly RunEvent[]): Promise<void>;
  /** As read by the last append or heartbeat. */
  signal(): Signal;
  /** Proves the claim, sets the deadline, passes the host's fence. */
  send<T>(via: string | null, effect: (fence: Fence) => T | Promise<T>): Promise<T>;
  /** After an effect without an answer: every host refuses frames that were stamped before. */
  raiseFences(): Promise<void>;
  /** Shown to people, never decided upon. */
  progress(step: string | null, state: string): void;
}
