// Functions that the official JavaScript client defines in its session before it uses them (facts 3.1). The lab has no interpreter for their bodies;
// it knows them by name and by what they do.
import type { Evaluator, Session } from "../logic/node.ts";
import { ServerError } from "../logic/node.ts";
import { bool, type LabValue, nothing } from "../value.ts";

const helpers = ["invoke", "jsrpc", "pnode_run"] as const;
export type Helper = (typeof helpers)[number];

/** Null: the script defines none of them. */
export function helperDefinedBy(script: string): Helper | null {
  const name = /^\s*def\s+(\w+)\s*\(/.exec(script)?.[1];
  return helpers.find((helper) => helper === name) ?? null;
}

/** Throws ServerError. Null: the connection is closed without a word. */
export function callHelper(evaluator: Evaluator, session: Session, helper: Helper, args: readonly LabValue[]): Promise<LabValue | null> {
  const [first, second, third, fourth] = args;
  switch (helper) {
    case "invoke":
      return evaluator.call(session, textOf(helper, first), valuesOfJson(textOf(helper, second)));
    case "jsrpc": {
      const [name, values] = unpacked(helper, second, third);
      return evaluator.call(session, "rpc", [first ?? nothing, name, ...values]);
    }
    case "pnode_run": {
      const [name, values] = unpacked(helper, second, third);
      const applied: LabValue = values.length === 0 ? name : { form: "tuple", items: [name, ...values] };
      return evaluator.call(session, "pnodeRun", [applied, first ?? nothing, fourth ?? bool(true)]);
    }
  }
}

/** `invoke` inside of `jsrpc` carries its arguments as JSON. */
function unpacked(helper: Helper, name: LabValue | undefined, args: LabValue | undefined): readonly [LabValue, readonly LabValue[]] {
  const values = args?.form === "tuple" ? args.items : [];
  const called = textOf(helper, name);
  return called === "invoke" ? [definition(textOf(helper, values[0])), valuesOfJson(textOf(helper, values[1]))] : [definition(called), values];
}
const definition = (name: string): LabValue => ({ form: "scalar", type: "functiondef", value: name });

function textOf(helper: Helper, value: LabValue | undefined): string {
  if (value?.form === "scalar" && typeof value.value === "string") return value.value;
  throw new ServerError(`${helper}: a string is wanted. RefId: S02000`);
}

/** As fromStdJson has it: numbers are DOUBLE, an array of one type is a vector. The whole is the list of arguments. */
function valuesOfJson(json: string): readonly LabValue[] {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.map(valueOfJson) : [valueOfJson(parsed)];
}

function valueOfJson(value: unknown): LabValue {
  if (typeof value === "string") return { form: "scalar", type: "string", value };
  if (typeof value === "number") return { form: "scalar", type: "double", value };
  if (typeof value === "boolean") return bool(value);
  if (value === null || value === undefined) return nothing;
  if (!Array.isArray(value)) {
    const entries = Object.entries(value);
    return {
      form: "dictionary",
      keys: { form: "vector", type: "string", items: entries.map(([key]) => key) },
      values: { form: "tuple", items: entries.map(([, each]) => valueOfJson(each)) },
    };
  }
  if (value.length > 0 && value.every((each) => typeof each === "string")) return { form: "vector", type: "string", items: value };
  if (value.length > 0 && value.every((each) => typeof each === "number")) return { form: "vector", type: "double", items: value };
  return { form: "tuple", items: value.map(valueOfJson) };
}
