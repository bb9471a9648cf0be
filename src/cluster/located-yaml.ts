import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { canonicalJson } from "../model/json.ts";

export type Path = readonly (string | number)[];
interface Place {
  readonly line: number;
  readonly column: number;
}
export interface Problem extends Place {
  /** Empty for the file as a whole. */
  readonly path: Path;
  readonly what: string;
}

/** A YAML text as a value, with the place of everything in it. */
export interface LocatedYaml {
  /** What the text says; null when `problems` say that it cannot be read at all. */
  readonly value: unknown;
  /** Not YAML, duplicate keys, values that JSON does not have. */
  readonly problems: readonly Problem[];
  /** False: the text could not be read, and looking for more problems would only find consequences. */
  readonly readable: boolean;
  /** Where a value, or the key that names it, is; where something is missing, the nearest thing around it. */
  place(path: Path, of: "key" | "value"): Place;
}

export function readYaml(text: string): LocatedYaml {
  const lines = new LineCounter();
  // Duplicate keys are looked for below, where their path is known too.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    // An empty text has no lines at all.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const place = (path: Path, of: "key" | "value"): Place => placeAt(offsetOf(document, path, of));
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }): Problem => ({
    ...placeAt(pos[0]),
    path: [],
    what: `is not YAML: ${message}`,
  }));
  if (broken.length > 0) return { value: null, problems: broken, readable: false, place };
  const problems = keyProblems(document.contents, [], placeAt);
  if (problems.some((problem) => problem.what === badKey)) return { value: null, problems, readable: false, place };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Infinite numbers, binary data and aliases that hold themselves are YAML, but nothing that a cluster file can mean.
    canonicalJson(value);
    return { value, problems, readable: true, place };
  } catch (error) {
    const what = `holds a value that JSON does not have: ${error instanceof Error ? error.message : String(error)}`;
    return { value: null, problems: [...problems, { line: 1, column: 1, path: [], what }], readable: false, place };
  }
}

const badKey = "a key must be a plain text";

function keyProblems(node: unknown, path: Path, placeAt: (offset: number) => Place): readonly Problem[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => keyProblems(item, [...path, index], placeAt));
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap((pair): readonly Problem[] => {
    const key = keyText(pair.key);
    const offset = startOf(pair.key) ?? startOf(node) ?? 0;
    if (key === null) return [{ ...placeAt(offset), path, what: badKey }];
    const inner = keyProblems(pair.value, [...path, key], placeAt);
    if (!seen.has(key)) {
      seen.add(key);
      return inner;
    }
    return [{ ...placeAt(offset), path: [...path, key], what: "is there twice" }, ...inner];
  });
}

function offsetOf(document: Document.Parsed, path: Path, of: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      node = typeof part === "number" ? node.items[part] : undefined;
      offset = startOf(node) ?? offset;
      continue;
    }
    // The last of two equal keys: its value is the one that counts.
    const pair = isMap(node) ? node.items.findLast((each) => keyText(each.key) === String(part)) : undefined;
    if (pair === undefined) return offset;
    offset = startOf(pair.key) ?? offset;
    node = pair.value;
    if (last && of === "value") offset = startOf(node) ?? offset;
  }
  return offset;
}

function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  const { value } = key;
  // The one text that is no ordinary key of an object: whoever reads it on would see something else, or nothing.
  if (value === "__proto__") return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
/** Null for what the text does not say, such as the value of a key with nothing behind it. */
function startOf(node: unknown): number | null {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined || range[0] === range[1] ? null : range[0];
}
