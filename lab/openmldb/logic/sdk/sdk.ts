import type { Clock } from "../../../kit/clock.ts";
import type { ZooKeeperPort, ZooKeeperSession } from "../../../kit/zookeeper.ts";
import type { PutRequest, ScanReply } from "../tablet-messages.ts";
import { WatchedCatalog, type Catalog, type CatalogTable } from "./catalog.ts";
import { NameserverClient } from "./nameserver-client.ts";
import { partitionOfKey } from "./partition-of-key.ts";
import { call, type Answer, type Caller } from "./rpc.ts";

export interface SdkOptions {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly zookeeper: ZooKeeperPort;
  readonly rootPath: string;
  /** Milliseconds. */
  readonly sessionTimeoutMs: number;
  /** How long after /table/notify the catalog is read again, in milliseconds. */
  readonly catalogRefreshMs: number;
  readonly log: (line: string) => void;
}

/** A tablet has answered, and not with 0: 103 (it follows), 453 (it is fenced), 100 (no such table), 104 (loading). The row was not taken. */
export class TabletRefused extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
/** The metadata names no leader for the partition: nothing was sent. */
export class NoTabletLeads extends Error {}

const RECONNECT_MS = 1_000;

/** What an OpenMLDB client does: it keeps a catalog, sends each row to the leader that the catalog names, and neither retries nor redirects (facts 4.1). */
export class Sdk {
  readonly nameserver: NameserverClient;
  readonly #options: SdkOptions;
  readonly #catalog: WatchedCatalog;
  #session: ZooKeeperSession | null = null;
  #closed = false;

  constructor(options: SdkOptions) {
    this.#options = options;
    this.#catalog = new WatchedCatalog(options.clock, options.rootPath, options.catalogRefreshMs, options.log);
    this.nameserver = new NameserverClient(options.caller, () => this.session(), options.rootPath);
  }

  get catalog(): Catalog {
    return this.#catalog.current;
  }

  /** Throws ZooKeeperError when there is no ZooKeeper. */
  async connect(): Promise<void> {
    const session = await this.#options.zookeeper.connect(this.#options.sessionTimeoutMs);
    this.#session = session;
    session.onExpired(() => {
      if (this.#session !== session) return;
      this.#session = null;
      this.#reconnect();
    });
    try {
      await this.#catalog.use(session);
    } catch (error) {
      this.#session = null;
      session.abandon();
      throw error;
    }
  }

  session(): Promise<ZooKeeperSession> {
    if (this.#session !== null) return Promise.resolve(this.#session);
    return Promise.reject(new Error("no session with ZooKeeper"));
  }

  refresh(): Promise<void> {
    return this.#catalog.refresh();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#catalog.stop();
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  partition(table: CatalogTable, key: string): number {
    return partitionOfKey(key, table.info.partition_num);
  }

  /** Throws NoTabletLeads, TabletRefused (not taken), NoReply and RpcFailure (not known, except `refused`). `ts`: milliseconds since 1970. */
  async put(table: CatalogTable, key: string, value: string, ts: number): Promise<void> {
    const pid = this.partition(table, key);
    const request: PutRequest = { tid: table.info.tid, pid, key, value, ts };
    await this.#leaderCall(table, pid, "Put", request);
  }

  /** All rows of that key. Throws as `put`. */
  async delete(table: CatalogTable, key: string, ts: number): Promise<void> {
    const pid = this.partition(table, key);
    const request: PutRequest = { tid: table.info.tid, pid, key, value: null, ts };
    await this.#leaderCall(table, pid, "Delete", request);
  }

  /** All rows of a partition, from its leader. Throws as `put`. */
  async scan(table: CatalogTable, pid: number): Promise<NonNullable<ScanReply["rows"]>> {
    const reply = await this.#leaderCall<ScanReply>(table, pid, "Scan", { tid: table.info.tid, pid });
    return reply.rows ?? [];
  }

  async #leaderCall<T extends Answer>(table: CatalogTable, pid: number, method: string, request: object): Promise<T> {
    const at = `tid ${table.info.tid} pid ${pid}`;
    const endpoint = table.leaders[pid] ?? null;
    if (endpoint === null) throw new NoTabletLeads(`${at}: no leader`);
    const answer = await call<T>(this.#options.caller, endpoint, "TabletServer", method, request);
    if (answer.code !== 0) throw new TabletRefused(answer.code, `${at}, tablet ${endpoint}: ${answer.msg ?? "refused"} (code ${answer.code})`);
    return answer;
  }

  #reconnect(): void {
    this.#options.clock.after(RECONNECT_MS, () => {
      if (this.#closed) return;
      this.connect().catch((error: unknown) => {
        this.#options.log(`ZooKeeper: ${error instanceof Error ? error.message : String(error)}`);
        this.#reconnect();
      });
    });
  }
}
