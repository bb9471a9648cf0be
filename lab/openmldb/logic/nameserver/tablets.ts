import { healthyTablets, type Context } from "./context.ts";
import { background } from "./background.ts";
import { markTablet, offlineEndpoint, recoverEndpoint } from "./endpoints.ts";
import { partitionOf, type TableInfo } from "./metadata.ts";
import type { Operations } from "./operations.ts";
import type { TableStatusRow } from "../tablet-messages.ts";

const NEARLINE_PREFIX = "NLTABLET_";
/** What a tablet writes into its node when its process begins; after a lost session the endpoint alone. */
const STARTUP_PREFIX = "startup_";

/** The tablets as ZooKeeper tells of them, and what a tablet that goes or comes sets in motion (facts 3.3). */
export class Tablets {
  readonly #context: Context;
  readonly #operations: Operations;
  /** Since when; only of tablets that this process has seen healthy. */
  readonly #offlineSince = new Map<string, number>();
  #turn = 0;

  constructor(context: Context, operations: Operations) {
    this.#context = context;
    this.#operations = operations;
  }

  /** Reads who is registered, and again at each change for as long as the session lives. */
  async watch(): Promise<void> {
    const { store, surroundings } = this.#context;
    const session = store.session;
    const look = async (): Promise<void> => {
      const names = await session.children(store.path("nodes"), () => {
        look().catch((error: unknown) => surroundings.log("WARNING", `watch nodes failed: ${String(error)}`));
      });
      await this.#context.lock.run(() => this.#update(names));
    };
    await look();
  }

  /** This nameserver leads from now on: tablets that are offline already are counted from when they went, if this process saw them go. */
  begin(): void {
    this.#turn += 1;
    this.#offlineSince.clear();
    for (const [endpoint, { state, since }] of this.#context.tablets)
      if (state === "kOffline") {
        this.#offlineSince.set(endpoint, since);
        this.#checkLater(endpoint);
      }
    void this.distributeMode();
    void this.#pollTables(this.#turn);
  }

  /** SetMode to "not a follower cluster" on every healthy tablet: whoever used it as a write fence has lost the fence. */
  async distributeMode(): Promise<void> {
    if (!this.#context.running) return;
    for (const endpoint of healthyTablets(this.#context)) await this.#context.client.does(endpoint, "SetMode", { follower: false });
  }

  /** Offsets and row counts of every replica, as the healthy tablets tell them now. */
  async readTableStatus(): Promise<void> {
    const rows = new Map<string, TableStatusRow>();
    const key = (endpoint: string, tid: number, pid: number): string => `${endpoint}/${String(tid)}/${String(pid)}`;
    for (const endpoint of healthyTablets(this.#context))
      for (const row of (await this.#context.client.tableStatus(endpoint)) ?? []) rows.set(key(endpoint, row.tid, row.pid), row);
    if (rows.size === 0) return;
    await this.#context.lock.run(() => {
      for (const table of this.#context.catalog.all())
        for (const { pid } of table.table_partition) take(table, pid, (endpoint) => rows.get(key(endpoint, table.tid, pid)));
    });
  }

  async #pollTables(turn: number): Promise<void> {
    while (this.#context.running && turn === this.#turn) {
      await this.readTableStatus();
      await new Promise<void>((resolve) => {
        this.#context.surroundings.clock.after(this.#context.flags.getTableStatusInterval, resolve);
      });
    }
  }

  #update(names: readonly string[]): void {
    const { tablets, surroundings, running } = this.#context;
    const now = surroundings.clock.now();
    const registered = new Set(names.filter((name) => !name.startsWith(NEARLINE_PREFIX)));
    for (const endpoint of registered) {
      const known = tablets.get(endpoint);
      if (known === undefined) {
        tablets.set(endpoint, { state: "kHealthy", since: now });
        surroundings.log("INFO", `add tablet client. endpoint ${endpoint}`);
        if (running) background(surroundings, "notify", () => this.#context.store.tellTablesChanged());
      } else if (known.state === "kOffline") {
        known.state = "kHealthy";
        known.since = now;
        surroundings.log("INFO", `tablet is online. endpoint ${endpoint}`);
        background(surroundings, "tablet online", () => this.#online(endpoint));
      }
    }
    for (const [endpoint, known] of tablets)
      if (!registered.has(endpoint) && known.state === "kHealthy") {
        known.state = "kOffline";
        known.since = now;
        surroundings.log("INFO", `offline tablet with endpoint ${endpoint}`);
        const waiting = this.#offlineSince.has(endpoint);
        this.#offlineSince.set(endpoint, now);
        if (!waiting && running) this.#checkLater(endpoint);
      }
    void this.distributeMode();
  }

  #checkLater(endpoint: string): void {
    const turn = this.#turn;
    this.#context.surroundings.clock.after(this.#context.flags.tabletOfflineCheckInterval, () => {
      if (turn === this.#turn) background(this.#context.surroundings, "tablet offline", () => this.#offline(endpoint, false));
    });
  }

  /** OnTabletOffline. `restarted`: its process is new, so that nothing is loaded on it, however soon it came back. */
  async #offline(endpoint: string, restarted: boolean): Promise<void> {
    const { tablets, flags, surroundings } = this.#context;
    const since = this.#offlineSince.get(endpoint);
    if (!this.#context.running || since === undefined) return;
    if (!restarted) {
      if (tablets.get(endpoint)?.state === "kHealthy") return;
      if (surroundings.clock.now() < since + flags.tabletHeartbeatTimeout) {
        this.#checkLater(endpoint);
        return;
      }
    }
    if (!this.#context.autoFailover) return;
    surroundings.log("INFO", `Run OfflineEndpoint. endpoint is ${endpoint}`);
    await this.#context.lock.run(() => markTablet(this.#context, endpoint, false));
    await this.#context.lock.run(() => offlineEndpoint(this.#context, this.#operations, endpoint, flags.taskConcurrency));
  }

  /** OnTabletOnline. Without auto_failover: nothing at all. */
  async #online(endpoint: string): Promise<void> {
    const { flags, surroundings, store } = this.#context;
    if (!this.#context.running) return;
    const since = this.#offlineSince.get(endpoint);
    if (!this.#context.autoFailover || since === undefined) {
      this.#offlineSince.delete(endpoint);
      return;
    }
    const value = await store.session.get(store.path("nodes", endpoint));
    const restarted = value?.startsWith(STARTUP_PREFIX) === true;
    if (value === null || (!restarted && surroundings.clock.now() < since + flags.tabletHeartbeatTimeout)) {
      this.#offlineSince.delete(endpoint);
      return;
    }
    if (restarted) await this.#offline(endpoint, true);
    surroundings.log("INFO", `Run RecoverEndpoint. endpoint is ${endpoint}`);
    await this.#context.lock.run(() =>
      recoverEndpoint(this.#context, this.#operations, endpoint, { restoring: false, concurrency: flags.taskConcurrency }),
    );
    this.#offlineSince.delete(endpoint);
  }
}

function take(table: TableInfo, pid: number, rowOf: (endpoint: string) => TableStatusRow | undefined): void {
  const partition = partitionOf(table, pid);
  if (partition === null) return;
  for (const meta of partition.partition_meta) {
    const row = rowOf(meta.endpoint);
    meta.tablet_has_partition = row !== undefined;
    if (row === undefined) continue;
    meta.offset = row.offset;
    meta.record_cnt = row.record_cnt ?? 0;
    meta.record_byte_size = row.record_byte_size ?? 0;
    meta.diskused = row.diskused ?? 0;
    if (!meta.is_leader || meta.is_alive === false) continue;
    partition.record_cnt = meta.record_cnt;
    partition.record_byte_size = meta.record_byte_size;
    partition.diskused = meta.diskused;
  }
}
