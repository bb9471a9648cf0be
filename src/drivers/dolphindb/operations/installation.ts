// Where releases lie on a host: staged, in place and kept. All below the installation itself, because an installation is exchanged by renames.
import type { HostReader } from "../../../model/host.ts";
import { namesIn } from "./host-scripts.ts";

const short = (sha256: string): string => sha256.slice(0, 12);
const rootOf = (server: string): string => `${server}/.stillwater`;

/** What of an installation is the operator's (facts 1.4): the vendor's upgrade.sh leaves these alone, and so do we. */
export const operatorsOwn: ReadonlySet<string> = new Set([
  "clusterDemo",
  "dolphindb.cfg",
  "dolphindb.lic",
  "startSingle.sh",
  "stopSingle.sh",
  ".stillwater",
]);
/** While it is not there nothing starts: it leaves first and comes last. */
export const binary = "dolphindb";

export interface ReleasePlace {
  /** The archive is unpacked into it; its files are below `files`. */
  readonly directory: string;
  /** What goes into the installation: `server` of the vendor's zip. */
  readonly files: string;
  /** A line `SHA256  PATH` for every file of the archive; written when it was compared with what was planned. */
  readonly sums: string;
  readonly pluginSums: string;
  /** Plugins of the package that were replaced by those the operator gave. */
  readonly shippedPlugins: string;
}
export const releaseOn = (server: string, version: string, sha256: string): ReleasePlace => {
  const directory = `${rootOf(server)}/${version}-${short(sha256)}`;
  return {
    directory,
    files: `${directory}/server`,
    sums: `${directory}.sums`,
    pluginSums: `${directory}.plugins.sums`,
    shippedPlugins: `${directory}/shipped-plugins`,
  };
};
export const pluginsOn = (server: string, sha256: string): string => `${rootOf(server)}/plugins-${short(sha256)}`;
/** The root directory of an archive of plugins holds a directory for each. */
export const archiveOn = (archives: string, what: "dolphindb" | "plugins", version: string, sha256: string): string =>
  `${archives}/${what}-${version}-${short(sha256)}`;

/** What an exchange put aside: beside its directory, as `NAME.json`. */
export interface Kept {
  /** Of what lies there; `unknown`: it could not say. */
  readonly version: string;
  /** sha256 of its `dolphindb`; null: there was none. */
  readonly binary: string | null;
  /** What came in its place without having been there before: it leaves when this comes back. */
  readonly added: readonly string[];
  /** Where what came in its place lay: it returns there. */
  readonly from: string;
}
export const keptPrefix = "kept-";
export const keptOn = (server: string, version: string, stamp: string): string => `${rootOf(server)}/${keptPrefix}${version}-${stamp}`;

/** The newest one of that version whose binary is still there; null: none. */
export async function keptOf(host: HostReader, server: string, version: string): Promise<{ readonly directory: string; readonly kept: Kept } | null> {
  const names = (await namesIn(host, rootOf(server))).filter((name) => name.startsWith(`${keptPrefix}${version}-`) && !name.endsWith(".json"));
  for (const name of names.toSorted().toReversed()) {
    const directory = `${rootOf(server)}/${name}`;
    const kept = parseKept(await host.readText(`${directory}.json`));
    if (kept !== null && kept.version === version && (await namesIn(host, directory)).includes(binary)) return { directory, kept };
  }
  return null;
}
function parseKept(text: string | null): Kept | null {
  const read = parsed(text);
  if (read === null) return null;
  const { version, binary: digest, added, from } = read;
  const names = Array.isArray(added) ? added.filter((name): name is string => typeof name === "string") : [];
  if (typeof version !== "string" || typeof from !== "string") return null;
  return { version, binary: typeof digest === "string" ? digest : null, added: names, from };
}

function parsed(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null; // written by somebody else, or cut short
  }
}

/** `20261121T020407Z`, for names that sort by time. */
export const stampOf = (now: number): string => new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
/** The path itself, or with a number behind it that is not taken. */
export async function freePath(host: HostReader, path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${String(n)}`;
    if ((await host.stat(candidate)).kind === "absent") return candidate;
  }
}
