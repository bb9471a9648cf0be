// Functions of the language itself: no cluster, no session.
import { ServerError } from "../logic/node.ts";
import { bool, int, nothing, text, type Atom, type LabValue, type ScalarType } from "../value.ts";
import { aggregates } from "./aggregates.ts";
import { convert, textOf, typeNamed } from "./convert.ts";
import { binary, compare, each1, isTrue, keyOf, operand, valueOf } from "./operations.ts";
import { column, rowsOf, scalar, symbols, vector, type FunctionTable, type ServerFunction, type Table, type Value } from "./values.ts";

const at = (args: readonly Value[], index: number): Value => {
  const value = args[index];
  if (value === undefined) throw new ServerError(`The function expects at least ${String(index + 1)} argument(s).`);
  return value;
};
const stringAt = (args: readonly Value[], index: number): string => {
  const value = at(args, index);
  if (value.form !== "scalar" || typeof value.value !== "string") throw new ServerError(`The argument ${String(index + 1)} must be a string.`);
  return value.value;
};
const tableAt = (args: readonly Value[], index: number): Table => {
  const value = at(args, index);
  if (value.form !== "table") throw new ServerError(`The argument ${String(index + 1)} must be a table.`);
  return value;
};
const onText =
  (type: ScalarType, work: (value: string, args: readonly Value[]) => Atom): ServerFunction =>
  (_, args) =>
    each1(type, operand(at(args, 0)), (item) => (typeof item === "string" ? work(item, args) : null));
const cast =
  (type: ScalarType): ServerFunction =>
  (_, args) => {
    const found = operand(at(args, 0));
    return each1(type, found, (item) => convert(item, found.type, type));
  };
const operator =
  (name: string): ServerFunction =>
  (_, args) =>
    binary(name, at(args, 0), at(args, 1));
const ordered = (value: Value): LabValue => {
  const found = operand(value);
  return valueOf({ ...found, isScalar: false, items: found.items.toSorted(compare) });
};
const unique = (value: Value): LabValue => {
  const found = operand(value);
  const known = new Set<string>();
  const items = found.items.filter((item) => {
    const key = keyOf(item);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  return vector(found.type, items);
};
/** How many items: of a table its rows. */
function sizeOf(value: Value): number {
  switch (value.form) {
    case "table":
      return rowsOf(value);
    case "tuple":
      return value.items.length;
    case "dictionary":
      return sizeOf(value.keys);
    case "scalar":
    case "vector":
    case "pair":
    case "set":
    case "function":
    case "database":
    case "dfs-table":
      return operand(value).items.length;
  }
}
/** Patterns are compiled once for a whole column. */
const patterns = new Map<string, RegExp>();
function pattern(source: string): RegExp {
  let found = patterns.get(source);
  if (found === undefined) {
    try {
      found = new RegExp(source, "g");
    } catch {
      throw new ServerError(`Invalid regular expression: ${source}`);
    }
    patterns.set(source, found);
  }
  found.lastIndex = 0;
  return found;
}

const casts: FunctionTable = Object.fromEntries(
  (["bool", "char", "short", "int", "long", "date", "datetime", "timestamp", "double", "float"] as const).map((type) => [type, cast(type)]),
);

export const builtins: FunctionTable = {
  ...casts,
  add: operator("+"),
  sub: operator("-"),
  mul: operator("*"),
  div: operator("/"),
  mod: operator("%"),
  eq: operator("=="),
  ne: operator("!="),
  lt: operator("<"),
  gt: operator(">"),
  le: operator("<="),
  ge: operator(">="),
  and: operator("&&"),
  or: operator("||"),
  in: operator("in"),
  like: operator("like"),
  pair: operator(":"),
  string: (_, args) => {
    const value = at(args, 0);
    if (value.form === "function") return text(value.name);
    const found = operand(value);
    return each1("string", found, (item) => textOf(item, found.type));
  },
  symbol: (_, args) => {
    const found = operand(at(args, 0));
    return vector(
      "symbol",
      found.items.map((item) => textOf(item, found.type)),
    );
  },
  isValid: (_, args) => each1("bool", operand(at(args, 0)), (item) => item !== null && item !== ""),
  isNull: (_, args) => each1("bool", operand(at(args, 0)), (item) => item === null || item === ""),
  isNothing: (_, args) => bool(args[0] === undefined || (args[0].form === "scalar" && args[0].type === "void")),
  iif: (_, args) => {
    const [condition, yes, no] = [operand(at(args, 0)), operand(at(args, 1)), operand(at(args, 2))];
    const of = (side: typeof yes, index: number): Atom => (side.isScalar ? (side.items[0] ?? null) : (side.items[index] ?? null));
    const items = condition.items.map((item, index) => (isTrue(item) ? of(yes, index) : of(no, index)));
    return condition.isScalar && yes.isScalar && no.isScalar ? scalar(yes.type, items[0] ?? null) : vector(yes.type, items);
  },
  regexReplace: onText("string", (value, args) => value.replaceAll(pattern(stringAt(args, 1)), stringAt(args, 2))),
  regexFind: onText("int", (value, args) => value.search(new RegExp(stringAt(args, 1)))),
  regexCount: onText("int", (value, args) => [...value.matchAll(pattern(stringAt(args, 1)))].length),
  strReplace: onText("string", (value, args) => value.replaceAll(stringAt(args, 1), stringAt(args, 2))),
  strlen: onText("int", (value) => value.length),
  upper: onText("string", (value) => value.toUpperCase()),
  lower: onText("string", (value) => value.toLowerCase()),
  trim: onText("string", (value) => value.trim()),
  startsWith: onText("bool", (value, args) => value.startsWith(stringAt(args, 1))),
  endsWith: onText("bool", (value, args) => value.endsWith(stringAt(args, 1))),
  split: (_, args) => symbols(stringAt(args, 0).split(args[1] === undefined ? "," : stringAt(args, 1))),
  concat: (_, args) => {
    const found = operand(at(args, 0));
    return text(found.items.map((item) => textOf(item, found.type)).join(args[1] === undefined ? "" : stringAt(args, 1)));
  },
  distinct: (_, args) => unique(at(args, 0)),
  sort: (_, args) => ordered(at(args, 0)),
  reverse: (_, args) => {
    const found = operand(at(args, 0));
    return valueOf({ ...found, items: found.items.toReversed() });
  },
  size: (_, args) => int(sizeOf(at(args, 0))),
  rows: (_, args) => int(sizeOf(at(args, 0))),
  count: (_, args) => {
    const value = at(args, 0);
    return value.form === "table" || value.form === "tuple" ? int(sizeOf(value)) : (aggregates["count"]?.(operand(value)) ?? nothing);
  },
  columnNames: (_, args) => symbols(tableAt(args, 0).columns.map(({ name }) => name)),
  til: (_, args) =>
    vector(
      "int",
      Array.from({ length: Number(operand(at(args, 0)).items[0] ?? 0) }, (__, index) => index),
    ),
  take: (_, args) => {
    const [found, count] = [operand(at(args, 0)), Number(operand(at(args, 1)).items[0] ?? 0)];
    return vector(
      found.type,
      Array.from({ length: count }, (__, index) => found.items[index % Math.max(1, found.items.length)] ?? null),
    );
  },
  deltas: (_, args) => {
    const found = operand(at(args, 0));
    return vector(
      "long",
      found.items.map((item, index) => {
        const before = found.items[index - 1];
        return index === 0 || item === null || before === undefined || before === null ? null : BigInt(Number(item)) - BigInt(Number(before));
      }),
    );
  },
  keys: (_, args) => {
    const value = at(args, 0);
    return value.form === "dictionary" ? value.keys : symbols(tableAt(args, 0).columns.map(({ name }) => name));
  },
  values: (_, args) => {
    const value = at(args, 0);
    return value.form === "dictionary" ? value.values : { form: "tuple", items: tableAt(args, 0).columns.map((one) => vector(one.type, one.items)) };
  },
  dict: (_, args) => ({ form: "dictionary", keys: labValue(at(args, 0)), values: labValue(at(args, 1)) }),
  set: (_, args) => ({ form: "set", type: operand(at(args, 0)).type, items: operand(unique(at(args, 0))).items }),
  table: (_, args) => makeTable(args),
  typestr: (_, args) => text(typeNameOf(at(args, 0))),
  gmtime: (_, args) => labValue(at(args, 0)),
  localtime: (_, args) => labValue(at(args, 0)),
  print: () => nothing,
  undef: () => nothing,
  ...Object.fromEntries(
    Object.entries(aggregates)
      .filter(([name]) => name !== "count" && name !== "size")
      .map(([name, work]): [string, ServerFunction] => [name, (_, args) => work(operand(at(args, 0)))]),
  ),
};

/** Error for what is none. */
export function labValue(value: Value): LabValue {
  if (value.form === "function" || value.form === "database" || value.form === "dfs-table")
    throw new ServerError(`A ${value.form} cannot be used here.`);
  return value;
}
/** `table(v1 as a, ...)` comes with its names already in the vectors' place; `table(1:0, names, types)` makes an empty one. */
function makeTable(args: readonly Value[]): Table {
  const [first, second, third] = args;
  if (first?.form === "pair" || (first?.form === "scalar" && second?.form === "vector" && third !== undefined)) {
    const names = operand(at(args, 1)).items.map(String);
    const types =
      third?.form === "tuple" || third?.form === "vector"
        ? operand(
            third.form === "vector"
              ? third
              : vector(
                  "string",
                  third.items.flatMap((item) => operand(item).items),
                ),
          ).items
        : [];
    return { form: "table", name: "", columns: names.map((name, index) => column(name, typeNamed(String(types[index])) ?? "string", [])) };
  }
  if (first?.form === "table") return first;
  return {
    form: "table",
    name: "",
    columns: args.map((value, index) => {
      const { type, items } = operand(value);
      return column(`C${String(index)}`, type, items);
    }),
  };
}
function typeNameOf(value: Value): string {
  switch (value.form) {
    case "scalar":
      return value.type.toUpperCase();
    case "vector":
      return `FAST ${value.type.toUpperCase()} VECTOR`;
    case "tuple":
      return "ANY VECTOR";
    case "pair":
      return `${value.type.toUpperCase()} PAIR`;
    case "set":
      return `${value.type.toUpperCase()} SET`;
    case "dictionary":
      return "STRING->ANY DICTIONARY";
    case "table":
      return "IN-MEMORY TABLE";
    case "function":
      return "FUNCTION";
    case "database":
      return "DATABASE HANDLE";
    case "dfs-table":
      return "ALIAS OF PARTITIONED TABLE";
  }
}
