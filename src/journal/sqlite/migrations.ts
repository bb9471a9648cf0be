import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StillwaterError } from "../../model/errors.ts";

/** `PRAGMA application_id` of a journal ("SWJ1"): another program's database is refused, not written to. */
export const applicationId = 0x53574a31;

/** Numbered from 1, forward only, never edited once released: a journal of any release is brought up step by step. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE store (id TEXT NOT NULL) STRICT;

  -- One row per cluster that was ever claimed. A release keeps the epoch.
  CREATE TABLE claim (
    cluster  TEXT PRIMARY KEY,
    epoch    INTEGER NOT NULL CHECK (epoch > 0),
    holder   TEXT,
    since    INTEGER NOT NULL,
    lease_ms INTEGER NOT NULL CHECK (lease_ms > 0),
    until    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER claim_epoch_rises BEFORE UPDATE ON claim WHEN new.epoch < old.epoch
    BEGIN SELECT RAISE(ABORT, 'an epoch never falls'); END;
  CREATE TRIGGER claim_is_kept BEFORE DELETE ON claim
    BEGIN SELECT RAISE(ABORT, 'an epoch is never forgotten'); END;

  -- sha256 is that of the text in plan: SQLite itself does not notice a flipped bit.
  CREATE TABLE run (
    id         INTEGER PRIMARY KEY CHECK (id > 0),
    v          INTEGER NOT NULL,
    cluster    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    plan_hash  TEXT NOT NULL,
    plan       TEXT NOT NULL,
    sha256     TEXT NOT NULL
  ) STRICT;
  CREATE INDEX run_of_cluster ON run (cluster);
  CREATE TRIGGER run_is_kept BEFORE DELETE ON run
    BEGIN SELECT RAISE(ABORT, 'a run is never removed'); END;
  CREATE TRIGGER run_is_never_changed BEFORE UPDATE ON run
    BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;

  CREATE TABLE journal (
    run   INTEGER NOT NULL REFERENCES run (id),
    n     INTEGER NOT NULL CHECK (n > 0),
    v     INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
  CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

  CREATE TABLE signal (
    run       INTEGER PRIMARY KEY REFERENCES run (id),
    at        INTEGER NOT NULL,
    desired   TEXT NOT NULL CHECK (desired IN ('run', 'pause', 'abort')),
    asked_by  TEXT NOT NULL,
    reason    TEXT NOT NULL
  ) STRICT;

  CREATE TABLE progress (
    run   INTEGER PRIMARY KEY REFERENCES run (id),
    at    INTEGER NOT NULL,
    turn  TEXT,
    step  TEXT,
    state TEXT NOT NULL
  ) STRICT;
  `,
];

/** Reads a pragma that holds one number. */
export function pragmaNumber(db: DatabaseSync, name: string): number {
  const value = db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (typeof value !== "number") throw new StillwaterError("SW4003", `The journal does not tell its ${name}`);
  return value;
}

/**
 * Brings a journal up to `known`. Each migration is one transaction that reads the version again, so that two processes that open an old
 * journal at once do it once. SW4003 for a journal of a newer release. Before the first one the journal is copied to `PATH.v<version>`,
 * for whoever must go back to the older release.
 */
export function migrate(db: DatabaseSync, path: string, known: readonly string[]): void {
  const before = version(db, path, known.length);
  if (before > 0 && before < known.length) backUp(db, `${path}.v${before}`);
  for (let next = before + 1; next <= known.length; next += 1) {
    db.exec("BEGIN IMMEDIATE");
    try {
      if (version(db, path, known.length) < next) {
        db.exec(known[next - 1] ?? "");
        db.exec(`PRAGMA user_version = ${next}`);
      }
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
}

function version(db: DatabaseSync, path: string, known: number): number {
  const found = pragmaNumber(db, "user_version");
  if (found <= known) return found;
  throw new StillwaterError("SW4003", "The journal was written by a newer release", {
    object: path,
    why: [`format ${found}; this release knows formats up to ${known}`],
    remedy: "Use the newer release; nothing was changed.",
  });
}

function backUp(db: DatabaseSync, copy: string): void {
  try {
    // VACUUM INTO takes an empty file, and would make a missing one readable for everybody.
    closeSync(openSync(copy, "wx", 0o600));
  } catch (error) {
    // The copy of an earlier attempt: it is older, so it is the one to keep.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  db.prepare("VACUUM INTO ?").run(copy);
}
