// Operators over scalars and vectors. A null is smaller than everything, and makes arithmetic null.
import { ServerError } from "../logic/node.ts";
import type { Atom, LabValue, ScalarType } from "../value.ts";
import { scalar, vector, type Value } from "./values.ts";

/** Scalars stand for as many items as the other side has. */
export type Operand = { readonly type: ScalarType; readonly items: readonly Atom[]; readonly isScalar: boolean };
const WIDE: ReadonlySet<ScalarType> = new Set(["long", "timestamp", "nanotime", "nanotimestamp"]);
const TEMPORAL: ReadonlySet<ScalarType> = new Set([
  "date",
  "month",
  "time",
  "minute",
  "second",
  "datetime",
  "timestamp",
  "nanotime",
  "nanotimestamp",
]);
const TEXT: ReadonlySet<ScalarType> = new Set(["string", "symbol", "blob", "uuid"]);
const isText = (type: ScalarType): boolean => TEXT.has(type);

/** Error for a value that is neither. */
export function operand(value: Value): Operand {
  switch (value.form) {
    case "scalar":
      return { type: value.type, items: [value.value], isScalar: true };
    case "vector":
    case "pair":
    case "set":
      return { type: value.type, items: value.items, isScalar: false };
    case "tuple":
    case "dictionary":
    case "table":
    case "function":
    case "database":
    case "dfs-table":
      throw new ServerError(`The operator does not take a ${value.form}.`);
  }
}
export const valueOf = ({ type, items, isScalar }: Operand): LabValue => (isScalar ? scalar(type, items[0] ?? null) : vector(type, items));

/** Below 0: a comes first. */
export function compare(a: Atom, b: Atom): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === "string" || typeof b === "string") return String(a) < String(b) ? -1 : String(a) === String(b) ? 0 : 1;
  const [left, right] = [typeof a === "boolean" ? Number(a) : a, typeof b === "boolean" ? Number(b) : b];
  return left < right ? -1 : left > right ? 1 : 0;
}
export const isTrue = (value: Atom): boolean => value === true || ((typeof value === "number" || typeof value === "bigint") && Number(value) !== 0);

export function binary(operator: string, left: Value, right: Value): LabValue {
  if (operator === "in") return within(left, right);
  if (operator === ":") return { form: "pair", type: operand(left).type, items: [operand(left).items[0] ?? null, operand(right).items[0] ?? null] };
  if (operator === "..") return range(operand(left), operand(right));
  const [a, b] = [operand(left), operand(right)];
  switch (operator) {
    case "==":
      return each("bool", a, b, (x, y) => compare(x, y) === 0);
    case "!=":
      return each("bool", a, b, (x, y) => compare(x, y) !== 0);
    case "<":
      return each("bool", a, b, (x, y) => compare(x, y) < 0);
    case ">":
      return each("bool", a, b, (x, y) => compare(x, y) > 0);
    case "<=":
      return each("bool", a, b, (x, y) => compare(x, y) <= 0);
    case ">=":
      return each("bool", a, b, (x, y) => compare(x, y) >= 0);
    case "&&":
    case "and":
      return each("bool", a, b, (x, y) => isTrue(x) && isTrue(y));
    case "||":
    case "or":
      return each("bool", a, b, (x, y) => isTrue(x) || isTrue(y));
    case "like": {
      const patterns = new Map<string, RegExp>();
      return each("bool", a, b, (x, y) => {
        const text = String(y);
        const pattern = patterns.get(text) ?? likePattern(text);
        patterns.set(text, pattern);
        return typeof x === "string" && pattern.test(x);
      });
    }
    case "between": {
      const [low = null, high = null] = b.items;
      return each("bool", a, { type: "bool", items: [null], isScalar: true }, (x) => compare(x, low) >= 0 && compare(x, high) <= 0);
    }
    case "+":
      if (isText(a.type) || isText(b.type)) return each("string", a, b, (x, y) => `${x === null ? "" : String(x)}${y === null ? "" : String(y)}`);
      return arithmetic(operator, a, b);
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(operator, a, b);
    default:
      throw new ServerError(`Syntax Error: the operator ${operator} is not known.`);
  }
}
export function unary(operator: string, value: Value): LabValue {
  const found = operand(value);
  if (operator === "!") return valueOf({ ...found, type: "bool", items: found.items.map((item) => (item === null ? null : !isTrue(item))) });
  return valueOf({ ...found, items: found.items.map((item) => (typeof item === "bigint" ? -item : typeof item === "number" ? -item : null)) });
}

/** `%` any letters, `_` one. */
export const likePattern = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\*?]/g, String.raw`\$&`)
      .replaceAll("%", ".*")
      .replaceAll("_", ".")}$`,
    "s",
  );

export function each(type: ScalarType, a: Operand, b: Operand, work: (x: Atom, y: Atom) => Atom): LabValue {
  if (a.isScalar && b.isScalar) return scalar(type, work(a.items[0] ?? null, b.items[0] ?? null));
  if (!a.isScalar && !b.isScalar && a.items.length !== b.items.length) throw new ServerError("Both sides of the operator must have the same length.");
  const [x, y] = [a.items[0] ?? null, b.items[0] ?? null];
  if (b.isScalar)
    return vector(
      type,
      a.items.map((item) => work(item, y)),
    );
  if (a.isScalar)
    return vector(
      type,
      b.items.map((item) => work(x, item)),
    );
  return vector(
    type,
    a.items.map((item, at) => work(item, b.items[at] ?? null)),
  );
}
export const each1 = (type: ScalarType, { items, isScalar }: Operand, work: (item: Atom) => Atom): LabValue =>
  isScalar ? scalar(type, work(items[0] ?? null)) : vector(type, items.map(work));

function arithmetic(operator: string, a: Operand, b: Operand): LabValue {
  const type = resultType(operator, a.type, b.type);
  const isWide = WIDE.has(type);
  const isWhole = type !== "double" && type !== "float";
  return each(type, a, b, (x, y) => {
    if (x === null || y === null || typeof x === "string" || typeof y === "string") return null;
    if (isWide) return wide(operator, BigInt(whole(x)), BigInt(whole(y)));
    const result = narrow(operator, Number(x), Number(y));
    return result === null ? null : isWhole ? Math.trunc(result) : result;
  });
}
const whole = (value: number | bigint | boolean): number | bigint =>
  typeof value === "number" ? Math.trunc(value) : typeof value === "boolean" ? Number(value) : value;
function wide(operator: string, x: bigint, y: bigint): bigint | null {
  switch (operator) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "/":
      return y === 0n ? null : x / y;
    default:
      return y === 0n ? null : x % y;
  }
}
function narrow(operator: string, x: number, y: number): number | null {
  switch (operator) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "/":
      return y === 0 ? null : x / y;
    default:
      return y === 0 ? null : x % y;
  }
}
function resultType(operator: string, a: ScalarType, b: ScalarType): ScalarType {
  if (TEMPORAL.has(a) && TEMPORAL.has(b) && operator === "-") return WIDE.has(a) || WIDE.has(b) ? "long" : "int";
  if (TEMPORAL.has(a)) return a;
  if (TEMPORAL.has(b)) return b;
  if (a === "double" || b === "double" || a === "float" || b === "float") return "double";
  return a === "long" || b === "long" ? "long" : "int";
}
function within(left: Value, right: Value): LabValue {
  const items = right.form === "tuple" ? right.items.flatMap((item) => operand(item).items) : operand(right).items;
  const known = new Set(items.map(keyOf));
  return each1("bool", operand(left), (item) => known.has(keyOf(item)));
}
/** Numbers of any width are one. */
export const keyOf = (item: Atom): string => (item === null ? "" : typeof item === "string" ? `s${item}` : `n${String(item)}`);

function range(from: Operand, to: Operand): LabValue {
  const [low, high] = [Number(from.items[0] ?? 0), Number(to.items[0] ?? 0)];
  const step = low <= high ? 1 : -1;
  const count = Math.abs(high - low) + 1;
  const isWide = WIDE.has(from.type);
  const items = Array.from({ length: count }, (_, at): Atom => (isWide ? BigInt(low + at * step) : low + at * step));
  return vector(from.type, items);
}
