// What `lab up` asks of its options, whatever the system.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Makes the directory; a new temporary one where none is wanted. Error when there is something in it. */
export async function labDirectory(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), "stillwater-lab-"));
  const directory = resolve(wanted);
  if (existsSync(directory) && readdirSync(directory).length > 0) throw new Error(`${directory} is not empty`);
  mkdirSync(directory, { recursive: true });
  return directory;
}
export function checkScale(scale: number): void {
  if (!(scale > 0 && scale <= 1)) throw new Error(`scale: a number above 0 and up to 1 is wanted, not ${String(scale)}`);
}
export function checkCount(what: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new Error(`${what}: a whole number of ${String(least)} or more is wanted, not ${String(value)}`);
}
