// Backups without a disk: virtual time does not wait for one.
import { createHash } from "node:crypto";
import type { BackupFiles, FileFact } from "../backup/files.ts";
import { opener, sealer } from "../local/seal.ts";
import { unzip } from "../local/unzip.ts";

export class MemoryFiles implements BackupFiles {
  readonly contents = new Map<string, Uint8Array>();
  readonly unzip = unzip;
  readonly sealer = sealer;
  readonly opener = opener;

  sha256(content: Uint8Array): string {
    return createHash("sha256").update(content).digest("hex");
  }
  async begin(directory: string): Promise<void> {
    for (const path of this.contents.keys()) if (path.startsWith(`${directory}/`)) this.contents.delete(path);
  }
  async write(directory: string, name: string, content: string | Uint8Array): Promise<FileFact> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.contents.set(`${directory}/${name}`, bytes);
    return { sha256: this.sha256(bytes), bytes: bytes.length };
  }
  async read(directory: string, name: string): Promise<Uint8Array | null> {
    return this.contents.get(`${directory}/${name}`) ?? null;
  }
  async names(directory: string): Promise<readonly string[]> {
    return [...this.contents.keys()].flatMap((path) => (path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1)] : [])).toSorted();
  }
}
