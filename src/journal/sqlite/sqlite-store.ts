import { createHash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { ClaimLost, StillwaterError } from "../../model/errors.ts";
import type { JournalEntry, RunEvent } from "../../model/event.ts";
import { canonicalJson } from "../../model/json.ts";
import type { Plan } from "../../model/plan.ts";
import { clusterIsHeld, holderText } from "../claim-text.ts";
import { formatVersion } from "../event-schema.ts";
import { readEvent, readHolder, readPlan, writeEvent, writePlan } from "../record.ts";
import type { Claim, Desired, Progress, RunHead, RunRecord, Signal, Store } from "../store.ts";
import { busyMs, connect, prepareJournal } from "./database.ts";
import { isFatal, translateFailure } from "./failures.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** Opens the journal in `directory`, making both where they are missing. `now`: ms since 1970. Errors: SW4001 to SW4004. */
export function openSqliteStore(options: { readonly directory: string; readonly now: () => number }): Store {
  let path = options.directory;
  try {
    path = prepareJournal(options.directory);
    return new SqliteStore(path, connect(path, "FULL"), options.now);
  } catch (error) {
    throw translateFailure(error, path, busyMs);
  }
}

type Row = Record<string, SQLOutputValue>;

/** One connection. Its methods are synchronous inside, so that no other work of this process comes between the statements of a transaction. */
export class SqliteStore implements Store {
  readonly id: string;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #sql: Statements;
  /** Progress need not survive a power cut, so it does not pay for a sync. */
  #progress: { readonly db: DatabaseSync; readonly set: StatementSync } | null = null;
  #broken: StillwaterError | null = null;
  /** What was read or made last: a run is never changed (the database sees to it), and its plan may be megabytes that would be held twice. */
  #latest: RunRecord | null = null;

  constructor(path: string, db: DatabaseSync, now: () => number) {
    this.#path = path;
    this.#db = db;
    this.#now = now;
    this.#sql = prepareStatements(db);
    this.id = text(this.#sql.storeId.get() ?? {}, "id");
  }

  async claim(request: Parameters<Store["claim"]>[0]): Promise<Claim> {
    return this.#write(() => {
      // Read inside the transaction: waiting for the lock may have taken longer than a lease.
      const now = this.#now();
      const row = this.#sql.claimOf.get(request.cluster);
      const held = row === undefined ? null : claimFrom(row);
      if (held !== null && held.until > now && !request.holderIsDead(held.holder)) throw clusterIsHeld(held, now);
      const epoch = Math.max(row === undefined ? 0 : whole(row, "epoch"), request.above) + 1;
      const until = now + request.leaseMs;
      this.#sql.setClaim.run(request.cluster, epoch, canonicalJson(request.holder), now, request.leaseMs, until);
      return { cluster: request.cluster, epoch, holder: request.holder, since: now, until };
    });
  }

  async holder(cluster: string): Promise<Claim | null> {
    return this.#read(() => {
      const row = this.#sql.claimOf.get(cluster);
      return row === undefined ? null : claimFrom(row);
    });
  }

  async release(claim: Claim): Promise<void> {
    this.#write(() => this.#sql.release.run(this.#now(), claim.cluster, claim.epoch, canonicalJson(claim.holder)));
  }

  async createRun(claim: Claim, plan: Plan): Promise<RunRecord> {
    const written = writePlan(plan);
    return this.#write(() => {
      const now = this.#now();
      this.#prove(claim, now);
      const row = this.#sql.insertRun.get(formatVersion, claim.cluster, now, plan.hash, written.text, sha256(written.text)) ?? {};
      return (this.#latest = { id: whole(row, "id"), cluster: claim.cluster, plan: written.plan, createdAt: now });
    });
  }

  async run(id: number): Promise<RunRecord | null> {
    return this.#read(() => {
      if (this.#latest?.id === id) return this.#latest;
      const row = this.#sql.runById.get(id);
      return row === undefined ? null : (this.#latest = runFrom(row));
    });
  }

  async runs(cluster: string | null): Promise<readonly RunHead[]> {
    return this.#read(() =>
      (cluster === null ? this.#sql.allRuns.all() : this.#sql.runsOf.all(cluster)).map((row) => ({
        id: whole(row, "id"),
        cluster: text(row, "cluster"),
        createdAt: whole(row, "created_at"),
      })),
    );
  }

  async append(
    claim: Claim,
    run: number,
    events: readonly RunEvent[],
  ): Promise<{ readonly until: number; readonly signal: Signal; readonly entries: readonly JournalEntry[] }> {
    const written = events.map(writeEvent);
    return this.#write(() => {
      const now = this.#now();
      const until = this.#prove(claim, now);
      const last = this.#sql.lastEntry.get(run, claim.cluster);
      if (last === undefined) throw noSuchRun(run, `or it is not a run of ${claim.cluster}`);
      let n = whole(last, "n");
      const entries = written.map(({ text: json, event }): JournalEntry => {
        n += 1;
        this.#sql.insertEntry.run(run, n, formatVersion, claim.epoch, now, json);
        return { n, epoch: claim.epoch, at: now, event };
      });
      return { until, signal: signalFrom(this.#sql.signalOf.get(run)), entries };
    });
  }

  async read(run: number, after: number): Promise<readonly JournalEntry[]> {
    return this.#read(() => {
      this.#mustExist(run);
      let expected = after;
      let epoch = 0;
      return this.#sql.entriesAfter.all(run, after).map((row): JournalEntry => {
        const entry = { n: whole(row, "n"), epoch: whole(row, "epoch"), at: whole(row, "at") };
        expected += 1;
        if (entry.n !== expected) throw damaged(`run ${run}, entry ${expected}`, `the next entry is number ${entry.n}`);
        if (entry.epoch < epoch) throw damaged(`run ${run}, entry ${entry.n}`, `epoch ${entry.epoch} after epoch ${epoch}`);
        epoch = entry.epoch;
        return { ...entry, event: readEvent(run, entry.n, whole(row, "v"), text(row, "event")) };
      });
    });
  }

  async signal(run: number, signal: Signal): Promise<void> {
    this.#write(() => {
      this.#mustExist(run);
      this.#sql.setSignal.run(run, this.#now(), signal.desired, signal.by, signal.reason);
    });
  }

  async signalUnlessAbort(run: number, signal: Signal): Promise<boolean> {
    return this.#write(() => {
      this.#mustExist(run);
      return this.#sql.setSignalUnlessAbort.get(run, this.#now(), signal.desired, signal.by, signal.reason) !== undefined;
    });
  }

  async readSignal(run: number): Promise<Signal> {
    return this.#read(() => {
      this.#mustExist(run);
      return signalFrom(this.#sql.signalOf.get(run));
    });
  }

  async setProgress(run: number, progress: Progress): Promise<void> {
    this.#guarded(() => {
      this.#mustExist(run);
      this.#progress ??= this.#openProgress();
      this.#progress.set.run(run, progress.at, progress.turn, progress.step, progress.state);
    });
  }

  async progress(run: number): Promise<Progress | null> {
    return this.#read(() => {
      this.#mustExist(run);
      const row = this.#sql.progressOf.get(run);
      if (row === undefined) return null;
      return { at: whole(row, "at"), turn: textOrNull(row, "turn"), step: textOrNull(row, "step"), state: text(row, "state") };
    });
  }

  close(): void {
    this.#progress?.db.close();
    this.#progress = null;
    if (this.#db.isOpen) this.#db.close();
  }

  /** Extends the claim and returns its new end, or throws ClaimLost. Expiry alone loses nothing: as long as nobody else came, the epoch is still ours. */
  #prove(claim: Claim, now: number): number {
    const row = this.#sql.extend.get(now, claim.cluster, claim.epoch, canonicalJson(claim.holder));
    if (row !== undefined) return whole(row, "until");
    const current = this.#sql.claimOf.get(claim.cluster);
    const held = current === undefined ? null : claimFrom(current);
    throw new ClaimLost(
      held === null
        ? `The claim on ${claim.cluster} with epoch ${claim.epoch} is no longer held`
        : `The claim on ${claim.cluster} with epoch ${claim.epoch} was lost: epoch ${held.epoch} is held by ${holderText(held.holder)}`,
    );
  }

  #mustExist(run: number): void {
    if (this.#sql.runExists.get(run) === undefined) throw noSuchRun(run, null);
  }

  #openProgress(): { readonly db: DatabaseSync; readonly set: StatementSync } {
    const db = connect(this.#path, "NORMAL");
    return {
      db,
      set: db.prepare("INSERT OR REPLACE INTO progress (run, at, turn, step, state) VALUES (?, ?, ?, ?, ?)"),
    };
  }

  #write<T>(work: () => T): T {
    return this.#guarded(() => {
      this.#sql.begin.run();
      try {
        const result = work();
        this.#sql.commit.run();
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#db.isTransaction) this.#sql.rollback.run();
        throw error;
      }
    });
  }

  #read<T>(work: () => T): T {
    return this.#guarded(work);
  }

  #guarded<T>(work: () => T): T {
    if (this.#broken !== null) throw this.#broken;
    if (!this.#db.isOpen) throw new StillwaterError("SW4001", "The journal was closed", { object: this.#path });
    try {
      return work();
    } catch (error) {
      const translated = translateFailure(error, this.#path, busyMs);
      if (isFatal(error) && translated instanceof StillwaterError) this.#broken = translated;
      throw translated;
    }
  }
}

function damaged(object: string, why: string): StillwaterError {
  return new StillwaterError("SW4003", `The journal is damaged: ${object}`, { object, why: [why] });
}
function noSuchRun(run: number, why: string | null): StillwaterError {
  return new StillwaterError("SW1004", `There is no run ${run}`, { object: `run ${run}`, why: why === null ? [] : [why] });
}

/** Null for a cluster that was released. */
function claimFrom(row: Row): Claim | null {
  const holder = textOrNull(row, "holder");
  if (holder === null) return null;
  const cluster = text(row, "cluster");
  return { cluster, epoch: whole(row, "epoch"), holder: readHolder(cluster, holder), since: whole(row, "since"), until: whole(row, "until") };
}
function runFrom(row: Row): RunRecord {
  const id = whole(row, "id");
  const plan = text(row, "plan");
  if (sha256(plan) !== text(row, "sha256")) throw damaged(`run ${id}, plan`, "it is not what was written: its sha256 differs");
  return { id, cluster: text(row, "cluster"), plan: readPlan(id, whole(row, "v"), plan), createdAt: whole(row, "created_at") };
}
const sha256 = (of: string): string => createHash("sha256").update(of).digest("hex");
function signalFrom(row: Row | undefined): Signal {
  if (row === undefined) return { desired: "run", by: "", reason: "" };
  return { desired: text(row, "desired") as Desired, by: text(row, "asked_by"), reason: text(row, "reason") };
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw damaged(column, "a text is missing");
  return value;
}
function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}
function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw damaged(column, "a number is missing");
  return value;
}
