// A directory for a test's files. In memory if possible: hosts flush what they write, and a busy disk would make the tests wait for it.
import { accessSync, chmodSync, constants, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function scratchDirectory(): string {
  const directory = mkdtempSync(join(inMemory() ? "/dev/shm" : tmpdir(), "stillwater-test-"));
  chmodSync(directory, 0o755);
  return directory;
}
function inMemory(): boolean {
  try {
    accessSync("/dev/shm", constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
