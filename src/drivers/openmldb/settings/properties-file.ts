// conf/taskmanager.properties: read as java.util.Properties reads it, edited so that every other byte stays.
import type { FlagChanges } from "../operations/install-params.ts";

interface Entry {
  /** With its line ends and continuations, as it stands. */
  readonly raw: string;
  /** Null: blank, or a comment. */
  readonly key: string | null;
  readonly value: string;
}

const unescape = (text: string): string =>
  text.replaceAll(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, what: string) => {
    if (what.length === 5) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    return { t: "\t", n: "\n", r: "\r", f: "\f" }[what] ?? what;
  });
const continues = (line: string): boolean => (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;

function entryOf(raw: string): Entry {
  const natural = raw.split(/\r?\n/);
  const logical = natural
    .map((line, at) => (at === 0 ? line : line.trimStart()))
    .reduce((all, line) => (continues(all) ? all.slice(0, -1) + line : all), "\\");
  const text = logical.trimStart();
  if (text === "" || text.startsWith("#") || text.startsWith("!")) return { raw, key: null, value: "" };
  const match = /^((?:\\.|[^\\\s=:])*)(?:\s*[=:]\s*|\s+)?(.*)$/s.exec(text);
  return { raw, key: unescape(match?.[1] ?? ""), value: unescape(match?.[2] ?? "") };
}

function entries(text: string): readonly Entry[] {
  const found: Entry[] = [];
  let raw = "";
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    raw += line;
    const bare = line.replace(/\r?\n$/, "");
    const comment = raw === line && /^\s*[#!]/.test(bare);
    if (!comment && continues(bare) && line.endsWith("\n")) continue;
    found.push(entryOf(raw));
    raw = "";
  }
  return raw === "" ? found : [...found, entryOf(raw)];
}

/** The last of several counts. */
export const readProperties = (text: string): ReadonlyMap<string, string> =>
  new Map(entries(text).flatMap(({ key, value }) => (key === null ? [] : [[key, value] as const])));

/** ISO 8859-1 is what the taskmanager reads. */
const escaped = (value: string): string =>
  value
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replace(/^ /, "\\ ")
    .replaceAll(/[^\x20-\x7e]/g, (char) => (char === "\t" ? "\\t" : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`));
const escapedKey = (key: string): string => escaped(key).replaceAll(/[ =:#!]/g, (char) => `\\${char}`);

/** With the changes in it: a value replaces the last one of its key, or comes at the end; null takes every entry of its key out. */
export function editProperties(text: string, changes: FlagChanges): string {
  const all = entries(text);
  const last = new Map(all.flatMap(({ key }, at) => (key === null ? [] : [[key, at] as const])));
  const wanted = new Map(Object.entries(changes));
  const edited = all.map(({ raw, key, value: has }, at) => {
    const value = key === null ? undefined : wanted.get(key);
    if (key === null || value === undefined) return raw;
    if (value === null) return "";
    if (last.get(key) !== at || has === value) return raw;
    return `${escapedKey(key)}=${escaped(value)}${/\r?\n$/.exec(raw)?.[0] ?? ""}`;
  });
  const added = [...wanted].flatMap(([key, value]) => (value === null || last.has(key) ? [] : [`${escapedKey(key)}=${escaped(value)}\n`]));
  const kept = edited.join("");
  return `${kept}${added.length > 0 && kept !== "" && !kept.endsWith("\n") ? "\n" : ""}${added.join("")}`;
}
