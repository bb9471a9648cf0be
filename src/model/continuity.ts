import type { ContinuityDefinition } from "./cluster.ts";

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

/** `unknown` (a time-out, a connection that broke after the send) is neither acknowledged nor refused. */
export type AttemptOutcome =
  | { readonly is: "acknowledged" }
  | { readonly is: "refused"; readonly why: string }
  | { readonly is: "unknown"; readonly why: string };

export interface ContinuityOptions {
  readonly definition: ContinuityDefinition;
  /** Names the probe's own table or keyspace; the same over a resume. */
  readonly name: string;
}

/** The client of one system, with its own records. Every method may be called again after it failed. */
export interface ContinuityClient {
  readonly kinds: readonly ContinuityKind[];
  /** Where its writes go, as a report tells it: `db1:5432, db2:5432`. */
  readonly route: string;
  /** Every partition, leader or chunk group that keys can be placed on. */
  partitions(): Promise<readonly string[]>;
  /** The partition that a key falls on, where the system decides it by the key. Absent: the client places a record where its attempt says. */
  partitionOf?(key: string): string;
  /** Creates the probe's own table; does nothing when it is there. */
  prepare(): Promise<void>;
  /** Never throws: what went wrong is the outcome. `refused` only when the system's answer says that nothing happened. */
  attempt(attempt: Attempt, signal: AbortSignal): Promise<AttemptOutcome>;
  /** All records of the probe, key to value, on a fresh connection through the authoritative path. A record that is there twice appears again under a key of its own (`KEY#2`). */
  readAuthoritative(): Promise<ReadonlyMap<string, string>>;
  /** The same from each replica separately; a replica that does not answer is absent from the map. */
  readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** Replicas that answer but have not caught up, as they are: where lost records may still be found. Nothing that they lack counts against the cluster. */
  readLaggingReplicas?(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** The names that `readReplicas` should have. Absent: nobody knows, and a replica that is missing cannot be named. */
  replicas?(): Promise<readonly string[]>;
  /** Takes away an acknowledged record without telling the probe: the positive control. */
  removeBehindTheProbe(key: string): Promise<void>;
  /** What an acknowledgement means here: `synchronous: 2 standbys`, `asynchronous`. */
  durability(): Promise<string>;
  /** Removes the probe's own table. */
  cleanUp(): Promise<void>;
  close(): Promise<void>;
}
