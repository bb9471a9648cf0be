import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { artefactOf } from "../demo/releases.ts";
import { readArtefact } from "./artefact.ts";

let directory: string;
let archive: string;
let content: Buffer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stillwater-artefact-"));
  archive = await artefactOf("17.10", directory);
  content = await readFile(archive);
});
afterAll(async () => rm(directory, { recursive: true, force: true }));
async function written(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

test("The version is the binary's, whatever the file is called, packed or not", async () => {
  const sha256 = createHash("sha256").update(content).digest("hex");
  expect(await readArtefact(archive)).toEqual({ path: archive, version: "17.10", bytes: content.length, sha256 });
  const tar = gunzipSync(content);
  expect((await readArtefact(await written("postgresql-16.1.tar", tar))).version).toBe("17.10");
  expect((await readArtefact(await written("x", zstdCompressSync(tar)))).version).toBe("17.10");
});

test("Cut short anywhere, changed inside or foreign: refused before anything is planned", async () => {
  const refused = async (name: string, bytes: Uint8Array): Promise<void> => {
    const path = await written(name, bytes);
    await expect(readArtefact(path), name).rejects.toMatchObject({ code: "SW1205", object: path });
  };
  for (const part of [1, 100, 0.3, 0.9, 0.9999])
    await refused(`cut ${String(part)}`, content.subarray(0, part >= 1 ? part : Math.floor(content.length * part)));
  const tar = gunzipSync(content);
  await refused("cut tar", tar.subarray(0, tar.length - 20_000));
  await refused("cut tar inside gzip", gzipSync(tar.subarray(0, Math.floor(tar.length / 2)), { level: 1 }));
  const damaged = Buffer.from(content);
  damaged.fill(0x55, Math.floor(content.length / 2), Math.floor(content.length / 2) + 64);
  await refused("damaged", damaged);
  await refused("empty", new Uint8Array(0));
  await refused("text", Buffer.from("no archive\n".repeat(500)));
  await refused("another archive", gzipSync(await oneFileTar("README")));
  await refused("a script called postgres", gzipSync(await oneFileTar("bin/postgres")));
  await expect(readArtefact(join(directory, "absent"))).rejects.toMatchObject({ code: "SW1203" });
});

async function oneFileTar(name: string): Promise<Buffer> {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("00000000003\0", 124);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar", 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const body = Buffer.alloc(512);
  body.write("abc");
  return Buffer.concat([header, body, Buffer.alloc(1024)]);
}
