// The writer of one partition, as the vendor's API makes it: connected to one site, moving to another when that one cannot serve, sending again what may
// not have arrived (facts 3.6). There is one for each partition, because two transactions on one chunk refuse each other (`<ChunkInTransaction>`); rows
// that come while it waits are appended together.
import type { AttemptOutcome } from "../../../model/continuity.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { TypedTable } from "../wire/encode.ts";
import { clusterLoad } from "../wire/probe-scripts.ts";
import { Session, type Credentials } from "../wire/session.ts";
import type { Transport } from "../wire/transport.ts";
import { saidBy, type Said } from "./answers.ts";
import type { Sites } from "./sites.ts";

export interface WriterOptions {
  readonly transport: Transport;
  readonly sites: Sites;
  readonly credentials: Credentials | null;
  /** What rows are appended by. */
  readonly append: string;
  /** Rows of one request. More than one only where all of them are on one partition: then all are stored or none is. */
  readonly together: number;
  /** Between rounds through all sites; 1,000 ms in the vendor's API. */
  readonly roundMs: number;
  /** After `<ChunkInTransaction>`; 10,000 ms in the vendor's API. */
  readonly chunkLockMs: number;
  /** Resolves after that time, or at once when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}
export interface Sending {
  /** The row as it is when sent for the n-th time. */
  readonly row: (send: number) => TypedTable;
  readonly signal: AbortSignal;
  readonly again: () => boolean;
}
interface Pending extends Sending {
  sends: number;
  /** Why an earlier send may have been carried out. */
  doubt: string | null;
  readonly settle: (outcome: AttemptOutcome) => void;
}

interface Stored {
  readonly is: "stored";
  readonly rows: number;
}

const connectMs = 2000;
const askMs = 2000;
/** An attempt ends by its signal; this only bounds what the signal may forget. */
const longestMs = 300_000;
const loadsAreOldAfterMs = 5000;

export class Writer {
  readonly #options: WriterOptions;
  /** In the order in which they came; those that are being sent are among them. */
  readonly #pending = new Set<Pending>();
  /** Sites that did not serve in this round. */
  readonly #failed = new Set<string>();
  readonly #closed = new AbortController();
  #working = false;
  #session: Session | null = null;
  #site: string | null = null;
  /** `<NotLeader>` named it. */
  #wanted: string | null = null;
  #last = "no site was asked";

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Tries until the row is answered for or its signal ends it. Never throws. */
  send(sending: Sending): Promise<AttemptOutcome> {
    return new Promise((resolve) => {
      const { signal } = sending;
      const pending: Pending = {
        ...sending,
        sends: 0,
        doubt: null,
        settle: (outcome) => {
          signal.removeEventListener("abort", end);
          this.#pending.delete(pending);
          resolve(outcome);
        },
      };
      const end = (): void => {
        // What is under way now may be carried out: only without the connection its answer is not waited for any longer.
        if (this.#sent.has(pending)) this.#session?.close();
        else pending.settle(this.#overdue(pending));
      };
      this.#pending.add(pending);
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
      void this.#work();
    });
  }
  /** Rows of the request that is under way. */
  readonly #sent = new Set<Pending>();

  close(): void {
    this.#closed.abort();
    this.#disconnect();
  }
  #disconnect(): void {
    this.#session?.close();
    this.#session = null;
  }

  #overdue({ sends, doubt }: Pending): AttemptOutcome {
    if (doubt !== null) return { is: "unknown", why: doubt };
    return { is: "refused", why: `${sends === 0 ? "never sent" : "not taken in time"}: ${this.#last}` };
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#pending.size > 0 && !this.#closed.signal.aborted) {
        const session = await this.#connected();
        if (session === null) break;
        const batch = this.#batch();
        if (batch.length > 0) await this.#take(batch, await this.#append(session, batch));
      }
    } catch (error) {
      // A defect of ours must not look like a fault of the cluster.
      for (const pending of this.#pending) pending.settle({ is: "unknown", why: `the client failed: ${String(error)}` });
    } finally {
      this.#working = false;
    }
  }

  /** Those that waited longest; each that may have been carried out is written down before it is sent again. */
  #batch(): readonly Pending[] {
    const batch: Pending[] = [];
    for (const pending of this.#pending) {
      if (batch.length >= this.#options.together) break;
      if (pending.doubt !== null && !pending.again()) pending.settle({ is: "unknown", why: `${pending.doubt}; not sent again` });
      else batch.push(pending);
    }
    return batch;
  }

  async #append(session: Session, batch: readonly Pending[]): Promise<Said | Stored> {
    for (const pending of batch) this.#sent.add(pending);
    try {
      const rows = await session.call(this.#options.append, [joined(batch.map((pending) => pending.row(++pending.sends)))], longestMs);
      return typeof rows === "number" ? { is: "stored", rows } : { is: "unknown", why: "tableInsert did not say how many rows it stored" };
    } catch (error) {
      return saidBy(error);
    } finally {
      this.#sent.clear();
    }
  }

  async #take(batch: readonly Pending[], said: Said | Stored): Promise<void> {
    if (said.is === "stored") {
      this.#failed.clear();
      this.#last = `the last row was answered by ${this.#site ?? "a site"}`;
      for (const pending of batch) pending.settle(storedOutcome(pending.doubt, said.rows, batch.length));
      return;
    }
    this.#last = said.why;
    switch (said.is) {
      case "refused":
        for (const { settle, doubt } of batch)
          settle(doubt === null ? { is: "refused", why: said.why } : { is: "unknown", why: `${doubt}; then ${said.why}` });
        return;
      case "unknown":
        for (const { settle } of batch) settle({ is: "unknown", why: said.why });
        return;
      case "doubt":
        for (const pending of batch) pending.doubt = said.why;
        break;
      case "elsewhere":
        this.#wanted = said.leader;
        break;
      case "chunk locked":
        break;
    }
    for (const pending of batch) if (pending.signal.aborted) pending.settle(this.#overdue(pending));
    if (said.is === "chunk locked") await this.#options.pause(this.#options.chunkLockMs, this.#closed.signal);
    await this.#leave();
  }

  /** To another site; once every site has failed, after a pause. */
  async #leave(): Promise<void> {
    if (this.#site !== null) this.#failed.add(this.#site);
    this.#disconnect();
    if (this.#failed.size >= this.#options.sites.addresses.length) await this.#rest();
  }
  async #rest(): Promise<void> {
    this.#failed.clear();
    await this.#options.pause(this.#options.roundMs, this.#closed.signal);
  }

  /** Null: nobody waits for it any more. */
  async #connected(): Promise<Session | null> {
    const { sites } = this.#options;
    while (this.#pending.size > 0 && !this.#closed.signal.aborted) {
      if (this.#session !== null && !this.#session.closed) return this.#session;
      const wanted = this.#wanted !== null && sites.addresses.includes(this.#wanted) ? [this.#wanted] : [];
      this.#wanted = null;
      const left = [...wanted, ...sites.inOrder()].find((address) => !this.#failed.has(address));
      if (left === undefined) {
        await this.#rest();
        continue;
      }
      try {
        await this.#open(left);
      } catch (error) {
        this.#last = error instanceof Error ? error.message : String(error);
        this.#failed.add(left);
        sites.lost(left);
      }
    }
    return null;
  }

  async #open(address: string): Promise<void> {
    const { transport, credentials, sites } = this.#options;
    const session = await Session.open({ transport, address, server: `data node ${address}`, credentials, timeoutMs: connectMs });
    try {
      if (!(await isInitialized(session))) throw new Error(`data node ${address} is not initialized yet`);
      await this.#learn(session);
    } catch (error) {
      session.close();
      throw error;
    }
    if (this.#closed.signal.aborted) return session.close();
    this.#session = session;
    this.#site = address;
    this.#failed.delete(address);
    sites.opened(address);
  }

  /** Once for all writers that connect at about the same time: many such questions at once can hang a controller (facts 1.3). */
  async #learn(session: Session): Promise<void> {
    const { sites } = this.#options;
    if (!sites.olderThan(loadsAreOldAfterMs)) return;
    // Whoever comes meanwhile does not ask, too.
    sites.asked();
    try {
      sites.learn(await session.script(clusterLoad, askMs));
    } catch (error) {
      // Without a leader nobody tells loads; sites are then taken in turn. A session that broke is of no use.
      if (session.closed || !(error instanceof Unreachable)) throw error;
    }
  }
}

function storedOutcome(doubt: string | null, stored: number, sent: number): AttemptOutcome {
  if (stored === sent) return { is: "acknowledged" };
  const why = `tableInsert stored ${String(stored)} of ${String(sent)} rows and gave no error (newValuePartitionPolicy=skip does that)`;
  // Of several, or after an earlier send, nobody knows which are there.
  return doubt === null && stored === 0
    ? { is: "refused", why, silently: true }
    : { is: "unknown", why: doubt === null ? why : `${doubt}; then ${why}` };
}

/** The rows of several tables of the same columns in one. */
function joined(tables: readonly TypedTable[]): TypedTable {
  const columns = tables[0]?.columns ?? [];
  return {
    is: "typed table",
    columns: columns.map(({ name, type }, index) => ({ name, type, items: tables.flatMap((table) => table.columns[index]?.items ?? []) })),
  };
}

/** As the vendor's API asks it; a server that cannot be asked this counts as initialized. */
async function isInitialized(session: Session): Promise<boolean> {
  try {
    return (await session.call("isNodeInitialized", [], askMs)) !== false;
  } catch (error) {
    if (session.closed || !(error instanceof Unreachable)) throw error;
    return true;
  }
}
