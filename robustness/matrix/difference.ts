/** Where two JSON texts differ, as `.path: was -> is`; at most `most` places. */
export function difference(expected: string, actual: string, most = 6): readonly string[] {
  const places: string[] = [];
  const walk = (path: string, was: unknown, is: unknown): void => {
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    if (isObject(was) && isObject(is))
      for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) walk(`${path}.${key}`, was[key], is[key]);
    else places.push(`${path}: ${JSON.stringify(was)} -> ${JSON.stringify(is)}`);
  };
  walk("", JSON.parse(expected), JSON.parse(actual));
  return places.slice(0, most);
}
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
