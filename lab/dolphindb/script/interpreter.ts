import { ServerError, type Session } from "../logic/node.ts";
import { nothing, type Atom, type LabValue } from "../value.ts";
import { builtins, labValue } from "./builtins.ts";
import { typeNamed } from "./convert.ts";
import { binary, isTrue, operand, unary } from "./operations.ts";
import { parse, parseExpression } from "./parser.ts";
import { select, whichRows } from "./select.ts";
import type { Argument, Expression, Statement } from "./syntax.ts";
import { scalar, vector, type FunctionTable, type FunctionValue, type Table, type TableHandle, type Value } from "./values.ts";

/** What scripts reach of the node that runs them. */
export interface ScriptHost {
  readonly functions: FunctionTable;
  /** Names of parameters, so that arguments can be given by name. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** `equal`: values that a column must have, by which partitions may be left out. */
  readTable(handle: TableHandle, equal: ReadonlyMap<string, Atom>): Promise<Table>;
  deleteRows(handle: TableHandle, isGone: (table: Table) => Promise<readonly boolean[]>): Promise<void>;
  insertRows(handle: TableHandle, table: Table): Promise<number>;
  /** Shared with all sessions of the node. */
  readonly shared: ReadonlyMap<string, Value>;
  share(name: string, value: Value): void;
}
/** Names that hide variables: columns within SQL, parameters within a function. */
export type Scope = (name: string) => Value | undefined;
/** A generator, so that what is pure (columns in SQL) needs no promise for each value. */
export type Evaluation = Generator<Promise<Value>, Value, Value>;

const CONSTANTS: ReadonlySet<string> = new Set(["VALUE", "RANGE", "HASH", "LIST", "SEQ", "COMPO", "ALL", "LAST", "FIRST", "READ", "WRITE"]);
const LITERALS: Readonly<Record<string, LabValue>> = {
  true: scalar("bool", true),
  false: scalar("bool", false),
  NULL: nothing,
  pi: scalar("double", Math.PI),
};
const NO_SCOPE: Scope = () => undefined;

export class Interpreter {
  readonly #host: ScriptHost;
  /** Handles and functions: what a session holds beside values of the wire. */
  readonly #own = new WeakMap<Session, Map<string, Value>>();

  constructor(host: ScriptHost) {
    this.#host = host;
  }

  /** The value of the last statement. Throws ServerError. */
  async script(session: Session, text: string): Promise<Value> {
    let last: Value = nothing;
    for (const statement of parse(text)) last = await this.#statement(session, statement);
    return last;
  }
  /** `name`: a function's name, or an expression whose value is one, as `tableInsert{loadTable("dfs://d", "t")}`. */
  async call(session: Session, name: string, args: readonly Value[]): Promise<Value> {
    const plain = /^[\w:!]+$/.test(name) ? this.#lookUp(session, name, NO_SCOPE) : await this.evaluate(session, parseExpression(name), NO_SCOPE);
    if (plain?.form !== "function") throw new ServerError(`Cannot recognize function: ${name}. RefId: S00015`);
    return plain.apply(session, args);
  }

  async evaluate(session: Session, expression: Expression, scope: Scope): Promise<Value> {
    const work = this.run(session, expression, scope);
    let step = work.next();
    while (step.done !== true) {
      let value: Value;
      try {
        value = await step.value;
      } catch (error) {
        step = work.throw(error);
        continue;
      }
      step = work.next(value);
    }
    return step.value;
  }
  /** Columns within SQL: error for what needs other nodes. */
  evaluatePure(session: Session, expression: Expression, scope: Scope): Value {
    const step = this.run(session, expression, scope).next();
    if (step.done !== true) {
      step.value.catch(() => {});
      throw new ServerError("The function can't be used in a SQL statement.");
    }
    return step.value;
  }

  async #statement(session: Session, statement: Statement): Promise<Value> {
    switch (statement.is) {
      case "expression":
        return this.evaluate(session, statement.value, NO_SCOPE);
      case "assign":
        this.#assign(session, statement.name, await this.evaluate(session, statement.value, NO_SCOPE));
        return nothing;
      case "share": {
        this.#host.share(statement.name, await this.evaluate(session, statement.value, NO_SCOPE));
        return nothing;
      }
      case "use":
        if (statement.module !== "ops") throw new ServerError(`Can't find module [${statement.module}].`);
        return nothing;
      case "if": {
        const condition = await this.evaluate(session, statement.condition, NO_SCOPE);
        let last: Value = nothing;
        for (const one of isTrue(operand(condition).items[0] ?? null) ? statement.consequence : statement.otherwise)
          last = await this.#statement(session, one);
        return last;
      }
      case "delete": {
        const from = await this.evaluate(session, statement.from, NO_SCOPE);
        const gone = async (table: Table): Promise<readonly boolean[]> => whichRows(this, session, table, statement.where);
        if (from.form === "dfs-table") await this.#host.deleteRows(from, gone);
        else if (from.form === "table" && statement.from.is === "name") {
          const mask = await gone(from);
          const columns = from.columns.map((one) => ({ ...one, items: one.items.filter((_, at) => mask[at] !== true) }));
          this.#assign(session, statement.from.name, { ...from, columns });
        } else throw new ServerError("delete needs a table.");
        return nothing;
      }
      case "insert": {
        const into = await this.evaluate(session, statement.into, NO_SCOPE);
        const values = await Promise.all(statement.values.map((value) => this.evaluate(session, value, NO_SCOPE)));
        if (into.form === "dfs-table") {
          const columns = values.map((value, at) => ({
            name: statement.columns[at] ?? `C${String(at)}`,
            type: operand(value).type,
            items: operand(value).items,
          }));
          await this.#host.insertRows(into, { form: "table", name: "", columns });
        } else if (into.form === "table" && statement.into.is === "name") this.#assign(session, statement.into.name, appended(into, values));
        else throw new ServerError("insert into needs a table.");
        return nothing;
      }
    }
  }

  *run(session: Session, expression: Expression, scope: Scope): Evaluation {
    switch (expression.is) {
      case "literal":
        return expression.value;
      case "name": {
        const found = this.#lookUp(session, expression.name, scope);
        if (found === null) throw new ServerError(`Syntax Error: Cannot recognize the token ${expression.name}. RefId: S00015`);
        return found;
      }
      case "list": {
        const items: Value[] = [];
        for (const item of expression.items) items.push(yield* this.run(session, item, scope));
        return expression.tuple ? { form: "tuple", items: items.map(labValue) } : vectorOf(items);
      }
      case "binary": {
        const left = yield* this.run(session, expression.left, scope);
        return binary(expression.operator, left, yield* this.run(session, expression.right, scope));
      }
      case "unary":
        return unary(expression.operator, yield* this.run(session, expression.operand, scope));
      case "call":
        return yield* this.#call(session, expression.callee, expression.arguments, scope);
      case "partial": {
        const callee = yield* this.run(session, expression.callee, scope);
        if (callee.form !== "function") throw new ServerError("Partial application needs a function.");
        const fixed: (Value | null)[] = [];
        for (const argument of expression.arguments) fixed.push(argument === null ? null : yield* this.run(session, argument, scope));
        return partial(callee, fixed);
      }
      case "member": {
        const object = yield* this.run(session, expression.object, scope);
        return member(object, expression.name);
      }
      case "index": {
        const object = yield* this.run(session, expression.object, scope);
        return indexed(object, yield* this.run(session, expression.at, scope));
      }
      case "lambda": {
        const { parameters, body } = expression;
        return {
          form: "function",
          name: "{lambda}",
          apply: (caller, args) => {
            const own = new Map(parameters.map((name, at) => [name, args[at] ?? nothing]));
            return this.evaluatePure(caller, body, (name) => own.get(name) ?? scope(name));
          },
        };
      }
      case "select": {
        const from = yield* this.run(session, expression.from, scope);
        const table =
          from.form === "dfs-table" ? yield this.#host.readTable(from, equalColumns(expression.where)) : from.form === "table" ? from : null;
        if (table?.form !== "table") throw new ServerError("select needs a table.");
        return select(this, session, expression, table, scope);
      }
      case "star":
        throw new ServerError("Syntax Error: Cannot recognize the token *");
    }
  }
  *#call(session: Session, callee: Expression, given: readonly Argument[], scope: Scope): Evaluation {
    const found = yield* this.run(session, callee, scope);
    if (found.form !== "function") {
      if (callee.is === "name" && given.length === 1 && given[0] !== undefined)
        return indexed(found, yield* this.run(session, given[0].value, scope));
      throw new ServerError("Cannot recognize function.  RefId: S00015");
    }
    const parameters = this.#host.parameters[found.name] ?? [];
    const args: Value[] = [];
    let next = 0;
    for (const { name, value } of given) {
      const at = name === null ? next : parameters.indexOf(name);
      if (at < 0) throw new ServerError(`The function [${found.name}] has no parameter ${String(name)}.`);
      while (args.length < at) args.push(nothing);
      args[at] = yield* this.run(session, value, scope);
      next = at + 1;
    }
    const result = found.apply(session, args);
    return result instanceof Promise ? yield result : result;
  }

  #lookUp(session: Session, name: string, scope: Scope): Value | null {
    const own = scope(name) ?? this.#own.get(session)?.get(name) ?? session.variables.get(name) ?? this.#host.shared.get(name) ?? LITERALS[name];
    if (own !== undefined) return own;
    const apply = this.#host.functions[name] ?? builtins[name];
    if (apply !== undefined) return { form: "function", name, apply };
    if (CONSTANTS.has(name) || (name === name.toUpperCase() && typeNamed(name) !== null)) return scalar("string", name);
    return null;
  }
  #assign(session: Session, name: string, value: Value): void {
    const own = this.#own.get(session) ?? new Map<string, Value>();
    this.#own.set(session, own);
    own.set(name, value);
  }
}

function partial(callee: FunctionValue, fixed: readonly (Value | null)[]): FunctionValue {
  const filled = (args: readonly Value[]): readonly Value[] => {
    const rest = [...args];
    return [...fixed.map((value) => value ?? rest.shift() ?? nothing), ...rest];
  };
  return {
    form: "function",
    name: callee.name,
    bound: fixed.flatMap((value) => (value === null ? [] : [value])),
    apply: (session, args) => callee.apply(session, filled(args)),
  };
}
function vectorOf(items: readonly Value[]): LabValue {
  const atoms: Atom[] = [];
  for (const item of items) {
    if (item.form !== "scalar") return { form: "tuple", items: items.map(labValue) };
    atoms.push(item.value);
  }
  const types = items.map((item) => operand(item).type).filter((type) => type !== "void");
  const type = types.includes("double") ? "double" : types.includes("long") ? "long" : (types[0] ?? "any");
  return vector(type, type === "long" ? atoms.map((atom) => (typeof atom === "number" ? BigInt(atom) : atom)) : atoms);
}
function member(object: Value, name: string): Value {
  if (object.form === "table") {
    const found = object.columns.find((one) => one.name === name);
    if (found !== undefined) return vector(found.type, found.items);
  }
  if (object.form === "dictionary") return indexed(object, scalar("string", name));
  throw new ServerError(`Cannot recognize the member ${name}.`);
}
function indexed(object: Value, index: Value): Value {
  const { items } = operand(index);
  const at = items[0] ?? null;
  switch (object.form) {
    case "dictionary": {
      const found = operand(object.keys).items.indexOf(at);
      if (found < 0) return nothing;
      return object.values.form === "tuple"
        ? (object.values.items[found] ?? nothing)
        : scalar(operand(object.values).type, operand(object.values).items[found] ?? null);
    }
    case "table":
      if (typeof at === "string") return member(object, at);
      return { ...object, columns: object.columns.map((one) => ({ ...one, items: items.map((row) => one.items[Number(row)] ?? null) })) };
    case "tuple":
      return object.items[Number(at)] ?? nothing;
    case "scalar":
    case "vector":
    case "pair":
    case "set": {
      const found = operand(object);
      return index.form === "scalar"
        ? scalar(found.type, found.items[Number(at)] ?? null)
        : vector(
            found.type,
            items.map((one) => found.items[Number(one)] ?? null),
          );
    }
    case "function":
    case "database":
    case "dfs-table":
      throw new ServerError(`A ${object.form} has no items.`);
  }
}
const appended = (into: Table, values: readonly Value[]): Table => ({
  ...into,
  columns: into.columns.map((one, at) => {
    const value = values[at];
    return { ...one, items: [...one.items, ...(value === undefined ? [null] : operand(value).items)] };
  }),
});
/** `column = literal` among the conditions. */
function equalColumns(where: readonly Expression[]): ReadonlyMap<string, Atom> {
  const found = new Map<string, Atom>();
  for (const one of where)
    if (one.is === "binary" && one.operator === "==" && one.left.is === "name" && one.right.is === "literal" && one.right.value.form === "scalar")
      found.set(one.left.name, one.right.value.value);
  return found;
}
