// Files of the form key=value: controller.cfg, agent.cfg, cluster.cfg (facts 1.5).

/** Key to value; a later line counts more than an earlier one. Comments (#) and lines without `=` are left out. */
export function readConfigText(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.set(key, value);
  }
  return found;
}

const lineOf = (line: string): { readonly key: string; readonly value: string } | null => {
  const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return key === undefined || value === undefined ? null : { key, value };
};

/**
 * With the changes in it: a value replaces the last line of its key, or comes at the end; null takes every line of its key out. Every other byte stays, but
 * for empty lines at the beginning: a server takes such a file for an empty one (facts 1.5).
 */
export function editConfigText(text: string, changes: Readonly<Record<string, string | null>>): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const last = new Map(lines.flatMap((line, at) => ((found) => (found === null ? [] : [[found.key, at] as const]))(lineOf(line))));
  const edited = lines.map((line, at) => {
    const found = lineOf(line);
    const value = found === null ? undefined : changes[found.key];
    if (found === null || value === undefined) return line;
    if (value === null) return "";
    return last.get(found.key) !== at || found.value === value ? line : `${found.key}=${value}${/\r?\n$/.exec(line)?.[0] ?? ""}`;
  });
  const added = Object.entries(changes).flatMap(([key, value]) => (value === null || last.has(key) ? [] : [`${key}=${value}\n`]));
  const kept = edited.join("").replace(/^(?:[ \t]*\r?\n)+/, "");
  return `${kept}${added.length > 0 && kept !== "" && !kept.endsWith("\n") ? "\n" : ""}${added.join("")}`;
}

/** Keys of the changes that a text does not have yet; empty: it has them all. */
export function missingIn(text: string, changes: Readonly<Record<string, string | null>>): readonly string[] {
  const has = readConfigText(text);
  return Object.entries(changes).flatMap(([key, value]) => ((has.get(key) ?? null) === value ? [] : [key]));
}

/** Lines of a unified diff without context: `- maxMemSize=8`, `+ maxMemSize=16`. */
export function diffOf(text: string, changes: Readonly<Record<string, string | null>>): readonly string[] {
  const has = readConfigText(text);
  return Object.entries(changes).flatMap(([key, to]) => {
    const from = has.get(key) ?? null;
    if (from === to) return [];
    return [...(from === null ? [] : [`- ${key}=${from}`]), ...(to === null ? [] : [`+ ${key}=${to}`])];
  });
}
