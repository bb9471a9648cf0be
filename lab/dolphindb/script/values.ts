import type { Session } from "../logic/node.ts";
import { nothing, type Atom, type LabValue, type ScalarType } from "../value.ts";

export interface FunctionValue {
  readonly form: "function";
  readonly name: string;
  /** Arguments that partial application gave already, in front of all others; for calls on other nodes. */
  readonly bound?: readonly Value[];
  readonly apply: ServerFunction;
}
export interface DatabaseHandle {
  readonly form: "database";
  /** `dfs://name`. */
  readonly path: string;
}
export interface TableHandle {
  readonly form: "dfs-table";
  readonly database: string;
  readonly table: string;
}
/** What scripts work with: what the wire carries, functions and handles. */
export type Value = LabValue | FunctionValue | DatabaseHandle | TableHandle;
export type ServerFunction = (session: Session, args: readonly Value[]) => Value | Promise<Value>;
export type FunctionTable = Readonly<Record<string, ServerFunction>>;
export type Table = Extract<LabValue, { readonly form: "table" }>;
export type Column = Table["columns"][number];

export const symbols = (items: readonly string[]): LabValue => ({ form: "vector", type: "string", items });
export const vector = (type: ScalarType, items: readonly Atom[]): LabValue => ({ form: "vector", type, items });
export const scalar = (type: ScalarType, value: Atom): LabValue => ({ form: "scalar", type, value });
export const column = (name: string, type: ScalarType, items: readonly Atom[]): Column => ({ name, type, items });
export const table = (...columns: readonly Column[]): Table => ({ form: "table", name: "", columns });
export const rowsOf = ({ columns }: Table): number => columns[0]?.items.length ?? 0;

/** A table by rows: each column takes its value from the row. */
export const tableOf = <Row>(rows: readonly Row[], columns: Readonly<Record<string, readonly [ScalarType, (row: Row) => Atom]>>): Table =>
  table(...Object.entries(columns).map(([name, [type, value]]) => column(name, type, rows.map(value))));

/** What goes over the wire. */
export function wireValue(value: Value): LabValue {
  switch (value.form) {
    case "function":
      return { form: "scalar", type: "functiondef", value: value.name };
    case "database":
      return { form: "scalar", type: "string", value: value.path };
    case "dfs-table":
      return nothing;
    case "scalar":
    case "vector":
    case "tuple":
    case "pair":
    case "set":
    case "dictionary":
    case "table":
      return value;
  }
}
