import type { ContinuityDefinition } from "./cluster.ts";
import type { Turn } from "./step.ts";

export const continuityKinds = ["insert", "compare-and-set", "delete"] as const;
export type ContinuityKind = (typeof continuityKinds)[number];

/** One write of the probe. `sequence` is its number in the probe's life; a compare-and-set and a delete name the key that an acknowledged insert made. */
export interface Attempt {
  readonly sequence: number;
  readonly kind: ContinuityKind;
  readonly partition: string;
  readonly key: string;
  /** The value to store: a text that carries its own checksum. Null for a delete. */
  readonly value: string | null;
  /** The value that a compare-and-set or a delete expects to find. */
  readonly expected: string | null;
}

/**
 * `unknown` (a time-out, a connection that broke after the send) is neither acknowledged nor refused. `silently`: the system answered without an error
 * and stored nothing, which a client that does not look closely takes for an acknowledgement.
 */
export type AttemptOutcome =
  | { readonly is: "acknowledged" }
  | { readonly is: "refused"; readonly why: string; readonly silently?: true }
  | { readonly is: "unknown"; readonly why: string };

export interface ContinuityOptions {
  readonly definition: ContinuityDefinition;
  /** Names the probe's own table or keyspace; the same over a resume. */
  readonly name: string;
  /** Of the plan that is carried out meanwhile; absent: the probe runs by itself. */
  readonly turns?: readonly Turn[];
}

/** What a replica says that it holds, where its records cannot be read one by one. */
export interface ReplicaCount {
  readonly replica: string;
  readonly partition: string;
  /** Rows that it holds now, and that it should. */
  readonly rows: number;
  readonly expected: number;
}
/** A server's clock against the one of this machine: how far it is ahead, give or take. */
export interface ServerClock {
  readonly server: string;
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
}

/** The client of one system, with its own records. Every method may be called again after it failed. */
export interface ContinuityClient {
  readonly kinds: readonly ContinuityKind[];
  /** Where its writes go, as a report tells it: `db1:5432, db2:5432`. */
  readonly route: string;
  /** How long the system's own clients may take over one write, with all that they try again, in ms. Absent: 2,000. */
  readonly deadlineMs?: number;
  /** Every partition, leader or chunk group that keys can be placed on. */
  partitions(): Promise<readonly string[]>;
  /** The partition that a key falls on, where the system decides it by the key. Absent: the client places a record where its attempt says. */
  partitionOf?(key: string): string;
  /** Creates the probe's own table; does nothing when it is there. */
  prepare(): Promise<void>;
  /**
   * Never throws: what went wrong is the outcome. `refused` only when the system's answer says that nothing happened. `again` is called before a request
   * that may have been carried out already is sent once more; false: that could not be written down, so it must not be sent.
   */
  attempt(attempt: Attempt, signal: AbortSignal, again: () => boolean): Promise<AttemptOutcome>;
  /** All records of the probe, key to value, on a fresh connection through the authoritative path. A record that is there twice appears again under a key of its own (`KEY#2`). */
  readAuthoritative(): Promise<ReadonlyMap<string, string>>;
  /** The same from each replica separately; a replica that does not answer is absent from the map. */
  readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** Replicas that answer but have not caught up, as they are: where lost records may still be found. Nothing that they lack counts against the cluster. */
  readLaggingReplicas?(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** The names that `readReplicas` should have. Absent: nobody knows, and a replica that is missing cannot be named. */
  replicas?(): Promise<readonly string[]>;
  /**
   * Where replicas cannot be read one by one: what each of them counts, once it says that it has all. Throws Unreachable with the names of those that do
   * not answer or do not catch up.
   */
  countReplicas?(): Promise<readonly ReplicaCount[]>;
  /** The clocks of the servers that answer. */
  clocks?(): Promise<readonly ServerClock[]>;
  /** Takes away an acknowledged record without telling the probe: the positive control. */
  removeBehindTheProbe(key: string): Promise<void>;
  /** What an acknowledgement means here: `synchronous: 2 standbys`, `asynchronous`. */
  durability(): Promise<string>;
  /** Removes the probe's own table. */
  cleanUp(): Promise<void>;
  close(): Promise<void>;
}
