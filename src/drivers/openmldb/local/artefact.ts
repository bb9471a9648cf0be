// The version inside a release: read in one pass, never from its name. A damaged or truncated file does not get to the end of that pass.
import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { StillwaterError } from "../../../model/errors.ts";
import type { Artefact } from "../../../model/goal.ts";
import { versionOfBatchJar, versionOfEnvironment, versionOfTaskmanagerJar } from "../release-version.ts";
import { tarEntries, tarOf, type Member } from "./tar.ts";

/** What of an unpacked release is packed: never the data and logs of an installation that runs there. */
const parts = ["bin", "conf", "sbin", "taskmanager", "tools", "udf"] as const;
const sparkParts = ["bin", "conf", "jars", "python", "sbin", "RELEASE"] as const;
type Kind = "openmldb" | "spark";
const wanted: Readonly<Record<Kind, string>> = {
  openmldb: "wanted: a tar archive (plain, gzip or zstd) or a directory with bin/openmldb, bin/start.sh, and conf/openmldb-env.sh or taskmanager/lib",
  spark:
    "wanted: a tar archive (plain, gzip or zstd) or a directory of the OpenMLDB Spark distribution, with bin/spark-submit and jars/openmldb-batch-VERSION.jar",
};

const notOne = (path: string, kind: Kind, why: string): StillwaterError =>
  new StillwaterError(
    "SW1205",
    `${path} is not ${kind === "spark" ? "an OpenMLDB Spark distribution" : "a release of OpenMLDB"}, or is damaged: ${why}`,
    {
      object: path,
      why: [why, wanted[kind]],
    },
  );
const unreadable = (path: string, cause: unknown): StillwaterError =>
  new StillwaterError("SW1203", `${path} cannot be read`, { object: path, why: [cause instanceof Error ? cause.message : String(cause)], cause });

export interface ArtefactOptions {
  /** Where a directory is packed to. Default: the user's cache. */
  readonly cache?: string;
}

/**
 * A release of OpenMLDB: its archive, or its unpacked directory, which is packed into the cache. Error SW1203 when it cannot be read, SW1205 when it is
 * not a release, is damaged or cut short, or holds two versions. That the binary says the same is found on each host before anything is stopped: it
 * builds its version when it runs, so no text in it can be looked for.
 */
export const readArtefact = (path: string, options: ArtefactOptions = {}): Promise<Artefact> => readRelease("openmldb", path, options);
/** The Spark distribution (OM-22), by the version of OpenMLDB that it was built for. Errors as above. */
export const readSparkArtefact = (path: string, options: ArtefactOptions = {}): Promise<Artefact> => readRelease("spark", path, options);

async function readRelease(kind: Kind, path: string, options: ArtefactOptions): Promise<Artefact> {
  const about = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!about.isDirectory()) return readArchive(kind, path, about.size);
  const cache = options.cache ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stillwater", "artefacts");
  const packed = await pack(kind, path, cache);
  return readArchive(kind, packed, (await stat(packed)).size);
}

/** Collects what the names and small files of a release say; where in the archive it lies is known at the end. */
class Contents {
  readonly #names = new Set<string>();
  readonly #environments = new Map<string, string>();
  readonly #kind: Kind;
  constructor(kind: Kind) {
    this.#kind = kind;
  }
  /** True: its text is wanted. */
  name(name: string): boolean {
    this.#names.add(plain(name));
    return this.#kind === "openmldb" && /(?:^|\/)conf\/openmldb-env\.sh$/.test(name);
  }
  environment(name: string, text: string): void {
    const version = versionOfEnvironment(text);
    if (version !== null) this.#environments.set(plain(name), version);
  }
  version(path: string): string {
    const [first, ...more] = this.#kind === "spark" ? ["bin/spark-submit"] : ["bin/openmldb", "bin/start.sh"];
    const roots = [...this.#names].flatMap((name) =>
      name === first || name.endsWith(`/${first ?? ""}`) ? [name.slice(0, -(first ?? "").length)] : [],
    );
    const root = roots.toSorted((a, b) => a.length - b.length)[0];
    if (root === undefined) throw notOne(path, this.#kind, `there is no ${first ?? ""} inside`);
    for (const file of more) if (!this.#names.has(`${root}${file}`)) throw notOne(path, this.#kind, `there is no ${file} beside ${first ?? ""}`);
    const says = new Map<string, string>();
    const environment = this.#environments.get(`${root}conf/openmldb-env.sh`);
    if (environment !== undefined) says.set("conf/openmldb-env.sh", environment);
    const jars = `${root}${this.#kind === "spark" ? "jars/" : "taskmanager/lib/"}`;
    for (const name of this.#names) {
      const file = name.slice(jars.length);
      const jar = name.startsWith(jars) ? (this.#kind === "spark" ? versionOfBatchJar(file) : versionOfTaskmanagerJar(file)) : null;
      if (jar !== null) says.set(name.slice(root.length), jar);
    }
    const [version, ...others] = new Set(says.values());
    if (version === undefined) throw notOne(path, this.#kind, "nothing inside says its version");
    if (others.length > 0)
      throw notOne(path, this.#kind, `it holds two versions: ${[...says].map(([file, each]) => `${file} says ${each}`).join(", ")}`);
    return version;
  }
}
const plain = (name: string): string => name.replace(/^(?:\.\/)+/, "");

async function readArchive(kind: Kind, path: string, bytes: number): Promise<Artefact> {
  const first = await beginning(path);
  const hash = createHash("sha256");
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  const contents = new Contents(kind);
  try {
    for await (const entry of tarEntries(decompressed(first, source, hash)))
      if (contents.name(entry.name) && entry.kind === "file") contents.environment(entry.name, await entry.text(1 << 16));
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause) throw unreadable(path, cause);
    throw notOne(path, kind, cause instanceof Error ? cause.message : String(cause));
  } finally {
    source.destroy();
  }
  return { path, sha256: hash.digest("hex"), bytes, version: contents.version(path) };
}

async function beginning(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What is in the file, by its first bytes; `hash` sees the file as it is. */
function decompressed(first: Uint8Array, source: Readable, hash: Hash): AsyncIterable<Uint8Array> {
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
  const is = (...magic: readonly number[]): boolean => magic.every((byte, index) => first[index] === byte);
  if (is(0x1f, 0x8b)) return through(hashed(), createGunzip());
  if (is(0x28, 0xb5, 0x2f, 0xfd)) return through(hashed(), createZstdDecompress());
  return hashed();
}
function through(source: AsyncIterable<Uint8Array>, transform: Transform): Transform {
  const from = Readable.from(source);
  from.once("error", (error) => transform.destroy(error));
  return from.pipe(transform);
}

/** Packs a directory once: the archive's name holds its content's digest. */
async function pack(kind: Kind, directory: string, cache: string): Promise<string> {
  const part = join(cache, `.${String(process.pid)}-${String(performance.now())}.part`);
  try {
    const members = await membersOf(directory, kind === "spark" ? sparkParts : parts);
    await mkdir(cache, { recursive: true, mode: 0o700 });
    const hash = createHash("sha256");
    await pipeline(
      tarOf(members),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(part, { mode: 0o600 }),
    );
    const packed = join(cache, `${kind}-${hash.digest("hex").slice(0, 16)}.tar`);
    await rename(part, packed);
    return packed;
  } catch (cause) {
    await rm(part, { force: true });
    throw unreadable(directory, cause);
  }
}

async function membersOf(directory: string, names: readonly string[]): Promise<readonly Member[]> {
  const members: Member[] = [];
  const add = async (name: string): Promise<void> => {
    const path = join(directory, name);
    const about = await stat(path);
    // A process that runs there writes its pid beside the binary.
    if (/\.pid(?:\.child)?$/.test(name)) return;
    if (about.isDirectory()) {
      members.push({ name, kind: "directory", bytes: 0, executable: true, source: path });
      for (const each of (await readdir(path)).toSorted()) await add(`${name}/${each}`);
    } else if (about.isFile()) members.push({ name, kind: "file", bytes: about.size, executable: (about.mode & 0o111) !== 0, source: path });
  };
  const present = new Set(await readdir(directory));
  for (const name of names) if (present.has(name)) await add(name);
  return members;
}
