import type { DatabaseSync } from "node:sqlite";

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement of the store, prepared once per connection. */
export function prepareStatements(db: DatabaseSync) {
  return {
    // IMMEDIATE: a transaction that begins as a reader and then writes fails at once when another has written meanwhile, whatever the busy timeout.
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    rollback: db.prepare("ROLLBACK"),

    storeId: db.prepare("SELECT id FROM store"),

    claimOf: db.prepare("SELECT cluster, epoch, holder, since, until FROM claim WHERE cluster = ?"),
    setClaim: db.prepare(`
      INSERT INTO claim (cluster, epoch, holder, since, lease_ms, until) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (cluster) DO UPDATE SET
        epoch = excluded.epoch, holder = excluded.holder, since = excluded.since, lease_ms = excluded.lease_ms, until = excluded.until`),
    extend: db.prepare("UPDATE claim SET until = max(until, ? + lease_ms) WHERE cluster = ? AND epoch = ? AND holder = ? RETURNING until"),
    release: db.prepare("UPDATE claim SET holder = NULL, until = ? WHERE cluster = ? AND epoch = ? AND holder = ?"),

    insertRun: db.prepare("INSERT INTO run (v, cluster, created_at, plan_hash, plan, sha256) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"),
    runExists: db.prepare("SELECT 1 FROM run WHERE id = ?"),
    runById: db.prepare("SELECT id, v, cluster, created_at, plan, sha256 FROM run WHERE id = ?"),
    runsOf: db.prepare("SELECT id, cluster, created_at FROM run WHERE cluster = ? ORDER BY id DESC"),
    allRuns: db.prepare("SELECT id, cluster, created_at FROM run ORDER BY id DESC"),

    // No row for a run of another cluster: a claim gives no right to write there.
    lastEntry: db.prepare("SELECT (SELECT coalesce(max(n), 0) FROM journal WHERE run = run.id) AS n FROM run WHERE id = ? AND cluster = ?"),
    insertEntry: db.prepare("INSERT INTO journal (run, n, v, epoch, at, event) VALUES (?, ?, ?, ?, ?, ?)"),
    entriesAfter: db.prepare("SELECT n, v, epoch, at, event FROM journal WHERE run = ? AND n > ? ORDER BY n"),

    signalOf: db.prepare("SELECT desired, asked_by, reason FROM signal WHERE run = ?"),
    setSignal: db.prepare("INSERT OR REPLACE INTO signal (run, at, desired, asked_by, reason) VALUES (?, ?, ?, ?, ?)"),

    setSignalUnlessAbort: db.prepare(`
      INSERT INTO signal (run, at, desired, asked_by, reason) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (run) DO UPDATE SET at = excluded.at, desired = excluded.desired, asked_by = excluded.asked_by, reason = excluded.reason
      WHERE signal.desired <> 'abort' RETURNING run`),

    progressOf: db.prepare("SELECT at, turn, step, state FROM progress WHERE run = ?"),
  };
}
