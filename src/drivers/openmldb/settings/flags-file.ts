// conf/COMPONENT.flags: a gflags flagfile. Read as gflags reads it, edited so that every other byte stays.
import { StillwaterError } from "../../../model/errors.ts";
import type { FlagChanges } from "../operations/install-params.ts";

/** `-` and `_` mean the same in a name. */
const canonical = (name: string): string => name.replaceAll("-", "_");
const lines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

interface Line {
  readonly name: string;
  readonly value: string;
}
/** Null: blank, or a comment. `--key` alone is `true`. `--nokey` is left under its own name, because only the binary knows which flags are switches. */
function flagOf(line: string): Line | null {
  const match = /^\s*--?([A-Za-z0-9][\w-]*)(?:=(.*))?$/s.exec(line.replace(/\r?\n$/, ""));
  return match?.[1] === undefined ? null : { name: canonical(match[1]), value: match[2] ?? "true" };
}
/** Neither blank, comment nor flag: what follows it counts only for programs of that name. */
const isSection = (line: string): boolean => /^\s*[^\s#-]/.test(line);

/** The last of several counts. */
export const readFlags = (text: string): ReadonlyMap<string, string> =>
  new Map(lines(text).flatMap((line) => ((flag) => (flag === null ? [] : [[flag.name, flag.value] as const]))(flagOf(line))));

/**
 * With the changes in it: a value replaces the last one of its key, or comes at the end; null takes every line of its key out (`--nokey` too). A commented
 * default stays a comment. Error SW3005 for a file whose flags are divided by program.
 */
export function editFlags(text: string, changes: FlagChanges): string {
  const wanted = new Map(Object.entries(changes).map(([key, value]) => [canonical(key), value] as const));
  const all = lines(text);
  if (all.some(isSection))
    throw new StillwaterError("SW3005", "the flags file has parts for several programs, and is not edited", {
      why: all.filter(isSection).map((line) => line.trim()),
      remedy: "Write one flags file for each component, as bin/start.sh reads them.",
    });
  const nameOf = (line: string): string | null => {
    const name = flagOf(line)?.name ?? null;
    return name !== null && !wanted.has(name) && name.startsWith("no") && wanted.has(name.slice(2)) ? name.slice(2) : name;
  };
  const last = new Map(all.flatMap((line, at) => ((name) => (name === null ? [] : [[name, at] as const]))(nameOf(line))));
  const edited = all.map((line, at) => {
    const name = nameOf(line);
    const value = name === null ? undefined : wanted.get(name);
    if (name === null || value === undefined) return line;
    if (value === null) return "";
    if (last.get(name) !== at) return line;
    const end = /\r?\n$/.exec(line)?.[0] ?? "";
    return flagOf(line)?.name === name && flagOf(line)?.value === value ? line : `${/^\s*/.exec(line)?.[0] ?? ""}--${name}=${value}${end}`;
  });
  const added = [...wanted].flatMap(([name, value]) => (value === null || last.has(name) ? [] : [`--${name}=${value}\n`]));
  const kept = edited.join("");
  return `${kept}${added.length > 0 && kept !== "" && !kept.endsWith("\n") ? "\n" : ""}${added.join("")}`;
}
