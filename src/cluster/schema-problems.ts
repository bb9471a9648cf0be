import type { z } from "zod";
import { suggestion } from "./nearest.ts";
import type { LocatedYaml, Path, Problem } from "./located-yaml.ts";

/** Checks a value that stands at `at` in the file. A value is never quoted in a problem: it may be a password that stands in the wrong place. */
export function problemsOf<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: Path,
  yaml: LocatedYaml,
  /** Keys that stand beside those of the schema. */
  alsoKnown: readonly string[] = [],
): { readonly data: T | null; readonly problems: readonly Problem[] } {
  // The list of keys in an issue is the one that the wording was asked for, so that it finds what would have been right.
  const known = new Map<unknown, readonly string[]>();
  const result = schema.safeParse(value, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") known.set(issue.keys, [...shapeKeys(issue.inst), ...alsoKnown]);
      return wording(issue);
    },
  });
  if (result.success) return { data: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue): readonly Problem[] => {
    const path = [...at, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const here = [...path, key];
        return { ...yaml.place(here, "key"), path: here, what: `is not a key here${suggestion(key, known.get(issue.keys) ?? [])}` };
      });
    }
    if (issue.code === "invalid_key") return [{ ...yaml.place(path, "key"), path, what: issue.issues[0]?.message ?? "is not a name" }];
    return [{ ...yaml.place(path, "value"), path, what: issue.message }];
  });
  return { data: null, problems };
}

function shapeKeys(schema: unknown): readonly string[] {
  return Object.keys((schema as { readonly _zod?: { readonly def?: { readonly shape?: object } } } | undefined)?._zod?.def?.shape ?? {});
}

/** Undefined leaves the schema's own words. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== "unrecognized_keys") return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${expected(issue.expected)}, not ${kindOf(issue.input)}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values.map(String))}${typeof issue.input === "string" ? suggestion(issue.input, issue.values.map(String)) : ""}`;
    case "invalid_union": {
      const options = Array.isArray(issue["options"]) ? issue["options"].map(String) : [];
      return options.length === 0 ? "has none of the forms that are allowed here" : `must be ${oneOf(options)}`;
    }
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}`
        : "is empty";
    case "too_big":
      return `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}`;
    case "invalid_format":
      return "does not have the form that is needed here";
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return undefined;
  }
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values.join("") : `one of ${values.join(", ")}`;
}
function expected(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping of keys to values",
    record: "a mapping of names to values",
  };
  return words[type] ?? type;
}
function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a number";
  return typeof value === "boolean" ? "true or false" : "a mapping";
}
