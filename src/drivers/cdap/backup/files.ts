// A backup as files: what it is made of, and how it is reached.
import type { Json } from "../../../model/json.ts";

/** Files of one directory of this machine. Names are relative, with slashes. */
export interface BackupFiles {
  /** An empty directory that only its owner may read; what an earlier try without a manifest has left is removed. */
  begin(directory: string): Promise<void>;
  /** Mode 0600. */
  write(directory: string, name: string, content: string | Uint8Array): Promise<FileFact>;
  /** Null: there is none. */
  read(directory: string, name: string): Promise<Uint8Array | null>;
  /** Of all files, sorted. */
  names(directory: string): Promise<readonly string[]>;
  sha256(content: Uint8Array): string;
  /** What seals texts with the operator's words, and what opens them; null: other words, or it was changed. */
  sealer(words: string): (text: string) => string;
  opener(words: string): (sealed: string) => string | null;
  /** Files of a zip archive, one after another: unpacked, those of thousands of applications take tens of megabytes. Error SW3013 for one that is damaged. */
  unzip(archive: Uint8Array): Iterable<{ readonly name: string; readonly content: Uint8Array }>;
}
export type FileFact = { readonly sha256: string; readonly bytes: number };

export const manifestName = "manifest.json";
export type Manifest = {
  readonly version: 1;
  readonly cluster: string;
  /** Of CDAP. */
  readonly release: string;
  readonly createdAt: string;
  /** `NS` to its applications, as the server listed them. */
  readonly applications: Readonly<Record<string, readonly string[]>>;
  /** The vendor's export; null: this release has none. */
  readonly export: { readonly entries: number; readonly digest: "verified" | "not stated" } | null;
  readonly notes: readonly string[];
  readonly files: Readonly<Record<string, FileFact>>;
};

/** How notes begin that name secure keys whose values are not in the backup. */
export const secureKeysNote = "secure keys";
/** `sealed`: its value, encrypted; absent: it is not in the backup. */
export type SecureKey = {
  readonly name: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly sealed?: string;
};

export const instanceFile = "instance.json";
export const exportFile = "export.zip";
export const namespaceFile = (ns: string, what: string): string => `namespaces/${ns}/${what}.json`;
export const appFile = (ns: string, app: string, what: "detail" | "versions" | "schedules" | "preferences"): string =>
  `namespaces/${ns}/apps/${app}/${what}.json`;
export const programFile = (ns: string, app: string, type: string, program: string): string =>
  `namespaces/${ns}/apps/${app}/programs/${type}/${program}.json`;

const decoder = new TextDecoder();
/** Null: there is no such file. Throws a SyntaxError for one that is no JSON. */
export async function readJson(files: BackupFiles, directory: string, name: string): Promise<Json> {
  const content = await files.read(directory, name);
  return content === null ? null : (JSON.parse(decoder.decode(content)) as Json);
}
const isManifest = (value: Json): boolean =>
  value !== null && typeof value === "object" && !Array.isArray(value) && "version" in value && "files" in value && "applications" in value;
/** Null: the directory has no complete backup. A manifest that was cut off while it was written is none, either. */
export async function readManifest(files: BackupFiles, directory: string): Promise<Manifest | null> {
  const content = await files.read(directory, manifestName);
  if (content === null || !isJson(content)) return null;
  const value = JSON.parse(decoder.decode(content)) as Json;
  return isManifest(value) ? (value as unknown as Manifest) : null;
}

/** One line for everything that is wrong with it; each file is opened, counted and hashed again. */
export async function wrongWith(files: BackupFiles, directory: string, manifest: Manifest): Promise<readonly string[]> {
  const wrong: string[] = [];
  const there = new Set((await files.names(directory)).filter((name) => name !== manifestName));
  for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
    there.delete(name);
    const content = await files.read(directory, name);
    if (content === null) wrong.push(`${name} is missing`);
    else if (content.length !== bytes || files.sha256(content) !== sha256) wrong.push(`${name} is not what was written: its sha256 differs`);
    else if (name.endsWith(".json") && !isJson(content)) wrong.push(`${name} is no JSON`);
  }
  for (const name of there) wrong.push(`${name} is not in the manifest`);
  for (const [ns, apps] of Object.entries(manifest.applications))
    for (const app of apps) if (manifest.files[appFile(ns, app, "detail")] === undefined) wrong.push(`${ns}.${app} is missing`);
  return wrong;
}
/** One line for each application that a backup does not have, with those of the same name that it has. */
export const missingIn = (
  applications: Manifest["applications"],
  wanted: readonly { readonly ns: string; readonly app: string }[],
): readonly string[] =>
  wanted.flatMap(({ ns, app }) => {
    if (applications[ns]?.includes(app) === true) return [];
    const others = Object.entries(applications).flatMap(([of, own]) => (own.includes(app) ? [`${of}.${app}`] : []));
    return [`it does not have ${ns}.${app}${others.length === 0 ? "" : `; it has ${others.join(", ")}`}`];
  });
function isJson(content: Uint8Array): boolean {
  try {
    JSON.parse(decoder.decode(content));
    return true;
  } catch {
    return false;
  }
}
