// The version inside an archive: read in one pass, never from its name. A damaged or truncated file does not get to the end of that pass.
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { StillwaterError } from "../../../model/errors.ts";
import type { Artefact } from "../../../model/goal.ts";
import { TarScan } from "./tar.ts";
import { versionOfBinary } from "../version.ts";

const notOne = (path: string, why: string): StillwaterError =>
  new StillwaterError("SW1205", `${path} is not a release of PostgreSQL, or is damaged: ${why}`, {
    object: path,
    why: [why, "wanted: a tar archive (plain, gzip or zstd) with bin/postgres, lib/ and share/"],
  });

/** Finds `postgres (PostgreSQL) 17.10` in the binary, over the borders of what is read at once. */
class VersionSearch {
  #tail = "";
  version: string | null = null;
  push(chunk: Uint8Array): void {
    if (this.version !== null) return;
    const text = this.#tail + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    // Something must stand behind the version, or it could be cut in its middle.
    const match = /postgres \(PostgreSQL\) [0-9][0-9A-Za-z.]*[^0-9A-Za-z.]/.exec(text);
    if (match) this.version = versionOfBinary(match[0].slice(0, -1));
    this.#tail = text.slice(-80);
  }
}

/** Error SW1203 when the file cannot be read, SW1205 when it is not a release, is damaged or is cut short. */
export async function readArtefact(path: string): Promise<Artefact> {
  const { first, bytes } = await beginning(path);
  const hash = createHash("sha256");
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  const search = new VersionSearch();
  const parts = new Set<string>();
  let root: string | null = null;
  const scan = new TarScan((name) => {
    const match = /^(?:\.\/)?((?:[^/]+\/)*?)(bin\/postgres|lib|share)(?:\/|$)/.exec(name);
    if (match?.[2]) parts.add(`${match[1] ?? ""}${match[2]}`);
    if (match?.[2] !== "bin/postgres" || root !== null) return null;
    root = match[1] ?? "";
    return (chunk) => search.push(chunk);
  });
  try {
    for await (const chunk of decompressed(first, source, hash)) scan.push(chunk as Uint8Array);
    scan.end();
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause)
      throw new StillwaterError("SW1203", `${path} cannot be read`, { object: path, why: [cause.message], cause });
    throw notOne(path, cause instanceof Error ? cause.message : String(cause));
  } finally {
    source.destroy();
  }
  if (root === null) throw notOne(path, "there is no bin/postgres inside");
  if (!parts.has(`${String(root)}lib`) || !parts.has(`${String(root)}share`)) throw notOne(path, "lib/ or share/ is missing beside bin/postgres");
  if (search.version === null) throw notOne(path, "bin/postgres does not say its version");
  return { path, sha256: hash.digest("hex"), bytes, version: search.version };
}

/** Its first four bytes and its size. Error SW1203. */
async function beginning(path: string): Promise<{ readonly first: Uint8Array; readonly bytes: number }> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0);
    return { first: buffer.subarray(0, bytesRead), bytes: (await file.stat()).size };
  } catch (cause) {
    throw new StillwaterError("SW1203", `${path} cannot be read`, { object: path, why: [cause instanceof Error ? cause.message : ""], cause });
  }
}

/** What is in the file, by its first bytes; `hash` sees the file as it is. */
function decompressed(first: Uint8Array, source: Readable, hash: Hash): AsyncIterable<unknown> {
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
  const is = (...magic: readonly number[]): boolean => magic.every((byte, index) => first[index] === byte);
  if (is(0x1f, 0x8b)) return piped(hashed(), createGunzip());
  if (is(0x28, 0xb5, 0x2f, 0xfd)) return piped(hashed(), createZstdDecompress());
  return hashed();
}
function piped(source: AsyncIterable<Buffer>, through: Transform): Transform {
  const from = Readable.from(source);
  from.once("error", (error) => through.destroy(error));
  return from.pipe(through);
}
