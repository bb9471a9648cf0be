// Values as the JSON API has them: name, form, type, size, value; numbers and sizes of scalars are text, vectors hold JSON's own values.
import { ServerError } from "../logic/node.ts";
import { typeNumbers, type Atom, type LabValue, type ScalarType } from "../value.ts";

export type JsonValue = Readonly<Record<string, unknown>>;

const plain = (atom: Atom): unknown => (typeof atom === "bigint" ? Number(atom) : atom);
const text = (atom: Atom): string => (atom === null ? "" : typeof atom === "boolean" ? (atom ? "1" : "0") : String(atom));

export function toJson(value: LabValue, name = ""): JsonValue {
  switch (value.form) {
    case "scalar":
      return { name, form: "scalar", type: value.type, value: text(value.value) };
    case "vector":
    case "pair":
    case "set":
      return { name, form: value.form, type: value.type, size: String(value.items.length), value: value.items.map(plain) };
    case "tuple":
      return { name, form: "vector", type: "any", size: String(value.items.length), value: value.items.map((item) => toJson(item)) };
    case "dictionary":
      return { name, form: "dictionary", type: "any", size: "2", value: [toJson(value.keys, "key"), toJson(value.values, "value")] };
    case "table":
      return {
        name: value.name,
        form: "table",
        size: String(value.columns[0]?.items.length ?? 0),
        value: value.columns.map((column) => toJson({ form: "vector", type: column.type, items: column.items }, column.name)),
      };
  }
}

/** An argument of a request. Throws ServerError. */
export function fromJson(given: unknown): LabValue {
  const { form, type, value, name } = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  if (form === "table" && Array.isArray(value)) return { form, name: typeof name === "string" ? name : "", columns: value.map(columnOf) };
  if (typeof type !== "string" || !Object.hasOwn(typeNumbers, type)) throw new ServerError(`Unknown data type ${JSON.stringify(type)} in params.`);
  const scalar = type as ScalarType;
  if (form === "scalar") return { form, type: scalar, value: atomOf(scalar, value) };
  if (form === "vector" && Array.isArray(value)) return { form, type: scalar, items: value.map((item: unknown) => atomOf(scalar, item)) };
  throw new ServerError(`Unknown data form ${JSON.stringify(form)} in params.`);
}

function columnOf(given: unknown): Extract<LabValue, { form: "table" }>["columns"][number] {
  const vector = fromJson(given);
  const { name } = given as { readonly name?: unknown };
  if (vector.form !== "vector" || typeof name !== "string") throw new ServerError("A column of a table in params must be a vector with a name.");
  return { name, type: vector.type, items: vector.items };
}

function atomOf(type: ScalarType, value: unknown): Atom {
  if (value === null || value === undefined || (value === "" && type !== "string" && type !== "symbol")) return null;
  const given = typeof value === "string" ? value : JSON.stringify(value);
  switch (type) {
    case "string":
    case "symbol":
    case "uuid":
    case "blob":
    case "functiondef":
      return given;
    case "void":
    case "any":
      return null;
    case "bool":
      return given === "1" || given === "true";
    case "long":
    case "timestamp":
    case "nanotime":
    case "nanotimestamp":
      return BigInt(given);
    case "char":
    case "short":
    case "int":
    case "date":
    case "month":
    case "time":
    case "minute":
    case "second":
    case "datetime":
    case "float":
    case "double":
      return Number(given);
  }
}
