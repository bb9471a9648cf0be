import type { CatalogTable, Column } from "../sdk/catalog.ts";
import type { Value } from "./statement.ts";
import { SqlError } from "./tokens.ts";

/** kInt32 of the protocol to Int32 of the REST face. */
export const typeName = (column: Column): string => column.data_type.replace(/^k/, "").replace("BigInt", "Int64").replace(/^Int$/, "Int32");

const INTEGER_BITS: Readonly<Record<string, number>> = { Int16: 16, Int32: 32, Int64: 64, Timestamp: 64 };

function fits(type: string, value: Value): boolean {
  switch (type) {
    case "Bool":
      return typeof value === "boolean";
    case "String":
      return typeof value === "string";
    case "Date":
      return typeof value === "string" && /^\d{4}-\d{1,2}-\d{1,2}$/.test(value);
    case "Float":
    case "Double":
      return typeof value === "number";
    default: {
      const bits = INTEGER_BITS[type];
      return bits !== undefined && typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** (bits - 1);
    }
  }
}

/** The values of one row in the order of the schema. Throws SqlError for a wrong number, a wrong type, and NULL where it may not be. */
export function rowOf(table: CatalogTable, names: readonly string[] | null, values: readonly unknown[]): readonly Value[] {
  const wanted = names?.length ?? table.columns.length;
  if (values.length !== wanted) throw new SqlError("column size != schema size");
  for (const name of names ?? []) columnAt(table, name);
  return table.columns.map((column, i) => {
    const at = names === null ? i : names.indexOf(column.name);
    const value = (at < 0 ? null : values[at]) as Value;
    if (value === null) {
      if (column.not_null === true) throw new SqlError(`column ${column.name} can't be null`);
      return null;
    }
    if (!fits(typeName(column), value)) throw new SqlError(`Translate to insert row failed: column ${column.name} of type ${typeName(column)}`);
    return value;
  });
}

export function columnAt(table: CatalogTable, name: string): number {
  const at = table.columns.findIndex((column) => column.name === name);
  if (at < 0) throw new SqlError(`column ${name} does not exist in table ${table.info.name}`);
  return at;
}

/** What a value is as a key of an index; empty and NULL have names of their own there. */
export function keyOf(value: Value): string {
  if (value === null) return "!N@U#L$L%";
  return value === "" ? "!@#$%" : String(value);
}

export const encoded = (row: readonly Value[]): string => JSON.stringify(row);
/** Rows that no SQL wrote (the driver's or the nameserver's own) may be any text. */
export function decoded(text: string): readonly Value[] {
  try {
    const row: unknown = JSON.parse(text);
    return Array.isArray(row) ? (row as readonly Value[]) : [text];
  } catch {
    return [text];
  }
}
