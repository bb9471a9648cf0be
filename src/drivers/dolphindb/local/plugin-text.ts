// The text that describes a plugin: its first line is NAME,LIBRARY[,VERSION]; versions stand there from 2.00.9 and 1.30.21 on.

/** Null: not such a text, or without a version. */
export function pluginVersion(text: string): { readonly name: string; readonly version: string } | null {
  const [name = "", library = "", version = ""] = (text.split(/\r?\n/, 1)[0] ?? "").split(",").map((part) => part.trim());
  return name !== "" && /\.(?:so|dll)$/i.test(library) && /^\d+(?:\.\d+){2,}$/.test(version) ? { name, version } : null;
}
