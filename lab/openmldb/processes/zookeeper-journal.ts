import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Change } from "./zookeeper-tree.ts";

export type Record =
  | Change
  | { readonly kind: "session"; readonly id: string; readonly password: string; readonly timeoutMs: number }
  | { readonly kind: "end"; readonly id: string };

/** What a ZooKeeper server remembers over a restart, sessions included: one record a line, in order. */
export class Journal {
  readonly #file: string | null;

  /** Null: nothing is kept. */
  constructor(file: string | null) {
    this.#file = file;
    if (file !== null) mkdirSync(dirname(file), { recursive: true });
  }

  read(): readonly Record[] {
    if (this.#file === null || !existsSync(this.#file)) return [];
    // A last line without its end was not acknowledged to anybody.
    const whole = readFileSync(this.#file, "utf8").split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Record);
  }

  add(record: Record): void {
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(record)}\n`);
  }
}
