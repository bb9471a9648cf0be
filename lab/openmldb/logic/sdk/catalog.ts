import type { Clock, Timer } from "../../../kit/clock.ts";
import type { ZooKeeperSession } from "../../../kit/zookeeper.ts";
import { isAlive, type TableInfo } from "../nameserver/metadata.ts";

/** A column as it was declared. */
export interface Column {
  readonly name: string;
  readonly data_type: string;
  readonly not_null?: boolean;
}
export interface CatalogTable {
  readonly info: TableInfo;
  readonly columns: readonly Column[];
  readonly keyColumn: number;
  /** By pid: who leads by the metadata that this catalog was read from; null: nobody alive. */
  readonly leaders: readonly (string | null)[];
}

/** Tables and who leads their partitions, as one reading of ZooKeeper has them. */
export class Catalog {
  /** By `db.table`. */
  readonly #tables = new Map<string, CatalogTable>();
  readonly #names: ReadonlyMap<string, string>;

  /** `names`: server name to real endpoint. */
  constructor(tables: readonly TableInfo[], names: ReadonlyMap<string, string>) {
    this.#names = names;
    for (const info of tables) this.#tables.set(`${info.db}.${info.name}`, this.#entry(info));
  }

  /** Null: no such table. */
  find(db: string, name: string): CatalogTable | null {
    return this.#tables.get(`${db}.${name}`) ?? null;
  }

  of(db: string): readonly CatalogTable[] {
    return [...this.#tables.values()].filter(({ info }) => info.db === db);
  }

  real(endpoint: string): string {
    return this.#names.get(endpoint) ?? endpoint;
  }

  #entry(info: TableInfo): CatalogTable {
    const columns = (info.column_desc ?? []) as readonly Column[];
    const at = columns.findIndex(({ name }) => name === info.key_column);
    const leaders = Array.from({ length: info.partition_num }, (_, pid) => {
      // After a change of leader two rows say leader: the dead one is the old leader.
      const meta = info.table_partition.find((partition) => partition.pid === pid)?.partition_meta.findLast((one) => one.is_leader && isAlive(one));
      return meta === undefined ? null : this.real(meta.endpoint);
    });
    return { info, columns, keyColumn: Math.max(at, 0), leaders };
  }
}

export async function readCatalog(session: ZooKeeperSession, root: string): Promise<Catalog> {
  const [tids, servers] = await Promise.all([session.children(`${root}/table/db_table_data`), session.children(`${root}/map/names`)]);
  const [texts, endpoints] = await Promise.all([
    Promise.all(tids.map((tid) => session.get(`${root}/table/db_table_data/${tid}`))),
    Promise.all(servers.map((name) => session.get(`${root}/map/names/${name}`))),
  ]);
  const tables = texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as TableInfo]));
  return new Catalog(tables, new Map(servers.flatMap((name, i) => (endpoints[i] == null ? [] : [[name, endpoints[i]]]))));
}

const RETRY_MS = 1_000;

/**
 * The catalog that a client holds, and how it comes to know of changes: a watch on /table/notify, and then, after `refreshMs`, one reading. Until
 * then it says what it said before, also of a leader that leads no more (facts 4.1 (3)).
 */
export class WatchedCatalog {
  readonly #clock: Clock;
  readonly #root: string;
  readonly #refreshMs: number;
  readonly #log: (line: string) => void;
  #session: ZooKeeperSession | null = null;
  #current = new Catalog([], new Map());
  #readings = 0;
  #pending: Timer | null = null;

  constructor(clock: Clock, root: string, refreshMs: number, log: (line: string) => void) {
    this.#clock = clock;
    this.#root = root;
    this.#refreshMs = refreshMs;
    this.#log = log;
  }

  get current(): Catalog {
    return this.#current;
  }

  /** Reads it and watches from now on. Throws ZooKeeperError. */
  async use(session: ZooKeeperSession): Promise<void> {
    this.#session = session;
    await this.#watch();
    await this.refresh();
  }

  /** At once. Throws ZooKeeperError. */
  async refresh(): Promise<void> {
    if (this.#session === null) return;
    const reading = ++this.#readings;
    const read = await readCatalog(this.#session, this.#root);
    // A later reading that came back first is newer.
    if (reading === this.#readings) this.#current = read;
  }

  stop(): void {
    this.#pending?.cancel();
    this.#session = null;
  }

  async #watch(): Promise<void> {
    const session = this.#session;
    await session?.get(`${this.#root}/table/notify`, () => {
      if (this.#session === session) this.#later(this.#refreshMs);
    });
  }

  #later(ms: number): void {
    if (this.#pending !== null) return;
    this.#pending = this.#clock.after(ms, () => {
      this.#pending = null;
      void this.#again();
    });
  }

  async #again(): Promise<void> {
    try {
      // The watch first: what changes while it is read is read once more.
      await this.#watch();
      await this.refresh();
    } catch (error) {
      this.#log(`catalog: ${error instanceof Error ? error.message : String(error)}`);
      if (this.#session !== null) this.#later(RETRY_MS);
    }
  }
}
