// Backups on the disk of this machine.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import type { BackupFiles } from "../backup/files.ts";
import { opener, sealer } from "./seal.ts";
import { unzip } from "./unzip.ts";

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

function problem(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT")
    return new StillwaterError("SW3012", `${path} cannot be written: the disk is full`, { object: path, cause: error });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR")
    return new StillwaterError("SW3005", `${path} cannot be used: ${code}`, { object: path, cause: error });
  return error;
}
async function tried<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problem(error, path);
  }
}

export class LocalBackupFiles implements BackupFiles {
  readonly sha256 = sha256;
  readonly unzip = unzip;
  readonly sealer = sealer;
  readonly opener = opener;
  readonly #made = new Set<string>();

  begin(directory: string): Promise<void> {
    return tried(directory, async () => {
      await rm(directory, { recursive: true, force: true });
      this.#made.clear();
      await mkdir(directory, { recursive: true, mode: 0o700 });
    });
  }
  write(directory: string, name: string, content: string | Uint8Array): Promise<{ readonly sha256: string; readonly bytes: number }> {
    const path = join(directory, name);
    return tried(path, async () => {
      const folder = dirname(path);
      if (!this.#made.has(folder)) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        this.#made.add(folder);
      }
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      await writeFile(path, bytes, { mode: 0o600 });
      return { sha256: sha256(bytes), bytes: bytes.length };
    });
  }
  read(directory: string, name: string): Promise<Uint8Array | null> {
    const path = join(directory, name);
    return tried(path, async () => {
      try {
        return await readFile(path);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return null;
        throw error;
      }
    });
  }
  names(directory: string): Promise<readonly string[]> {
    return tried(directory, async () => {
      const found = await readdir(directory, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .toSorted();
    });
  }
}
