// One process at a time, for as long as it lives.
import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./failures.ts";

export interface ProcessLock {
  release(): void;
}

/** Of two that come at the same moment, each sees the other on the way: without waiting both could be turned away. */
const BUSY_MS = 1_000;

/**
 * Null: another process has the lock. The kernel takes it back when its holder dies, however that happens: nobody has to judge who is dead, and two
 * cannot break it at once. The file stays empty, and must be neither removed nor opened by the holder in another way, which would let go of the lock.
 */
export function lockForLife(file: string): ProcessLock | null {
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // In memory: an exclusive transaction would else begin a journal file, and leave it behind when its process is killed.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { release: () => db.close() };
}
