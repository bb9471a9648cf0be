// The vendor's package: a zip file with server/ inside. Read once to its end, so a damaged or truncated one is found before anything is touched.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import type { Artefact } from "../../../model/goal.ts";
import { contentsDigest, type FileDigest } from "../operations/contents.ts";
import type { Architecture, Flavour, PackageFacts } from "../planning/options.ts";
import { pluginVersion } from "./plugin-text.ts";
import { ReleaseText, type SaidRelease } from "./release-text.ts";
import { readEntry, zipEntries, type ZipEntry } from "./zip.ts";

export interface ReadPackage {
  readonly artefact: Artefact;
  readonly facts: PackageFacts;
}

const wanted = "wanted: the vendor's package as it was downloaded, DolphinDB_Linux64_V2.00.8.12.zip, with server/dolphindb inside";
const notOne = (path: string, why: string, remedy?: string): StillwaterError =>
  new StillwaterError("SW1205", `${path} is not a package of DolphinDB, or is damaged: ${why}`, {
    object: path,
    why: [why, wanted],
    ...(remedy === undefined ? {} : { remedy }),
  });
const unreadable = (path: string, cause: unknown): StillwaterError =>
  new StillwaterError("SW1203", `${path} cannot be read`, { object: path, why: [cause instanceof Error ? cause.message : String(cause)], cause });

/** Error SW1203 when it cannot be read, SW1205 when it is not a package, is damaged or cut short, or contradicts its own name. */
export const readArtefact = async (path: string): Promise<Artefact> => (await readPackage(path)).artefact;

const known = new Map<string, Promise<ReadPackage>>();

/** As `readArtefact`, with flavour, architecture, plugins and the digest over everything inside. A file that has not changed is read once. */
export async function readPackage(path: string): Promise<ReadPackage> {
  const about = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!about.isFile()) throw notOne(path, "it is not a file");
  const key = `${path} ${String(about.size)} ${String(about.mtimeMs)}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const reading = read(path, about.size);
  known.set(key, reading);
  reading.catch(() => known.delete(key));
  return reading;
}

async function read(path: string, bytes: number): Promise<ReadPackage> {
  try {
    const entries = await zipEntries(path);
    const name = nameOf(path);
    refuseOthers(path, entries, name);
    const contents = await readContents(path, entries);
    const { version, flavour, versionFrom } = releaseOf(path, contents.said, name);
    const facts: PackageFacts = {
      flavour,
      architecture: architectureOf(path, contents.machine, name),
      versionFrom,
      contents: contentsDigest(contents.files),
      bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
      plugins: contents.plugins,
    };
    return { artefact: { path, sha256: await sha256Of(path), bytes, version }, facts };
  } catch (cause) {
    if (cause instanceof StillwaterError) throw cause;
    if (cause instanceof Error && "syscall" in cause) throw unreadable(path, cause);
    throw notOne(path, cause instanceof Error ? cause.message : String(cause));
  }
}

/** `DolphinDB_Linux64_V2.00.8.12_JIT.zip`. Null: not named as the vendor names packages. */
interface Named {
  readonly system: "Linux64" | "ARM64" | "Win64";
  readonly version: string;
  readonly flavour: Flavour;
}
function nameOf(path: string): Named | null {
  const match = /^DolphinDB_(Linux64|ARM64|Win64)_V(\d+\.\d+\.\d+(?:\.\d+)?)(?:_(JIT|ABI))?\b.*\.zip$/i.exec(basename(path));
  if (match === null) return null;
  const [, system = "", version = "", flavour = ""] = match;
  const systems = ["Linux64", "ARM64", "Win64"] as const;
  const found = systems.find((each) => each.toLowerCase() === system.toLowerCase());
  return found === undefined ? null : { system: found, version, flavour: flavour === "" ? "plain" : flavour.toUpperCase() === "JIT" ? "JIT" : "ABI" };
}

function refuseOthers(path: string, entries: readonly ZipEntry[], name: Named | null): void {
  const names = new Set(entries.map((entry) => entry.name));
  if (name?.system === "Win64" || names.has("server/dolphindb.exe"))
    throw notOne(path, "it is the package for Windows", "Fetch the one for Linux: DolphinDB_Linux64_V... or DolphinDB_ARM64_V...");
  if (names.has("server/dolphindb")) return;
  const elsewhere = [...names].find((each) => /(?:^|\/)dolphindb$/.test(each));
  throw notOne(
    path,
    elsewhere === undefined ? "there is no server/dolphindb inside" : `its binary is ${elsewhere}, not server/dolphindb: it was packed anew`,
  );
}

interface Contents {
  readonly files: readonly FileDigest[];
  readonly said: readonly SaidRelease[];
  /** Of the ELF header of the binary, or of its library where the binary is a script; null: neither has one. */
  readonly machine: Architecture | "other" | null;
  readonly plugins: Readonly<Record<string, string>>;
}

async function readContents(path: string, entries: readonly ZipEntry[]): Promise<Contents> {
  const files: FileDigest[] = [];
  const plugins: Record<string, string> = {};
  const texts = new Map([
    ["server/dolphindb", new ReleaseText()],
    ["server/libDolphinDB.so", new ReleaseText()],
  ]);
  const machines = new Map<string, Contents["machine"]>();
  for (const entry of entries) {
    if (entry.directory) continue;
    const hash = createHash("sha256");
    const text = texts.get(entry.name);
    const isPlugin = /^server\/plugins\/[^/]+\/[^/]+\.txt$/.test(entry.name) && entry.bytes < 1 << 20;
    const kept: Buffer[] = [];
    let first = text !== undefined;
    for await (const piece of readEntry(path, entry)) {
      hash.update(piece);
      text?.take(piece);
      if (first) machines.set(entry.name, machineOf(piece));
      first = false;
      if (isPlugin) kept.push(piece);
    }
    const plugin = isPlugin ? pluginVersion(Buffer.concat(kept).toString("utf8")) : null;
    if (plugin !== null) plugins[plugin.name] = plugin.version;
    files.push({ path: entry.name.replace(/^(?:\.\/)+/, ""), sha256: hash.digest("hex") });
  }
  const [binary, library] = [...texts.values()].map((each) => each.end());
  const machine = [...texts.keys()].map((name) => machines.get(name) ?? null).find((each) => each !== null) ?? null;
  return { files, said: binary !== undefined && binary.length > 0 ? binary : (library ?? []), machine, plugins };
}

/** e_machine of an ELF header, little endian. */
function machineOf(piece: Buffer): Contents["machine"] {
  if (piece.length < 20 || piece.readUInt32BE(0) !== 0x7f45_4c46) return null;
  const machine = piece.readUInt16LE(18);
  return machine === 62 ? "x86_64" : machine === 183 ? "aarch64" : "other";
}

function architectureOf(path: string, machine: Contents["machine"], name: Named | null): Architecture {
  const named: Architecture | null = name === null ? null : name.system === "ARM64" ? "aarch64" : "x86_64";
  if (machine === "other") throw notOne(path, "its binary is for neither x86_64 nor aarch64");
  if (machine !== null && named !== null && machine !== named)
    throw notOne(path, `its name says ${named}, and its binary is for ${machine}`, "Fetch it again: one of the two is wrong.");
  const found = machine ?? named;
  if (found === null)
    throw notOne(path, "neither its name nor its binary says which architecture it is for", "Give it the name under which the vendor publishes it.");
  return found;
}

/** Inside counts; a name that says something else is a contradiction and never settled by us. */
function releaseOf(
  path: string,
  said: readonly SaidRelease[],
  name: Named | null,
): { readonly version: string; readonly flavour: Flavour; readonly versionFrom: PackageFacts["versionFrom"] } {
  const renamed = "Fetch it again from the vendor, and leave its name as it is.";
  const [only] = said;
  if (only === undefined) {
    if (name === null)
      throw notOne(path, "neither its name nor its binary says its version", "Give it the name under which the vendor publishes it.");
    return { version: name.version, flavour: name.flavour, versionFrom: "name" };
  }
  const words = [...new Set(said.map(({ version }) => version))];
  if (name === null) {
    if (words.length > 1) throw notOne(path, `its binary names several versions: ${words.join(", ")}`, renamed);
    return { version: only.version, flavour: only.flavour ?? "plain", versionFrom: "inside" };
  }
  const fitting = said.find(
    ({ version }) => version === name.version || version.startsWith(`${name.version}.`) || name.version.startsWith(`${version}.`),
  );
  if (fitting === undefined) throw notOne(path, `its name says ${name.version}, and its binary says ${words.join(", ")}`, renamed);
  if (fitting.flavour !== null && fitting.flavour !== name.flavour)
    throw notOne(path, `its name says the ${name.flavour} build, and its binary is the ${fitting.flavour} one`, renamed);
  const version = fitting.version.length >= name.version.length ? fitting.version : name.version;
  return { version, flavour: name.flavour, versionFrom: "inside" };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}
