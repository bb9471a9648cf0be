// Numbers and widths of the types and forms on the wire (facts 3.5).
import { typeNumbers, type ScalarType } from "../value.ts";

export const forms = { scalar: 0, vector: 1, pair: 2, matrix: 3, set: 4, dictionary: 5, table: 6 } as const;

/** A vector of symbols whose strings stand once in front of it. */
export const SYMBOL_WITH_BASE = 145;

const byNumber = new Map(Object.entries(typeNumbers).map(([name, number]) => [number, name as ScalarType]));

/** The lab carries what its servers use; a client may send more. */
export class NotCarried extends Error {}

/** Throws NotCarried. */
export function typeOf(number: number): ScalarType {
  const found = byNumber.get(number);
  if (found === undefined) throw new NotCarried(`data type ${String(number)} is not carried by this lab`);
  return found;
}

/** How the values of a type lie on the wire; strings end with a zero byte. */
export type Layout = "none" | "i8" | "i16" | "i32" | "i64" | "f32" | "f64" | "string" | "blob" | "uuid" | "function" | "object";
const layouts: Readonly<Record<ScalarType, Layout>> = {
  void: "none",
  bool: "i8",
  char: "i8",
  short: "i16",
  int: "i32",
  long: "i64",
  date: "i32",
  month: "i32",
  time: "i32",
  minute: "i32",
  second: "i32",
  datetime: "i32",
  timestamp: "i64",
  nanotime: "i64",
  nanotimestamp: "i64",
  float: "f32",
  double: "f64",
  symbol: "string",
  string: "string",
  uuid: "uuid",
  functiondef: "function",
  any: "object",
  blob: "blob",
};
export const layoutOf = (type: ScalarType): Layout => layouts[type];

/** What stands for null. */
export const nulls = {
  i8: -128,
  i16: -32_768,
  i32: -(2 ** 31),
  i64: -(2n ** 63n),
  f32: -3.402_823_466_385_288_6e38,
  f64: -Number.MAX_VALUE,
} as const;
