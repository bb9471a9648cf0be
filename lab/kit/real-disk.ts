import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Disk } from "./disk.ts";

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** The files of this machine. Missing directories are made on the way. */
export class RealDisk implements Disk {
  read(path: string): string | null {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  write(path: string, text: string): void {
    this.#below(path, () => {
      writeFileSync(path, text);
    });
  }

  append(path: string, text: string): void {
    this.#below(path, () => {
      appendFileSync(path, text);
    });
  }

  remove(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  rename(from: string, to: string): void {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }

  list(directory: string): readonly string[] {
    try {
      return readdirSync(directory).sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** The directory is made only when it is found missing: appends come by the thousand. */
  #below(path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isAbsent(error)) throw error;
      mkdirSync(dirname(path), { recursive: true });
      work();
    }
  }
}
