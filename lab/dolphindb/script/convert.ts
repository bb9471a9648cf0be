import { ServerError } from "../logic/node.ts";
import type { Atom, ScalarType } from "../value.ts";
import { formatTemporal } from "./temporal.ts";

const TYPES: readonly ScalarType[] = [
  "bool",
  "char",
  "short",
  "int",
  "long",
  "date",
  "month",
  "time",
  "minute",
  "second",
  "datetime",
  "timestamp",
  "nanotime",
  "nanotimestamp",
  "float",
  "double",
  "symbol",
  "string",
  "uuid",
  "blob",
  "any",
];
/** Of `INT`, `int`. Null: not a type. */
export const typeNamed = (name: string): ScalarType | null => TYPES.find((type) => type === name.toLowerCase()) ?? null;
const WIDE: ReadonlySet<ScalarType> = new Set(["long", "timestamp", "nanotime", "nanotimestamp"]);
const TEXT: ReadonlySet<ScalarType> = new Set(["string", "symbol", "blob", "uuid"]);
const DAY_MS = 86_400_000n;

export function textOf(value: Atom, type: ScalarType): string {
  if (value === null) return "";
  return formatTemporal(value, type) ?? (typeof value === "boolean" ? (value ? "1" : "0") : String(value));
}

/** A value as a column of that type has it. Error for what cannot be converted. */
export function convert(value: Atom, from: ScalarType, to: ScalarType): Atom {
  if (value === null || from === to) return value;
  if (TEXT.has(to)) return textOf(value, from);
  if (to === "bool") return typeof value === "boolean" ? value : Number(value) !== 0;
  if (to === "float" || to === "double") return Number(value);
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isNaN(number))
    throw new ServerError(`The value ${String(value)} can't be converted to ${to.toUpperCase()}.`);
  if (from === "timestamp" && to === "date") return Number(BigInt(number) / DAY_MS);
  if (from === "date" && to === "timestamp") return BigInt(number) * DAY_MS;
  if (from === "datetime" && to === "timestamp") return BigInt(number) * 1_000n;
  if (from === "timestamp" && to === "datetime") return Number(BigInt(number) / 1_000n);
  return WIDE.has(to) ? BigInt(typeof number === "number" ? Math.trunc(number) : number) : Math.trunc(Number(number));
}
