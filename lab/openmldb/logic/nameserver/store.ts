import { ZooKeeperError, type ZooKeeperSession } from "../../../kit/zookeeper.ts";
import type { TableInfo } from "./metadata.ts";
import type { OpInfo } from "./operation.ts";

/** What survives a nameserver: ZooKeeper's tree below zk_root_path (facts 2.4). Tables and operations are JSON in the lab, protobuf in OpenMLDB. */
export class Store {
  readonly #root: string;
  #session: ZooKeeperSession | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  use(session: ZooKeeperSession): void {
    this.#session = session;
  }

  /** Throws CONNECTION_LOSS before the first session. */
  get session(): ZooKeeperSession {
    if (this.#session === null) throw new ZooKeeperError("CONNECTION_LOSS", this.#root);
    return this.#session;
  }

  path(...names: readonly string[]): string {
    return [this.#root, ...names].join("/");
  }

  /** Makes the tree that every nameserver expects. */
  async prepare(): Promise<void> {
    for (const name of ["leader", "nodes", "db", "map/names", "table/db_table_data", "op/op_data", "config"])
      await this.session.ensure(this.path(name));
  }

  /** The number of a counter node, which is made when it is absent. */
  async counter(name: string, initially: number): Promise<number> {
    const path = this.path(name);
    await this.session.ensure(path, String(initially));
    return Number(await this.session.get(path));
  }

  async autoFailover(initially: boolean): Promise<boolean> {
    const path = this.path("config/auto_failover");
    await this.session.ensure(path, String(initially));
    return (await this.session.get(path)) === "true";
  }

  async write(name: string, value: string): Promise<boolean> {
    return await succeeds(this.session.set(this.path(name), value));
  }

  async databases(): Promise<readonly string[]> {
    return await this.session.children(this.path("db"));
  }

  async addDatabase(db: string): Promise<boolean> {
    return await succeeds(this.session.create(this.path("db", db), ""));
  }

  async removeDatabase(db: string): Promise<boolean> {
    return await succeeds(this.session.remove(this.path("db", db)));
  }

  async tables(): Promise<readonly TableInfo[]> {
    return await this.#parsed<TableInfo>("table/db_table_data");
  }

  async addTable(table: TableInfo): Promise<boolean> {
    return await succeeds(this.session.create(this.#tablePath(table.tid), JSON.stringify(table)));
  }

  async removeTable(tid: number): Promise<boolean> {
    return await succeeds(this.session.remove(this.#tablePath(tid)));
  }

  async writeTableWithoutNotice(table: TableInfo): Promise<boolean> {
    return await succeeds(this.session.set(this.#tablePath(table.tid), JSON.stringify(table)));
  }

  /** SDKs, APIServers and tablets watch the counter that is raised afterwards. */
  async writeTable(table: TableInfo): Promise<boolean> {
    if (!(await this.writeTableWithoutNotice(table))) return false;
    await this.tellTablesChanged();
    return true;
  }

  async tellTablesChanged(): Promise<void> {
    const path = this.path("table/notify");
    await succeeds(
      (async () => {
        const value = await this.session.get(path);
        await this.session.set(path, String(Number(value ?? "1") + 1));
      })(),
    );
  }

  async operations(): Promise<readonly OpInfo[]> {
    return await this.#parsed<OpInfo>("op/op_data");
  }

  async addOperation(operation: OpInfo): Promise<boolean> {
    return await succeeds(this.session.create(this.#operationPath(operation.op_id), JSON.stringify(operation)));
  }

  async writeOperation(operation: OpInfo): Promise<boolean> {
    return await succeeds(this.session.set(this.#operationPath(operation.op_id), JSON.stringify(operation)));
  }

  async removeOperation(id: number): Promise<boolean> {
    return await succeeds(this.session.remove(this.#operationPath(id)));
  }

  #tablePath(tid: number): string {
    return this.path("table/db_table_data", String(tid));
  }

  #operationPath(id: number): string {
    return this.path("op/op_data", String(id));
  }

  async #parsed<T>(name: string): Promise<readonly T[]> {
    const names = await this.session.children(this.path(name));
    const values = await Promise.all(names.map((one) => this.session.get(this.path(name, one))));
    return values.flatMap((value) => (value === null ? [] : [JSON.parse(value) as T]));
  }
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof ZooKeeperError) return false;
    throw error;
  }
}
