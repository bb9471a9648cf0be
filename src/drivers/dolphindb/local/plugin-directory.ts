// Plugins for the new release, from a directory on this machine: read, judged and packed once for all hosts.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { StillwaterError } from "../../../model/errors.ts";
import { contentsDigest, type FileDigest } from "../operations/contents.ts";
import type { PluginPackage } from "../planning/options.ts";
import { pluginVersion } from "./plugin-text.ts";
import { tarOf, type Member } from "./tar.ts";

export interface PackOptions {
  /** Where archives are kept. Default: the user's cache. */
  readonly cache?: string;
}

/** Error SW1203 when it cannot be read, SW1205 when no plugin is in it, or one of them does not say its version. */
export async function readPluginDirectory(directory: string, options: PackOptions = {}): Promise<PluginPackage> {
  const cache = options.cache ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stillwater", "artefacts");
  try {
    const versions = await versionsIn(directory);
    const members = await membersOf(directory);
    const files: FileDigest[] = [];
    for (const { name, source } of members) files.push({ path: name, sha256: await sha256Of(source) });
    const { path, sha256, bytes } = await pack(members, cache);
    return { directory, versions, path, sha256, bytes, contents: contentsDigest(files) };
  } catch (cause) {
    if (cause instanceof StillwaterError) throw cause;
    throw new StillwaterError("SW1203", `${directory} cannot be read`, {
      object: directory,
      why: [cause instanceof Error ? cause.message : String(cause)],
      cause,
    });
  }
}

async function versionsIn(directory: string): Promise<Readonly<Record<string, string>>> {
  const versions: Record<string, string> = {};
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of names.toSorted()) {
    const texts = (await readdir(join(directory, name))).filter((file) => file.endsWith(".txt"));
    const found = (await Promise.all(texts.map(async (file) => pluginVersion(await readFile(join(directory, name, file), "utf8"))))).find(
      (each) => each !== null,
    );
    if (found === undefined)
      throw new StillwaterError("SW1205", `${join(directory, name)} is no plugin, or does not say its version`, {
        object: join(directory, name),
        why: ["wanted: a text whose first line is NAME,LIBRARY.so,VERSION, beside its library"],
      });
    versions[found.name] = found.version;
  }
  if (Object.keys(versions).length === 0)
    throw new StillwaterError("SW1205", `${directory} holds no plugin`, {
      object: directory,
      why: ["wanted: a directory for each plugin, as below server/plugins"],
    });
  return versions;
}

async function membersOf(root: string): Promise<readonly Member[]> {
  const members: Member[] = [];
  const add = async (name: string): Promise<void> => {
    const source = join(root, name);
    const about = await stat(source);
    if (about.isDirectory()) for (const each of (await readdir(source)).toSorted()) await add(`${name}/${each}`);
    else if (about.isFile()) members.push({ name, bytes: about.size, executable: (about.mode & 0o111) !== 0, source });
  };
  for (const entry of (await readdir(root, { withFileTypes: true }))
    .filter((each) => each.isDirectory())
    .map(({ name }) => name)
    .toSorted())
    await add(entry);
  return members;
}

/** The archive's name holds its digest, so the same plugins are packed once. */
async function pack(members: readonly Member[], cache: string): Promise<{ readonly path: string; readonly sha256: string; readonly bytes: number }> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const part = join(cache, `.${String(process.pid)}-${String(performance.now())}.part`);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    await pipeline(
      tarOf(members),
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          yield piece;
        }
      },
      createWriteStream(part, { mode: 0o600 }),
    );
    const sha256 = hash.digest("hex");
    const path = join(cache, `dolphindb-plugins-${sha256.slice(0, 16)}.tar`);
    await rename(part, path);
    return { path, sha256, bytes };
  } catch (cause) {
    await rm(part, { force: true });
    throw cause;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}
