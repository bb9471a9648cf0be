import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StillwaterError } from "../../model/errors.ts";
import { applicationId, migrate, migrations, pragmaNumber } from "./migrations.ts";
import { refuseNetworkFileSystem } from "./network-file-system.ts";

/** Milliseconds to wait for another process's transaction. They take milliseconds; a claim lasts many seconds. */
export const busyMs = 5000;
export const fileName = "journal.db";

/** Creates the directory (0700) and the journal (0600) where they are missing, brings an old one up to date, and returns its path. Errors: SW4001, SW4003, SW4004. */
export function prepareJournal(directory: string, known: readonly string[] = migrations): string {
  const path = join(prepareDirectory(directory), fileName);
  if (!existsSync(path)) create(path, known);
  const db = connect(path, "FULL");
  try {
    if (pragmaNumber(db, "application_id") !== applicationId) {
      throw new StillwaterError("SW4003", "The journal's file is not a journal", {
        object: path,
        why: ["it is a database of another program, or empty"],
      });
    }
    migrate(db, path, known);
  } finally {
    db.close();
  }
  return path;
}

/** `FULL`: a commit is on the disk when it returns. `NORMAL`: it may be lost by a power cut, never by a crash of the process. */
export function connect(path: string, synchronous: "FULL" | "NORMAL"): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true, allowExtension: false });
  try {
    db.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA trusted_schema = OFF`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function prepareDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const real = realpathSync(directory);
  refuseNetworkFileSystem(real);
  // Whoever can rename files here can put another journal in the place of ours, and with it another claim.
  if ((statSync(real).mode & 0o002) !== 0) {
    throw new StillwaterError("SW4001", "The journal's directory may be written by everybody", { object: real, remedy: `chmod 700 ${real}` });
  }
  return real;
}

/**
 * The journal is made complete under another name and then linked to its own: of two processes that begin at once one wins and the other
 * uses the winner's, and a crash never leaves half a journal.
 */
function create(path: string, known: readonly string[]): void {
  const draft = `${path}.new-${randomUUID()}`;
  try {
    // SQLite gives the mode of this file to the log and the shared memory beside it.
    closeSync(openSync(draft, "wx", 0o600));
    const db = connect(draft, "FULL");
    try {
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${applicationId}`);
      migrate(db, draft, known);
      db.prepare("INSERT INTO store (id) VALUES (?)").run(randomUUID());
    } finally {
      // The last connection: everything is in the file itself now, and the log is gone.
      db.close();
    }
    linkSync(draft, path);
    syncDirectory(join(path, ".."));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${draft}${suffix}`, { force: true });
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
