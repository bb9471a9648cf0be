import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Storage } from "../logic/storage.ts";

/** Changes of so many milliseconds are written together; a kill -9 loses at most those. */
const TOGETHER_MS = 100;
/** Writing takes at most one part in so many of the process's time. */
const SHARE = 10;

/** The platform's storage in one file. */
export class StateFile {
  readonly storage: Storage;
  readonly #path: string;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;

  constructor(path: string, initial: () => Readonly<Record<string, unknown>>) {
    this.#path = path;
    this.storage = { parts: { ...(readParts(path) ?? initial()) }, changed: () => this.#changed() };
  }

  /** Everything that has changed is in the file. */
  flush(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#write();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), Math.max(TOGETHER_MS, this.#lastMs * SHARE));
  }
  #write(): void {
    this.#timer = null;
    const began = performance.now();
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.storage.parts));
    renameSync(`${this.#path}.new`, this.#path);
    this.#lastMs = performance.now() - began;
  }
}

function readParts(path: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
