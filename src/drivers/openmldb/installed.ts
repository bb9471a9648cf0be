// What of a release lies where, on one host. Nothing is changed here.
import type { HostReader } from "../../model/host.ts";
import type { OmNode } from "./cluster.ts";
import { stagingOf, type Part } from "./operations/install-params.ts";
import { versionOfBatchJar, versionOfBinary, versionOfTaskmanagerJar } from "./release-version.ts";

/** What each part is recognised by, and what else the release has beside it. */
const marks: Readonly<Record<Part, string>> = { bin: "openmldb", taskmanager: "lib", spark: "jars" };
const beside: Readonly<Record<Part, string>> = { bin: "conf", taskmanager: "conf", spark: "jars" };

/** `tablet.pid` is the component's pid, or that of mon; with mon `tablet.pid.child` is the component's (OM-6). Both lie in bin/. */
export const isPidFile = (name: string): boolean => /\.pid(?:\.child)?$/.test(name);
export const isPidFileOf = (component: string, name: string): boolean => name === `${component}.pid` || name === `${component}.pid.child`;

/**
 * The version of a part that lies there: the binary says its own when it is run, jars have theirs in their name. Null: not there, not able to run, or no
 * release.
 */
export async function versionOfPart(host: HostReader, part: Part, path: string): Promise<string | null> {
  switch (part) {
    case "bin": {
      if ((await host.stat(`${path}/openmldb`)).kind === "absent") return null;
      const result = await host.query([`${path}/openmldb`, "--version"]);
      return result.code === 0 ? versionOfBinary(result.stdout) : null;
    }
    case "taskmanager":
      return inNames(await namesIn(host, `${path}/lib`), versionOfTaskmanagerJar);
    case "spark":
      return inNames(await namesIn(host, `${path}/jars`), versionOfBatchJar);
  }
}
const inNames = (names: readonly string[], versionOf: (name: string) => string | null): string | null =>
  names.map(versionOf).find((version) => version !== null) ?? null;

/** Where a part lies in an unpacked release: at its top, or in the one directory there. Null: it holds none, or it was put in place already. */
export async function partIn(host: HostReader, part: Part, directory: string): Promise<string | null> {
  const root = await rootOf(host, part, directory);
  if (root === null) return null;
  const path = part === "spark" ? root : `${root}/${part}`;
  return (await namesIn(host, path)).includes(marks[part]) ? path : null;
}
async function rootOf(host: HostReader, part: Part, directory: string): Promise<string | null> {
  const names = await namesIn(host, directory);
  if (names.includes(beside[part])) return directory;
  for (const name of names) if ((await namesIn(host, `${directory}/${name}`)).includes(beside[part])) return `${directory}/${name}`;
  return null;
}

/** A part of that version that an earlier run took out of its place. Null: none is kept. */
export async function keptPart(node: OmNode, part: Part, version: string): Promise<string | null> {
  const staging = stagingOf(node, part);
  const names = (await namesIn(node.host, staging)).filter((name) => name.startsWith(`${part}-${version}`));
  // The one that was put aside last comes first: a tree that was exchanged by hand meanwhile is an older one.
  for (const name of names.toReversed()) if ((await versionOfPart(node.host, part, `${staging}/${name}`)) === version) return `${staging}/${name}`;
  return null;
}

/** Empty where no directory is. */
export async function namesIn(host: HostReader, directory: string): Promise<readonly string[]> {
  const { kind } = await host.stat(directory);
  return kind === "absent" || kind === "file" ? [] : host.list(directory);
}

/** A path that nothing lies at: the wished one, or with a number behind it. */
export async function freePath(reader: HostReader, wished: string): Promise<string> {
  for (let count = 1; ; count++) {
    const path = count === 1 ? wished : `${wished}.${String(count)}`;
    if ((await reader.stat(path)).kind === "absent") return path;
  }
}
