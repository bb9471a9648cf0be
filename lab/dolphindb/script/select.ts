import { ServerError, type Session } from "../logic/node.ts";
import type { Atom } from "../value.ts";
import { aggregates } from "./aggregates.ts";
import type { Interpreter, Scope } from "./interpreter.ts";
import { compare, isTrue, keyOf, operand, type Operand } from "./operations.ts";
import type { Expression, Select, SelectItem } from "./syntax.ts";
import { column, rowsOf, scalar, vector, type Column, type Table, type Value } from "./values.ts";

/** Which rows the conditions keep, one behind the other: each sees what the ones before have left. */
export function whichRows(
  interpreter: Interpreter,
  session: Session,
  table: Table,
  where: readonly Expression[],
  outer: Scope = () => undefined,
): boolean[] {
  const kept = Array.from({ length: rowsOf(table) }, () => true);
  for (const condition of where) {
    const result = operand(interpreter.evaluatePure(session, condition, columnsOf(table, outer)));
    for (let at = 0; at < kept.length; at += 1) if (!isTrue((result.isScalar ? result.items[0] : result.items[at]) ?? null)) kept[at] = false;
  }
  return kept;
}

export function select(interpreter: Interpreter, session: Session, query: Select, table: Table, outer: Scope): Value {
  const kept = query.where.length === 0 ? null : whichRows(interpreter, session, table, query.where, outer);
  const rows = kept === null ? table : picked(table, (at) => kept[at] === true);
  const run = (expression: Expression, from: Table): Value => interpreter.evaluatePure(session, expression, columnsOf(from, outer));
  let result = query.groupBy.length > 0 ? grouped(query, rows, run) : plain(query, rows, run);
  if (query.orderBy.length > 0) result = sorted(query, result, rows, run);
  const most = query.top ?? query.limit;
  if (most !== null) {
    const count = Number(operand(run(most, rows)).items[0] ?? 0);
    result = picked(result, (at) => at < count);
  }
  if (!query.exec) return result;
  const [only, ...more] = result.columns;
  if (only === undefined || more.length > 0) return result;
  const isOne = query.groupBy.length === 0 && query.items.every(({ value }) => isAggregate(value));
  return isOne ? scalar(only.type, only.items[0] ?? null) : vector(only.type, only.items);
}

const columnsOf =
  (table: Table, outer: Scope): Scope =>
  (name) => {
    const found = table.columns.find((one) => one.name === name);
    return found === undefined ? outer(name) : vector(found.type, found.items);
  };
const picked = (table: Table, keeps: (at: number) => boolean): Table => ({
  ...table,
  columns: table.columns.map((one) => ({ ...one, items: one.items.filter((_, at) => keeps(at)) })),
});

type Run = (expression: Expression, from: Table) => Value;
function isAggregate(expression: Expression): boolean {
  switch (expression.is) {
    case "call":
      return expression.callee.is === "name" && expression.callee.name in aggregates;
    case "binary":
      return isAggregate(expression.left) || isAggregate(expression.right);
    case "unary":
      return isAggregate(expression.operand);
    case "literal":
    case "name":
    case "list":
    case "partial":
    case "member":
    case "index":
    case "star":
    case "lambda":
    case "select":
      return false;
  }
}
/** count(*) counts rows. */
function aggregate(item: SelectItem, rows: Table, run: Run): Operand {
  const { value } = item;
  if (value.is === "call" && value.callee.is === "name") {
    const work = aggregates[value.callee.name];
    const [only] = value.arguments;
    if (work !== undefined && only !== undefined) {
      if (only.value.is === "star") return { type: "int", items: [rowsOf(rows)], isScalar: true };
      return operand(work({ ...whole(operand(run(only.value, rows)), rowsOf(rows)) }));
    }
  }
  return operand(run(value, rows));
}
/** A constant stands for every row. */
const whole = (found: Operand, rows: number): Operand =>
  found.isScalar ? { ...found, isScalar: false, items: Array.from({ length: rows }, () => found.items[0] ?? null) } : found;

function plain(query: Select, rows: Table, run: Run): Table {
  if (query.items.length === 0) return rows;
  const isOne = query.items.every(({ value }) => isAggregate(value));
  const columns = query.items.flatMap((item, at): readonly Column[] => {
    if (item.value.is === "star") return rows.columns;
    const name = nameOf(item, at);
    if (isOne) {
      const { type, items } = aggregate(item, rows, run);
      return [column(name, type, items.slice(0, 1))];
    }
    const { type, items } = whole(isAggregate(item.value) ? aggregate(item, rows, run) : operand(run(item.value, rows)), rowsOf(rows));
    return [column(name, type, items)];
  });
  return { form: "table", name: "", columns };
}
function grouped(query: Select, rows: Table, run: Run): Table {
  const keys = query.groupBy.map((item, at) => ({ name: nameOf(item, at), ...whole(operand(run(item.value, rows)), rowsOf(rows)) }));
  const groups = new Map<string, number[]>();
  for (let at = 0; at < rowsOf(rows); at += 1) {
    const key = keys.map(({ items }) => keyOf(items[at] ?? null)).join("\n");
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [at]);
    else found.push(at);
  }
  const members = [...groups.values()];
  // Arguments of aggregates are computed once for all rows, and then taken apart.
  const values = query.items.map((item, at) => ({ name: nameOf(item, at), ...perGroup(item, rows, members, run) }));
  return {
    form: "table",
    name: "",
    columns: [
      ...keys.map(({ name, type, items }) =>
        column(
          name,
          type,
          members.map(([first = 0]) => items[first] ?? null),
        ),
      ),
      ...values.map(({ name, type, items }) => column(name, type, items)),
    ],
  };
}
function perGroup(
  item: SelectItem,
  rows: Table,
  members: readonly (readonly number[])[],
  run: Run,
): { readonly type: Operand["type"]; readonly items: readonly Atom[] } {
  const { value } = item;
  const work = value.is === "call" && value.callee.is === "name" ? aggregates[value.callee.name] : undefined;
  const argument = value.is === "call" ? value.arguments[0]?.value : undefined;
  if (work !== undefined && argument?.is === "star") return { type: "int", items: members.map(({ length }) => length) };
  if (work !== undefined && argument !== undefined) {
    const found = whole(operand(run(argument, rows)), rowsOf(rows));
    const results = members.map((group) => operand(work({ ...found, items: group.map((at) => found.items[at] ?? null) })));
    return { type: results[0]?.type ?? found.type, items: results.map(({ items }) => items[0] ?? null) };
  }
  const results = members.map((group) => {
    const own = new Set(group);
    return operand(
      run(
        value,
        picked(rows, (at) => own.has(at)),
      ),
    );
  });
  return { type: results[0]?.type ?? "any", items: results.map(({ items }) => items[0] ?? null) };
}
function sorted(query: Select, result: Table, rows: Table, run: Run): Table {
  const keys = query.orderBy.map(({ value, descending }) => {
    const inResult = value.is === "name" && result.columns.some(({ name }) => name === value.name);
    return { descending, ...operand(run(value, inResult || query.groupBy.length > 0 ? result : rows)) };
  });
  if (keys.some(({ items }) => items.length !== rowsOf(result))) throw new ServerError("order by needs a column of the result.");
  const order = Array.from({ length: rowsOf(result) }, (_, at) => at).sort((a, b) => {
    for (const { items, descending } of keys) {
      const difference = compare(items[a] ?? null, items[b] ?? null);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return a - b;
  });
  return { ...result, columns: result.columns.map((one) => ({ ...one, items: order.map((at) => one.items[at] ?? null) })) };
}
/** As the server names it: a column by its name, an aggregate by function and column. */
function nameOf({ value, as }: SelectItem, at: number): string {
  if (as !== null) return as;
  if (value.is === "name") return value.name;
  if (value.is === "call" && value.callee.is === "name") {
    const [only] = value.arguments;
    return only?.value.is === "name" ? `${value.callee.name}_${only.value.name}` : value.callee.name;
  }
  return `col${String(at)}`;
}
