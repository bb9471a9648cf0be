/** A value that survives the journal: no undefined, no dates, no functions. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The one text form of a value, keys sorted: what hashes are taken over. Throws a TypeError for a value that JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = [];
  writeCanonicalJson(value, (piece) => pieces.push(piece));
  return pieces.join("");
}

const pieceLength = 16_384;

/** The same in pieces of some thousands of letters, so that a hash over the facts of a large cluster needs no text of them. */
export function writeCanonicalJson(value: unknown, write: (piece: string) => void): void {
  // Joined, not added up: a sum of strings is a tree that keeps every one of its parts.
  const words: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (words.length > 0) write(words.join(""));
    words.length = length = 0;
  };
  walk(value, (word) => {
    words.push(word);
    length += word.length;
    if (length >= pieceLength) flush();
  });
  flush();
}

function walk(value: unknown, put: (text: string) => void): void {
  if (value === null || typeof value === "boolean" || typeof value === "string") put(JSON.stringify(value));
  else if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`JSON cannot hold the number ${value}`);
    put(JSON.stringify(value));
  } else if (Array.isArray(value)) {
    put("[");
    value.forEach((item, index) => {
      if (index > 0) put(",");
      walk(item, put);
    });
    put("]");
  } else if (isRecord(value)) {
    put("{");
    let separator = "";
    for (const key of Object.keys(value).toSorted()) {
      if (value[key] === undefined) continue;
      put(`${separator}${JSON.stringify(key)}:`);
      separator = ",";
      walk(value[key], put);
    }
    put("}");
  } else throw new TypeError(`JSON cannot hold a ${typeof value}`);
}

/**
 * The value as JSON.parse gives it back once it is written: without keys that hold undefined. What is JSON already is the same object, not a copy, so that
 * the facts of a large cluster are not held twice. Throws a TypeError for a value that JSON cannot hold.
 */
export function asJson(value: unknown): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`JSON cannot hold the number ${value}`);
    return Object.is(value, -0) ? 0 : value;
  }
  if (Array.isArray(value)) {
    const items = value.map(asJson);
    return items.every((item, index) => Object.is(item, value[index])) ? (value as Json[]) : items;
  }
  if (!isRecord(value)) throw new TypeError(`JSON cannot hold a ${typeof value}`);
  const entries: [string, Json][] = [];
  let same = true;
  for (const [key, held] of Object.entries(value)) {
    if (held !== undefined) entries.push([key, asJson(held)]);
    if (held === undefined || !Object.is(entries.at(-1)?.[1], held)) same = false;
  }
  return same ? (value as { readonly [key: string]: Json }) : Object.fromEntries(entries);
}
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
