import type { Component, Surroundings } from "../node.ts";
import type { TableMeta } from "../tablet-messages.ts";
import { Binlog } from "./binlog.ts";
import type { TabletFlags } from "./flags.ts";
import type { ReplicationPaces } from "./pace.ts";
import { TableFiles } from "./table-files.ts";
import { Table } from "./table.ts";
import { Tasks } from "./tasks.ts";

/** What the methods of one tablet share. */
export class TabletContext {
  readonly component: Component;
  readonly surroundings: Surroundings;
  readonly flags: TabletFlags;
  readonly paces: ReplicationPaces;
  readonly files: TableFiles;
  readonly tasks = new Tasks();
  /** SetMode: the whole tablet takes no writes of clients, and its leaders take those of other leaders. Forgotten by a restart. */
  isFollowerCluster = false;
  /** How often the catalog was read again. */
  catalogVersion = 1;
  readonly #tables = new Map<string, Table>();

  constructor(component: Component, surroundings: Surroundings, flags: TabletFlags, paces: ReplicationPaces) {
    this.component = component;
    this.surroundings = surroundings;
    this.flags = flags;
    this.paces = paces;
    this.files = new TableFiles(surroundings.disk, surroundings.clock, flags);
  }

  table(tid: number, pid: number): Table | null {
    return this.#tables.get(`${String(tid)}_${String(pid)}`) ?? null;
  }

  tables(): readonly Table[] {
    return [...this.#tables.values()];
  }

  /** Loading until it is told to serve. */
  open(meta: TableMeta): Table {
    const { surroundings, flags, paces, component } = this;
    const directory = this.files.directory(meta.tid, meta.pid, meta.storage_mode);
    const table = new Table(meta, directory, new Binlog(surroundings.disk, `${directory}/binlog`), {
      from: component.endpoint,
      clock: surroundings.clock,
      network: surroundings.network,
      flags,
      paces,
      log: (level, line) => {
        surroundings.log(level, line);
      },
    });
    this.#tables.set(`${String(meta.tid)}_${String(meta.pid)}`, table);
    return table;
  }

  /** The table, and its files with it. */
  drop(table: Table): void {
    table.stopNodes();
    this.#tables.delete(`${String(table.tid)}_${String(table.pid)}`);
    this.files.removeAll(table.tid, table.pid, table.directory);
    this.surroundings.log("INFO", `drop table ok. tid ${String(table.tid)} pid ${String(table.pid)}`);
  }

  exceedsMaxMemory(): boolean {
    const { maxMemoryMb } = this.flags;
    if (maxMemoryMb === 0) return false;
    let used = 0;
    for (const table of this.#tables.values()) used += table.rows.bytes;
    return used > maxMemoryMb * 1_048_576;
  }

  sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.surroundings.clock.after(ms, resolve);
    });
  }

  /** As long as a task of an operation takes that moves so many rows. */
  work(rows = 0): Promise<void> {
    const { task, rowsPerSecond } = this.component.durations;
    return this.sleep(task + (rows / rowsPerSecond) * 1_000);
  }
}
