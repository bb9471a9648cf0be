/** conf/COMPONENT.flags: `--name=value` lines; `--name` alone is true. Comments and empty lines are skipped. */
export function parseFlags(text: string): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^\s*--?([\w.]+)(?:=(.*))?$/.exec(line.trimEnd());
    if (match?.[1] !== undefined) flags[match[1]] = (match[2] ?? "true").trim();
  }
  return flags;
}

/** The taskmanager's properties: `key=value`. */
export function parseProperties(text: string): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0 && !line.trimStart().startsWith("#")) properties[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return properties;
}

export const flagsText = (flags: Readonly<Record<string, string>>): string =>
  Object.entries(flags)
    .map(([name, value]) => `--${name}=${value}\n`)
    .join("");
export const propertiesText = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
