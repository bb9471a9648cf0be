// Values of the lab's servers: what functions take and return, and what the wire of the lab carries (facts 3.5).

export type ScalarType =
  | "void"
  | "bool"
  | "char"
  | "short"
  | "int"
  | "long"
  | "date"
  | "month"
  | "time"
  | "minute"
  | "second"
  | "datetime"
  | "timestamp"
  | "nanotime"
  | "nanotimestamp"
  | "float"
  | "double"
  | "symbol"
  | "string"
  | "uuid"
  | "blob"
  | "any"
  | "functiondef";

/** On the wire, and as schema() says it (facts 3.5). */
export const typeNumbers: Readonly<Record<ScalarType, number>> = {
  void: 0,
  bool: 1,
  char: 2,
  short: 3,
  int: 4,
  long: 5,
  date: 6,
  month: 7,
  time: 8,
  minute: 9,
  second: 10,
  datetime: 11,
  timestamp: 12,
  nanotime: 13,
  nanotimestamp: 14,
  float: 15,
  double: 16,
  symbol: 17,
  string: 18,
  uuid: 19,
  functiondef: 20,
  any: 25,
  blob: 32,
};

/** Null of any type is null; 64-bit types are bigint; temporal types are what the wire has. */
export type Atom = null | boolean | number | bigint | string;
export type LabValue =
  | { readonly form: "scalar"; readonly type: ScalarType; readonly value: Atom }
  | { readonly form: "vector"; readonly type: ScalarType; readonly items: readonly Atom[] }
  | { readonly form: "tuple"; readonly items: readonly LabValue[] }
  | { readonly form: "pair"; readonly type: ScalarType; readonly items: readonly [Atom, Atom] }
  | { readonly form: "set"; readonly type: ScalarType; readonly items: readonly Atom[] }
  | { readonly form: "dictionary"; readonly keys: LabValue; readonly values: LabValue }
  | {
      readonly form: "table";
      readonly name: string;
      readonly columns: readonly { readonly name: string; readonly type: ScalarType; readonly items: readonly Atom[] }[];
    };

export const nothing: LabValue = { form: "scalar", type: "void", value: null };
export const text = (value: string | null): LabValue => ({ form: "scalar", type: "string", value });
export const int = (value: number | null): LabValue => ({ form: "scalar", type: "int", value });
export const long = (value: bigint | null): LabValue => ({ form: "scalar", type: "long", value });
export const bool = (value: boolean | null): LabValue => ({ form: "scalar", type: "bool", value });
