// JSON as the OpenAPI sends it: ids have 64 bits, and a JavaScript number has 53.
import type { Json } from "../../../model/json.ts";

/** Integers that a number cannot hold become the string of their digits. Throws a SyntaxError for what is no JSON. */
export function parseJson(text: string): Json {
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? context?.source : value;
  const parsed: unknown = JSON.parse(text, keepDigits);
  return parsed as Json;
}
