// Patterns for values that vary: JSON itself, in which a string that begins with a dollar sign, or an object with such a key, stands for many values.

export type Pattern = unknown;
export type Variables = ReadonlyMap<string, string | number>;

const named: Readonly<Record<string, (value: unknown) => boolean>> = {
  $any: () => true,
  $text: (value) => typeof value === "string" && value !== "",
  $count: (value) => Number.isInteger(value) && (value as number) >= 0,
  $positive: (value) => Number.isInteger(value) && (value as number) > 0,
  $boolean: (value) => typeof value === "boolean",
  $endpoint: (value) => typeof value === "string" && /^[^\s:]+:\d+$/.test(value),
  $absent: (value) => value === undefined,
};

/** `{{name}}` alone becomes the variable's own type; inside a text it becomes text. Error for a variable that nothing has set. */
export function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    const whole = /^\{\{(\w+)\}\}$/.exec(value)?.[1];
    if (whole !== undefined) return variable(whole, variables);
    return value.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(variable(name, variables)));
  }
  if (Array.isArray(value)) return value.map((each) => fill(each, variables));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, variables)]));
  return value;
}
function variable(name: string, variables: Variables): string | number {
  const value = variables.get(name);
  if (value === undefined) throw new Error(`the exchanges use {{${name}}}, which nothing has set`);
  return value;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 300));

/** What differs, with the path of it; empty: it matches. Keys of an object that the pattern does not name are not looked at, unless it has `$only`. */
export function differences(pattern: Pattern, value: unknown, path = ""): readonly string[] {
  const at = path === "" ? "answer" : path;
  if (typeof pattern === "string" && pattern.startsWith("$")) {
    const test = named[pattern];
    if (!test) throw new Error(`there is no pattern ${pattern}`);
    return test(value) ? [] : [`${at}: want ${pattern}, have ${shown(value)}`];
  }
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value)) return [`${at}: want a list, have ${shown(value)}`];
    if (value.length !== pattern.length) return [`${at}: want ${pattern.length} elements, have ${value.length}: ${shown(value)}`];
    return pattern.flatMap((each, i) => differences(each, value[i], `${path}/${i}`));
  }
  if (isObject(pattern)) return objectDifferences(pattern, value, path, at);
  return Object.is(pattern, value) ? [] : [`${at}: want ${shown(pattern)}, have ${shown(value)}`];
}

function objectDifferences(pattern: Readonly<Record<string, unknown>>, value: unknown, path: string, at: string): readonly string[] {
  if (typeof pattern["$like"] === "string")
    return typeof value === "string" && new RegExp(pattern["$like"], "s").test(value)
      ? []
      : [`${at}: want something like ${pattern["$like"]}, have ${shown(value)}`];
  if (Array.isArray(pattern["$oneOf"]))
    return pattern["$oneOf"].some((each) => differences(each, value).length === 0)
      ? []
      : [`${at}: want one of ${shown(pattern["$oneOf"])}, have ${shown(value)}`];
  if ("$some" in pattern || "$every" in pattern || "$none" in pattern) return listDifferences(pattern, value, path, at);
  if (!isObject(value)) return [`${at}: want an object, have ${shown(value)}`];
  const wanted = Object.entries(pattern).filter(([key]) => key !== "$only");
  const wrong = wanted.flatMap(([key, each]) => differences(each, value[key], `${path}/${key}`));
  const extra = pattern["$only"] === true ? Object.keys(value).filter((key) => !(key in pattern)) : [];
  return [...wrong, ...extra.map((key) => `${path}/${key}: want nothing, have ${shown(value[key])}`)];
}
function listDifferences(pattern: Readonly<Record<string, unknown>>, value: unknown, path: string, at: string): readonly string[] {
  if (!Array.isArray(value)) return [`${at}: want a list, have ${shown(value)}`];
  const { $some: some, $every: every, $none: none, $atLeast: atLeast } = pattern;
  const wrong: string[] = [];
  for (const each of Array.isArray(some) ? some : [])
    if (!value.some((one) => differences(each, one).length === 0)) wrong.push(`${at}: nothing like ${shown(each)} in ${shown(value)}`);
  if (every !== undefined) wrong.push(...value.flatMap((one, i) => differences(every, one, `${path}/${i}`)));
  if (none !== undefined && value.some((one) => differences(none, one).length === 0))
    wrong.push(`${at}: want nothing like ${shown(none)}, have ${shown(value)}`);
  if (typeof atLeast === "number" && value.length < atLeast) wrong.push(`${at}: want ${atLeast} or more, have ${value.length}`);
  return wrong;
}

/** RFC 6901, without escapes. */
export function pointed(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.split("/").slice(1)) at = Array.isArray(at) ? at[Number(part)] : isObject(at) ? at[part] : undefined;
  return at;
}
