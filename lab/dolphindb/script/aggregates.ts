// Functions of a whole vector.
import type { Atom, ScalarType } from "../value.ts";
import { compare, isTrue, keyOf, type Operand } from "./operations.ts";
import { scalar, type Value } from "./values.ts";

const present = ({ items }: Operand): readonly Exclude<Atom, null>[] => items.filter((item) => item !== null);
const isFraction = (type: ScalarType): boolean => type === "double" || type === "float";

function sum(column: Operand): Value {
  const items = present(column);
  if (items.length === 0) return scalar(isFraction(column.type) ? "double" : "long", null);
  if (isFraction(column.type))
    return scalar(
      "double",
      items.reduce<number>((total, item) => total + Number(item), 0),
    );
  let total = 0n;
  let small = 0;
  // Whole numbers are added as numbers as long as that is exact.
  for (const item of items) {
    if (typeof item === "bigint") total += item;
    else small += Number(item);
  }
  return scalar("long", total + BigInt(Math.trunc(small)));
}
function extreme(column: Operand, sign: 1 | -1): Value {
  let found: Atom = null;
  for (const item of column.items) if (item !== null && (found === null || compare(item, found) * sign > 0)) found = item;
  return scalar(column.type, found);
}
const distinct = (column: Operand): number => new Set(present(column).map(keyOf)).size;

export const aggregates: Readonly<Record<string, (column: Operand) => Value>> = {
  count: (column) => scalar("int", present(column).length),
  size: ({ items }) => scalar("int", items.length),
  sum,
  avg: (column) => {
    const items = present(column);
    return scalar("double", items.length === 0 ? null : items.reduce<number>((total, item) => total + Number(item), 0) / items.length);
  },
  min: (column) => extreme(column, -1),
  max: (column) => extreme(column, 1),
  first: ({ type, items }) => scalar(type, items[0] ?? null),
  last: ({ type, items }) => scalar(type, items.at(-1) ?? null),
  nunique: (column) => scalar("int", distinct(column)),
  all: ({ items }) => scalar("bool", items.every(isTrue)),
  any: ({ items }) => scalar("bool", items.some(isTrue)),
};
