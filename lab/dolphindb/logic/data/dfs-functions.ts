import { bool, int, nothing, text, typeNumbers, type Atom, type ScalarType } from "../../value.ts";
import { convert, typeNamed } from "../../script/convert.ts";
import { operand } from "../../script/operations.ts";
import { column, symbols, tableOf, type FunctionTable, type Table, type TableHandle, type Value } from "../../script/values.ts";
import type { Catalog } from "../controller/catalog.ts";
import type { DatabaseMeta, PartitionLevel, PartitionType, TableMeta } from "../controller/metadata.ts";
import { atomAt, textAt } from "../functions/arguments.ts";
import { ServerError } from "../node.ts";
import type { Row } from "./chunk-store.ts";
import type { TableCatalog } from "./coordinator.ts";
import type { DataNode } from "./data-node.ts";
import { partitionOf } from "./partitions.ts";

/** Of functions whose arguments scripts give by name. */
export const dfsParameters: Readonly<Record<string, readonly string[]>> = {
  database: ["directory", "partitionType", "partitionScheme", "locations", "engine", "atomic", "chunkGranularity"],
  createPartitionedTable: [
    "dbHandle",
    "table",
    "tableName",
    "partitionColumns",
    "compressMethods",
    "sortColumns",
    "keepDuplicates",
    "sortKeyMappingFunction",
  ],
  loadTable: ["database", "tableName", "partitions", "memoryMode"],
};

/** Databases and tables of the distributed file system, as clients of data and compute nodes use them. */
export function dfsFunctions(node: DataNode): FunctionTable {
  const { link, coordinator } = node;
  const catalogOf = (database: string): Promise<Catalog> => link.ask<Catalog>("catalog", { database });
  return {
    database: async (session, args) => {
      const path = textAt(args, 0, "directory");
      if (!path.startsWith("dfs://")) throw new ServerError("The lab keeps databases in the distributed file system alone: dfs://NAME.");
      const exists = (await catalogOf(path)).databases.length > 0;
      if (isMissing(args[1])) {
        if (!exists) throw new ServerError(`The database [${path}] does not exist.`);
        return { form: "database", path };
      }
      if (exists) return { form: "database", path };
      if (session.user === null) throw new ServerError("<NoPrivilege>The current user is not granted to create databases.");
      const [engine, atomic] = [isMissing(args[4]) ? "OLAP" : textAt(args, 4, "engine"), isMissing(args[5]) ? "TRANS" : textAt(args, 5, "atomic")];
      if (engine !== "OLAP" && engine !== "TSDB" && engine !== "PKEY") throw new ServerError(`The engine ${engine} is not known.`);
      const database: DatabaseMeta = {
        path,
        levels: levelsOf(args[1], args[2]),
        engine,
        atomic: atomic === "CHUNK" ? "CHUNK" : "TRANS",
        createdBy: session.user,
      };
      await link.ask("propose", { do: "create-database", database });
      return { form: "database", path };
    },
    createPartitionedTable: async (session, args) => {
      const database = pathOf(args[0]);
      const shape = args[1];
      if (shape?.form !== "table") throw new ServerError("The argument table of createPartitionedTable must be a table.");
      if (session.user === null) throw new ServerError("<NoPrivilege>The current user is not granted to create tables.");
      const name = textAt(args, 2, "tableName");
      const found = await catalogOf(database);
      if (found.tables.some((one) => one.name === name)) throw new ServerError(`The table [${name}] already exists.`);
      const made: TableMeta = {
        database,
        name,
        columns: shape.columns.map((one) => ({ name: one.name, type: one.type })),
        partitionColumns: namesOf(args[3]),
        sortColumns: namesOf(args[5]),
        keepDuplicates: keepDuplicates(args[6]),
      };
      const levels = found.databases[0]?.levels ?? [];
      const unknown = made.partitionColumns.filter((each) => !made.columns.some((one) => one.name === each));
      if (unknown.length > 0 || made.partitionColumns.length !== levels.length)
        throw new ServerError("The partitioning columns do not fit the partitioning of the database.");
      if (found.databases[0]?.engine === "TSDB" && made.sortColumns.length === 0) throw new ServerError("A TSDB table needs sortColumns.");
      await link.ask("propose", { do: "create-table", table: made });
      return { form: "dfs-table", database, table: name };
    },
    loadTable: async (_, args) => {
      const [database, name] = [pathOf(args[0]), textAt(args, 1, "tableName")];
      await coordinator.shape(database, name);
      return { form: "dfs-table", database, table: name };
    },
    existsDatabase: async (_, args) => bool((await catalogOf(textAt(args, 0, "dbUrl"))).databases.length > 0),
    existsTable: async (_, args) => {
      const name = textAt(args, 1, "tableName");
      return bool((await catalogOf(pathOf(args[0]))).tables.some((one) => one.name === name));
    },
    dropDatabase: async (session, args) => {
      const path = pathOf(args[0]);
      if (session.user === null) throw new ServerError("<NoPrivilege>The current user is not granted to drop databases.");
      if ((await catalogOf(path)).databases.length === 0) throw new ServerError(`The database [${path}] does not exist.`);
      await link.ask("propose", { do: "drop-database", path });
      return nothing;
    },
    dropTable: async (session, args) => {
      if (session.user === null) throw new ServerError("<NoPrivilege>The current user is not granted to drop tables.");
      await link.ask("propose", { do: "drop-table", database: pathOf(args[0]), name: textAt(args, 1, "tableName") });
      return nothing;
    },
    getTables: async (_, args) => symbols((await catalogOf(pathOf(args[0]))).tables.map(({ name }) => name)),
    getClusterDFSDatabases: async () => symbols((await link.ask<Catalog>("catalog", {})).databases.map(({ path }) => path).sort()),
    getClusterDFSTables: async () =>
      symbols((await link.ask<Catalog>("catalog", {})).tables.map(({ database, name }) => `${database}/${name}`).sort()),
    tableInsert: async (_, args) => int(await insert(node, args)),
    "append!": async (_, args) => {
      await insert(node, args);
      return args[0] ?? nothing;
    },
    schema: async (_, args) => schemaOf(node, args[0]),
  };
}

/** All rows of a table, as one table. `equal`: partitions that cannot have such a row are not read. */
export async function readTable(node: DataNode, handle: TableHandle, equal: ReadonlyMap<string, Atom>): Promise<Table> {
  const catalog = await node.coordinator.catalog(handle.database, handle.table);
  const chunks = catalog.chunks.filter((chunk) => mayHold(catalog, chunk.partition, equal));
  return tableOfRows(catalog.table, await node.coordinator.read({ ...catalog, chunks }));
}
export async function deleteRows(node: DataNode, handle: TableHandle, isGone: (rows: Table) => Promise<readonly boolean[]>): Promise<void> {
  const catalog = await node.coordinator.catalog(handle.database, handle.table);
  await node.coordinator.remove(catalog, async (rows) => {
    const gone = await isGone(tableOfRows(catalog.table, rows));
    return rows.filter((_, at) => gone[at] !== true);
  });
}
export async function insertRows(node: DataNode, handle: TableHandle, given: Table): Promise<number> {
  const catalog = await node.coordinator.catalog(handle.database, handle.table);
  return node.coordinator.append(catalog, rowsFor(catalog.table, given));
}

async function insert(node: DataNode, args: readonly Value[]): Promise<number> {
  const [target, ...values] = args;
  const inMemory = node.shared.insert(target, values);
  if (inMemory !== null) return inMemory;
  if (target?.form !== "dfs-table")
    throw new ServerError("The first argument of tableInsert must be a shared table or a table of the distributed file system.");
  const catalog = await node.coordinator.shape(target.database, target.table);
  const [first] = values;
  if (values.length === 1 && first?.form === "table") return node.coordinator.append(catalog, rowsFor(catalog.table, first));
  const parts = values.length === 1 && first?.form === "tuple" ? first.items : values;
  const columns = parts.map((value, at) => {
    const { type, items } = operand(value);
    return column(catalog.table.columns[at]?.name ?? "", type, items);
  });
  return node.coordinator.append(catalog, rowsFor(catalog.table, { form: "table", name: "", columns }));
}
/** By position, as tableInsert does it; by name when every column is there under its name. */
function rowsFor(meta: TableMeta, given: Table): readonly Row[] {
  if (given.columns.length !== meta.columns.length)
    throw new ServerError(`The number of columns [${String(given.columns.length)}] differs from that of the table [${String(meta.columns.length)}].`);
  const columns = meta.columns.map(({ type }, at) => {
    const source = given.columns[at];
    const to = scalarType(type);
    return (source?.items ?? []).map((item) => convert(item, source?.type ?? to, to));
  });
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, row) => columns.map((items) => items[row] ?? null));
}
const scalarType = (type: string): ScalarType => typeNamed(type) ?? "string";
const tableOfRows = (meta: TableMeta, rows: readonly Row[]): Table => ({
  form: "table",
  name: "",
  columns: meta.columns.map(({ name, type }, at) =>
    column(
      name,
      scalarType(type),
      rows.map((row) => row[at] ?? null),
    ),
  ),
});
function mayHold({ database, table: meta }: TableCatalog, partition: string, equal: ReadonlyMap<string, Atom>): boolean {
  const keys = partition.split("/");
  return database.levels.every((one, at) => {
    const name = meta.partitionColumns[at] ?? "";
    const value = equal.get(name);
    if (value === undefined) return true;
    const type = meta.columns.find((each) => each.name === name)?.type ?? "";
    return partitionOf(one, value, type).key === keys[at];
  });
}

const isMissing = (value: Value | undefined): boolean =>
  value === undefined || (value.form === "scalar" && (value.value === null || value.value === ""));
function pathOf(value: Value | undefined): string {
  if (value?.form === "database") return value.path;
  if (value?.form === "scalar" && typeof value.value === "string") return value.value;
  throw new ServerError("A database handle or the path of a database is expected.");
}
const namesOf = (value: Value | undefined): readonly string[] => (value === undefined || isMissing(value) ? [] : operand(value).items.map(String));
function keepDuplicates(value: Value | undefined): TableMeta["keepDuplicates"] {
  const given = isMissing(value) ? "ALL" : String(atomAt([value ?? nothing], 0));
  if (given === "ALL" || given === "LAST" || given === "FIRST") return given;
  throw new ServerError(`keepDuplicates can't be ${given}.`);
}
/** A scheme of one level, or for COMPO a tuple of database handles, which the lab does not have: a tuple of schemes with their types instead. */
function levelsOf(type: Value | undefined, scheme: Value | undefined): readonly PartitionLevel[] {
  const kinds = namesOf(type);
  const schemes = kinds.length > 1 && scheme?.form === "tuple" ? scheme.items : [scheme];
  return kinds.map((kind, at) => {
    const known = (["VALUE", "RANGE", "HASH", "LIST"] as const satisfies readonly PartitionType[]).find((each) => each === kind);
    const given = schemes[at];
    if (known === undefined || given === undefined) throw new ServerError(`The partition type ${kind} is not supported.`);
    return level(known, given);
  });
}
function level(type: PartitionType, scheme: Value): PartitionLevel {
  if (type === "HASH") {
    const items = scheme.form === "tuple" ? scheme.items.map((item) => operand(item).items[0] ?? null) : operand(scheme).items;
    return { type, valueType: String(items[0] ?? "INT").toLowerCase(), domain: [String(items[1] ?? 1)] };
  }
  if (type === "LIST" && scheme.form === "tuple") {
    const groups = scheme.items.map(operand);
    return { type, valueType: groups[0]?.type ?? "string", domain: groups.map(({ items }) => items.map(String).join(",")) };
  }
  const { type: valueType, items } = operand(scheme);
  return { type, valueType, domain: items.map(String) };
}

async function schemaOf(node: DataNode, value: Value | undefined): Promise<Value> {
  if (value?.form === "dfs-table") {
    const { database, table: meta } = await node.coordinator.catalog(value.database, value.table);
    const definitions = columnDefinitions(meta.columns.map(({ name, type }) => ({ name, type: scalarType(type) })));
    return {
      form: "dictionary",
      keys: symbols(["colDefs", "partitionColumnName", "partitionTypeName", "engineType", "keepDuplicates", "sortColumns", "dbPath", "tableName"]),
      values: {
        form: "tuple",
        items: [
          definitions,
          meta.partitionColumns.length === 1 ? text(meta.partitionColumns[0] ?? "") : symbols(meta.partitionColumns),
          database.levels.length === 1 ? text(database.levels[0]?.type ?? "") : symbols(database.levels.map(({ type }) => type)),
          text(database.engine),
          text(meta.keepDuplicates),
          symbols(meta.sortColumns),
          text(database.path),
          text(meta.name),
        ],
      },
    };
  }
  if (value?.form === "table")
    return { form: "dictionary", keys: symbols(["colDefs"]), values: { form: "tuple", items: [columnDefinitions(value.columns)] } };
  throw new ServerError("schema needs a table.");
}
const columnDefinitions = (columns: readonly { readonly name: string; readonly type: ScalarType }[]): Table =>
  tableOf(columns, {
    name: ["string", ({ name }) => name],
    typeString: ["string", ({ type }) => type.toUpperCase()],
    typeInt: ["int", ({ type }) => typeNumbers[type]],
    comment: ["string", () => ""],
  });
