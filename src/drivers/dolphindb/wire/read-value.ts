// Answers in the form that a question expects: an empty one is a value, a strange one is `Malformed`.
import type { Table, Value } from "../rpc.ts";
import { Malformed } from "./errors.ts";

const isTable = (value: Value): value is Table => typeof value === "object" && value !== null && "is" in value && value.is === "table";

export type Row = ReadonlyMap<string, Value>;

/** `columns`: what must be there; more may be. A null answer is a table without rows (DD-14). */
export function rowsOf(server: string, asked: string, value: Value, columns: readonly string[]): readonly Row[] {
  if (value === null) return [];
  if (!isTable(value)) throw new Malformed(server, `${asked} is not a table`);
  const missing = columns.filter((column) => !value.columns.includes(column));
  if (missing.length > 0) throw new Malformed(server, `${asked} has no column ${missing.join(", ")}`);
  const count = value.data[0]?.length ?? 0;
  return Array.from({ length: count }, (_, row) => new Map(value.columns.map((column, index) => [column, value.data[index]?.[row] ?? null])));
}
export function integerOf(server: string, asked: string, value: Value): number {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new Malformed(server, `${asked} is ${shown(value)}, not a whole number`);
}
export function textOf(server: string, asked: string, value: Value): string {
  if (typeof value === "string") return value;
  throw new Malformed(server, `${asked} is ${shown(value)}, not a text`);
}
export function truthOf(server: string, asked: string, value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw new Malformed(server, `${asked} is ${shown(value)}, not true or false`);
}
/** Null where the column is null, or absent in this release. */
export function integerIn(row: Row, column: string): number | null {
  const value = row.get(column);
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : null;
}
export function textIn(row: Row, column: string): string | null {
  const value = row.get(column);
  return typeof value === "string" ? value : null;
}

function shown(value: Value): string {
  if (value === null) return "nothing";
  if (typeof value !== "object") return JSON.stringify(typeof value === "bigint" ? String(value) : value);
  return "is" in value ? `a ${value.is}` : "a list";
}
