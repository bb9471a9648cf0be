// JSON as the OpenAPI sends it: ids have 64 bits, and a JavaScript number has 53.
import type { Json } from "../../../model/json.ts";

/** Integers that a number cannot hold become the string of their digits. Throws a SyntaxError for what is no JSON. */
export function parseJson(text: string): Json {
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? context?.source : value;
  // The third argument is part of the language since 2025 and not yet of its types.
  const parsed: unknown = JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
  return parsed as Json;
}
