// A cluster in memory for tests: partitions with a primary copy and replicas, and every fault that the probe must see.
import { setTimeout as pause } from "node:timers/promises";
import {
  continuityKinds,
  type Attempt,
  type AttemptOutcome,
  type ContinuityClient,
  type ContinuityKind,
  type ReplicaCount,
} from "../model/continuity.ts";

export type FakeFault =
  | { readonly is: "refuses"; readonly why: string }
  /** Never answers. `happens`: the write takes place all the same. */
  | { readonly is: "hangs"; readonly happens: boolean }
  /** Says acknowledged, and forgets. */
  | { readonly is: "lies" }
  /** Says refused, and does it. */
  | { readonly is: "does what it refuses" }
  | { readonly is: "damages" }
  /** Answers without an error, and stores nothing. */
  | { readonly is: "skips" }
  /** An insert whose answer is lost is sent again, and stored twice. `told`: the client says so before. */
  | { readonly is: "stores twice"; readonly told: boolean };

export interface FakeOptions {
  readonly partitions?: readonly string[];
  readonly replicas?: readonly string[];
  readonly kinds?: readonly ContinuityKind[];
  readonly latencyMs?: number;
}

type Change = readonly [key: string, value: string | null];

export class FakeClient implements ContinuityClient {
  readonly kinds: readonly ContinuityKind[];
  readonly route = "fake";
  readonly store = new Map<string, string>();
  readonly replicaStores: Map<string, Map<string, string>>;
  /** Consulted for each attempt. */
  fault: (attempt: Attempt) => FakeFault | null = () => null;
  /** While set, changes do not reach the replicas. */
  lagging = false;
  closed = false;
  /** Thrown by every read and by `prepare`. */
  down: Error | null = null;
  readonly silentReplicas = new Set<string>();
  /** What the replicas count; null: they are not counted. */
  counts: readonly ReplicaCount[] | null = null;
  readonly seen: Attempt[] = [];
  readonly #options: FakeOptions;
  #behind: Change[] = [];

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.kinds = options.kinds ?? continuityKinds;
    this.replicaStores = new Map((options.replicas ?? []).map((name) => [name, new Map<string, string>()]));
  }

  async partitions(): Promise<readonly string[]> {
    return await Promise.resolve(this.#options.partitions ?? ["p"]);
  }

  async prepare(): Promise<void> {
    if (this.down !== null) throw this.down;
    await Promise.resolve();
  }

  async attempt(attempt: Attempt, signal: AbortSignal, again: () => boolean): Promise<AttemptOutcome> {
    this.seen.push(attempt);
    const fault = this.fault(attempt);
    if (this.#options.latencyMs !== undefined) await pause(this.#options.latencyMs);
    switch (fault?.is) {
      case "refuses":
        return { is: "refused", why: fault.why };
      case "hangs":
        if (fault.happens) this.#apply(attempt);
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        return { is: "unknown", why: "no answer" };
      case "lies":
        return { is: "acknowledged" };
      case "does what it refuses":
        this.#apply(attempt);
        return { is: "refused", why: "no" };
      case "damages":
        this.#write([attempt.key, `${attempt.value ?? ""}?`]);
        return { is: "acknowledged" };
      case "skips":
        return { is: "refused", why: "0 rows were stored", silently: true };
      case "stores twice":
        this.#apply(attempt);
        if (fault.told && !again()) return { is: "unknown", why: "not sent again" };
        if (attempt.kind === "insert") this.#write([`${attempt.key}#2`, attempt.value]);
        return { is: "acknowledged" };
      case undefined:
        return this.#apply(attempt) ? { is: "acknowledged" } : { is: "refused", why: "the record is not as expected" };
    }
  }

  #apply({ key, value, expected }: Attempt): boolean {
    if ((this.store.get(key) ?? null) !== expected) return false;
    this.#write([key, value]);
    return true;
  }

  #write(change: Change): void {
    this.#behind.push(change);
    put(this.store, change);
    if (!this.lagging) this.catchUp();
  }

  catchUp(): void {
    for (const change of this.#behind) for (const replica of this.replicaStores.values()) put(replica, change);
    this.#behind = [];
  }

  /** A replica takes over with what it has; the old primary copy becomes that replica's. */
  failover(name: string): void {
    const replica = new Map(this.replicaStores.get(name));
    this.#behind = [];
    this.store.clear();
    for (const [key, value] of replica) this.store.set(key, value);
  }

  async readAuthoritative(): Promise<ReadonlyMap<string, string>> {
    if (this.down !== null) throw this.down;
    return await Promise.resolve(new Map(this.store));
  }

  async readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    if (this.down !== null) throw this.down;
    return await Promise.resolve(
      new Map([...this.replicaStores].filter(([name]) => !this.silentReplicas.has(name)).map(([name, held]) => [name, new Map(held)])),
    );
  }

  async countReplicas(): Promise<readonly ReplicaCount[]> {
    if (this.down !== null) throw this.down;
    return await Promise.resolve(this.counts ?? []);
  }

  async replicas(): Promise<readonly string[]> {
    return await Promise.resolve([...this.replicaStores.keys()]);
  }

  async removeBehindTheProbe(key: string): Promise<void> {
    this.#write([key, null]);
    await Promise.resolve();
  }

  async durability(): Promise<string> {
    return await Promise.resolve("in memory");
  }

  async cleanUp(): Promise<void> {
    this.store.clear();
    await Promise.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.resolve();
  }
}

function put(store: Map<string, string>, [key, value]: Change): void {
  if (value === null) store.delete(key);
  else store.set(key, value);
}
