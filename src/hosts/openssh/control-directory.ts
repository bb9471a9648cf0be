// Where the sockets of multiplexed connections lie: one private directory per process.
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "stillwater-ssh-";
let directory: string | null = null;

/** Mode 0700. The path must stay short: a socket's name has room for about 100 bytes, and ssh needs 60 of them. */
export function controlDirectory(): string {
  if (directory !== null && existsSync(directory)) return directory;
  const base = tmpdir().length <= 16 ? tmpdir() : "/tmp";
  mkdirSync(base, { recursive: true });
  dropLeft(base);
  directory = mkdtempSync(join(base, `${PREFIX}${process.pid}-`));
  return directory;
}
/** When no socket is left in it. */
export function dropControlDirectory(): void {
  if (directory === null || !existsSync(directory) || readdirSync(directory).length > 0) return;
  rmdirSync(directory);
  directory = null;
}
/** Directories of processes that were killed. */
function dropLeft(base: string): void {
  for (const name of readdirSync(base)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(base, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() && found.uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
  }
}
