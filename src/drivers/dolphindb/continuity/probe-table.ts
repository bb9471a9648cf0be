// Where the probe's rows go: a database and table of its own, or a table that the operator has made for it.
import { StillwaterError } from "../../../model/errors.ts";
import type { Value } from "../rpc.ts";
import type { ColumnType, TypedTable } from "../wire/encode.ts";
import { probeColumns, type ProbeColumn } from "../wire/probe-scripts.ts";

export interface ProbeTable {
  /** `dfs://...` */
  readonly database: string;
  readonly table: string;
  /** Partitions that the probe chooses by itself; 0: the operator's table, which places rows by its own columns. */
  readonly lanes: number;
}
interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const own = new Map<string, ProbeColumn>(probeColumns.map(({ name }) => [name.toLowerCase(), name]));
/** A table of the probe's own; SYMBOL columns take STRING. */
export const ownColumns: readonly Column[] = probeColumns.map(({ name, type }) => ({ name, type: type === "symbol" ? "string" : type }));
const needed: readonly ProbeColumn[] = ["seq", "ts", "writer", "recordKey", "recordValue"];

const typesByName: Readonly<Record<string, ColumnType>> = {
  BOOL: "bool",
  INT: "int",
  LONG: "long",
  DOUBLE: "double",
  TIMESTAMP: "timestamp",
  DATE: "date",
  STRING: "string",
  SYMBOL: "string",
};
const fits: Readonly<Record<ProbeColumn, readonly ColumnType[]>> = {
  seq: ["long", "int"],
  ts: ["timestamp"],
  writer: ["string"],
  attempt: ["int", "long"],
  lane: ["int", "long"],
  recordKey: ["string"],
  recordValue: ["string"],
};

/** The columns of the operator's table, from `colDefs`. Error SW5001 for one that the probe cannot write. */
export function columnsFrom(colDefs: Value, table: string): readonly Column[] {
  const wrong = (what: string): StillwaterError =>
    new StillwaterError("SW5001", `the probe cannot write to ${table}: ${what}`, {
      object: table,
      remedy: `It needs the columns ${needed.join(", ")} (LONG, TIMESTAMP, SYMBOL or STRING, STRING, STRING); others are filled or left empty. Without \`table\` it makes one of its own.`,
    });
  if (colDefs === null || typeof colDefs !== "object" || !("is" in colDefs) || colDefs.is !== "table") throw wrong("its columns cannot be read");
  const column = (name: string): readonly Value[] => colDefs.data[colDefs.columns.indexOf(name)] ?? [];
  const texts = (name: string): readonly string[] => column(name).map((value) => (typeof value === "string" ? value : "?"));
  const types = texts("typeString");
  const columns = texts("name").map((name, index): Column => {
    const said = types[index] ?? "?";
    const type = typesByName[said];
    if (type === undefined) throw wrong(`column ${name} is of type ${said}`);
    return { name, type };
  });
  for (const name of needed) {
    const found = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) throw wrong(`it has no column ${name}`);
    if (!fits[name].includes(found.type)) throw wrong(`column ${name} is of type ${found.type.toUpperCase()}`);
  }
  return columns;
}

export interface ProbeRow {
  readonly seq: number;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly ts: number;
  readonly writer: string;
  /** Which send of the same row it is. */
  readonly attempt: number;
  readonly lane: number;
  readonly recordKey: string;
  readonly recordValue: string;
}

const dayMs = 86_400_000;

/** One row in the order of the table's columns. Columns of the operator's that the probe does not know: time columns have the time, others are empty. */
export const rowFor = (columns: readonly Column[], row: ProbeRow): TypedTable => ({
  is: "typed table",
  columns: columns.map(({ name, type }) => {
    const known = own.get(name.toLowerCase());
    return {
      name,
      type,
      items: [known !== undefined ? row[known] : type === "timestamp" ? row.ts : type === "date" ? Math.floor(row.ts / dayMs) : null],
    };
  }),
});
