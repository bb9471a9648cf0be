import type { Clock } from "../../../kit/clock.ts";
import type { CatalogTable } from "../sdk/catalog.ts";
import type { Answer, Caller } from "../sdk/rpc.ts";
import type { Sdk } from "../sdk/sdk.ts";
import { COMPONENT_COLUMNS, components } from "./components.ts";
import { JOB_COLUMNS, jobRows } from "./jobs.ts";
import { columnAt, decoded, encoded, keyOf, rowOf, typeName } from "./rows.ts";
import type { Aggregate, Selection, Statement, TableName, Value, Where } from "./statement.ts";
import { TABLE_STATUS_COLUMNS, tableStatus } from "./table-status.ts";
import { SqlError } from "./tokens.ts";

/** `columns` are names, `schema` their types. */
export interface ResultSet {
  readonly columns: readonly string[];
  readonly schema: readonly string[];
  readonly data: readonly (readonly Value[])[];
}

const texts = (columns: readonly string[], data: readonly (readonly Value[])[]): ResultSet => ({
  columns,
  schema: columns.map(() => "String"),
  data,
});

/** Runs statements in the name of one client. */
export class Executor {
  readonly #sdk: Sdk;
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #root: string;
  readonly #seen = new Map<string, number>();

  constructor(sdk: Sdk, caller: Caller, clock: Clock, root: string) {
    this.#sdk = sdk;
    this.#caller = caller;
    this.#clock = clock;
    this.#root = root;
  }

  /** Null: done, no rows to show. Throws SqlError, what Sdk throws, and Error with the words of a nameserver that refuses. */
  async run(db: string, statement: Statement): Promise<ResultSet | null> {
    switch (statement.kind) {
      case "create-database":
      case "drop-database":
      case "create-table":
      case "drop-table":
        await this.#define(db, statement);
        return null;
      case "insert":
        await this.#insert(this.#table(db, statement.table), statement);
        return null;
      case "delete":
        await this.#delete(this.#table(db, statement.table), statement.where);
        return null;
      case "select":
        return await this.#select(this.#table(db, statement.table), statement);
      case "show-components":
        return texts(COMPONENT_COLUMNS, await components(this.#sdk, this.#root, this.#clock.now(), this.#seen));
      case "show-table-status":
        return texts(TABLE_STATUS_COLUMNS, await tableStatus(this.#sdk, this.#caller, db, statement.like));
      case "show-jobs": {
        const schema = ["Int32", "String", "String", "Timestamp", "Timestamp", "String", "String", "String", "String"];
        return { columns: JOB_COLUMNS, schema, data: await jobRows(this.#sdk, this.#caller, this.#root) };
      }
      case "show-databases":
        return texts(
          ["Databases"],
          (await this.databases()).map((name) => [name]),
        );
      case "show-tables":
        return texts(
          ["Tables"],
          this.#sdk.catalog.of(db).map(({ info }) => [info.name]),
        );
    }
  }

  async databases(): Promise<readonly string[]> {
    return (await this.#nameserver<Answer & { readonly db?: readonly string[] }>("ShowDatabase", {})).db ?? [];
  }

  /** One row with its time. Throws as `run`. */
  async put(table: CatalogTable, row: readonly Value[]): Promise<void> {
    const key = keyOf(row[table.keyColumn] ?? null);
    await this.#sdk.put(table, key, encoded(row), this.#clock.now());
  }

  /** Throws SqlError when the catalog has no such table. */
  table(db: string, name: string): CatalogTable {
    const table = this.#sdk.catalog.find(db, name);
    if (table === null) throw new SqlError(`table ${name} does not exist in database ${db}`);
    return table;
  }

  #table(db: string, { db: own, name }: TableName): CatalogTable {
    return this.table(own ?? db, name);
  }

  async #define(
    db: string,
    statement: Extract<Statement, { kind: "create-database" | "drop-database" | "create-table" | "drop-table" }>,
  ): Promise<void> {
    switch (statement.kind) {
      case "create-database":
        if (statement.unlessExists && (await this.databases()).includes(statement.name)) return;
        await this.#nameserver("CreateDatabase", { db: statement.name });
        return;
      case "drop-database":
        await this.#nameserver("DropDatabase", { db: statement.name });
        return;
      case "create-table":
        await this.#createTable(db, statement);
        break;
      case "drop-table": {
        const { name, db: own } = statement.table;
        if (statement.ifExists && this.#sdk.catalog.find(own ?? db, name) === null) return;
        await this.#nameserver("DropTable", { name, db: own ?? db });
        break;
      }
    }
    // The client that changed a table looks at once; others wait for the watch.
    await this.#sdk.refresh();
  }

  async #createTable(db: string, { table, unlessExists, columns, indexes, options }: Extract<Statement, { kind: "create-table" }>): Promise<void> {
    const database = table.db ?? db;
    if (unlessExists) {
      await this.#sdk.refresh();
      if (this.#sdk.catalog.find(database, table.name) !== null) return;
    }
    const [index = columns.slice(0, 1).map(({ name }) => name), ...more] = indexes;
    const [key] = index;
    if (key === undefined || index.length > 1 || more.length > 0) throw new SqlError("tables of the lab have one index, on one column");
    if (!columns.some(({ name }) => name === key)) throw new SqlError(`column ${key} of the index does not exist`);
    const number = (name: string): number | undefined => (options[name] === undefined ? undefined : Number(options[name]));
    const storage = typeof options["storage_mode"] === "string" ? options["storage_mode"].toLowerCase() : "memory";
    const modes: Readonly<Record<string, string>> = { memory: "kMemory", ssd: "kSSD", hdd: "kHDD" };
    if (modes[storage] === undefined) throw new SqlError(`unknown storage_mode ${storage}`);
    await this.#nameserver("CreateTable", {
      table_info: {
        name: table.name,
        db: database,
        partition_num: number("partitionnum"),
        replica_num: number("replicanum"),
        storage_mode: modes[storage],
        key_column: key,
        column_desc: columns.map(({ name, type, notNull }) => ({
          name,
          data_type: type === "Int64" ? "kBigInt" : type === "Int32" ? "kInt" : type === "Int16" ? "kSmallInt" : `k${type}`,
          not_null: notNull,
        })),
        column_key: [{ index_name: "INDEX_0", col_name: [key] }],
      },
    });
  }

  /** Rows go one by one; what was taken before a refusal stays. */
  async #insert(table: CatalogTable, { columns, rows }: Extract<Statement, { kind: "insert" }>): Promise<void> {
    const checked = rows.map((row) => rowOf(table, columns, row));
    for (const row of checked) await this.put(table, row);
  }

  async #delete(table: CatalogTable, { column, value }: Where): Promise<void> {
    if (columnAt(table, column) !== table.keyColumn) throw new SqlError(`delete by column ${column}: it is not the key of an index`);
    await this.#sdk.delete(table, keyOf(value), this.#clock.now());
  }

  async #select(table: CatalogTable, { selection, where, limit }: Extract<Statement, { kind: "select" }>): Promise<ResultSet> {
    const rows = await this.#rows(table, where);
    const limited = limit === null ? rows : rows.slice(0, limit);
    return selected(table, selection, limited, rows);
  }

  async #rows(table: CatalogTable, where: Where | null): Promise<readonly (readonly Value[])[]> {
    const at = where === null ? -1 : columnAt(table, where.column);
    const key = where !== null && at === table.keyColumn ? keyOf(where.value) : null;
    const pids = key === null ? Array.from({ length: table.info.partition_num }, (_, pid) => pid) : [this.#sdk.partition(table, key)];
    const scans = await Promise.all(pids.map((pid) => this.#sdk.scan(table, pid)));
    const rows = scans.flat().filter((row) => key === null || row.key === key);
    const values = rows.map(({ value }) => decoded(value));
    return where === null || key !== null ? values : values.filter((row) => row[at] === where.value);
  }

  async #nameserver<T extends Answer>(method: string, request: object): Promise<T> {
    const answer = await this.#sdk.nameserver.call<T>(method, request);
    if (answer.code !== 0) throw new SqlError(answer.msg ?? `${method}: code ${answer.code}`);
    return answer;
  }
}

function selected(table: CatalogTable, selection: Selection, rows: readonly (readonly Value[])[], all: readonly (readonly Value[])[]): ResultSet {
  switch (selection.kind) {
    case "all":
      return { columns: table.columns.map(({ name }) => name), schema: table.columns.map(typeName), data: rows };
    case "columns": {
      const at = selection.columns.map((name) => columnAt(table, name));
      const schema = at.map((i) => typeName(table.columns[i] ?? { name: "", data_type: "kString" }));
      return { columns: selection.columns, schema, data: rows.map((row) => at.map((i) => row[i] ?? null)) };
    }
    case "aggregate": {
      const { aggregate, column } = selection;
      const columns = [`${aggregate}(${column ?? "*"})`];
      if (column === null) return { columns, schema: ["Int64"], data: [[all.length]] };
      const at = columnAt(table, column);
      const values = all.flatMap((row) => (row[at] === null || row[at] === undefined ? [] : [row[at]]));
      const type = table.columns[at] === undefined ? "String" : typeName(table.columns[at]);
      return { columns, schema: [aggregate === "count" ? "Int64" : type], data: [[aggregated(aggregate, values)]] };
    }
  }
}

function aggregated(aggregate: Aggregate, values: readonly (string | number | boolean)[]): Value {
  switch (aggregate) {
    case "count":
      return values.length;
    case "max":
      return values.reduce<Value>((best, value) => (best === null || value > best ? value : best), null);
    case "min":
      return values.reduce<Value>((best, value) => (best === null || value < best ? value : best), null);
  }
}
