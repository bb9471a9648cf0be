// One writer as the vendor's API makes it: connected to one site, moving to another when that one cannot serve, sending again what may not have arrived
// (facts 3.6). One row at a time.
import type { AttemptOutcome } from "../../../model/continuity.ts";
import { Unreachable } from "../../../model/errors.ts";
import { Session, type Credentials } from "../wire/session.ts";
import type { TypedTable } from "../wire/encode.ts";
import { clusterLoad } from "../wire/probe-scripts.ts";
import type { Transport } from "../wire/transport.ts";
import { saidBy, type Said } from "./answers.ts";
import type { Sites } from "./sites.ts";

export interface WriterOptions {
  readonly transport: Transport;
  readonly sites: Sites;
  readonly credentials: Credentials | null;
  /** What a row is appended by. */
  readonly append: string;
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

const connectMs = 2000;
const askMs = 2000;
/** An attempt ends by its signal; this only bounds what the signal may forget. */
const longestMs = 300_000;
const loadsAreOldAfterMs = 5000;

export class Writer {
  readonly #options: WriterOptions;
  #session: Session | null = null;
  #site: string | null = null;
  /** `<NotLeader>` named it. */
  #wanted: string | null = null;
  /** Sites that did not serve in this round. */
  readonly #failed = new Set<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }
  get site(): string | null {
    return this.#session === null || this.#session.closed ? null : this.#site;
  }

  /** Tries until the row is answered for or the signal ends it. Never throws. */
  async send({ row, signal, again }: Sending): Promise<AttemptOutcome> {
    let sends = 0;
    /** Why an earlier send may have been carried out. */
    let doubt: string | null = null;
    let last = "no site was asked";
    while (!signal.aborted) {
      const session = await this.#connected(signal, (why) => {
        last = why;
      });
      if (session === null) break;
      if (doubt !== null && !again()) return { is: "unknown", why: `${doubt}; not sent again` };
      const said = await this.#append(session, row(++sends), signal);
      if (said.is === "stored") {
        this.#failed.clear();
        if (said.rows === 1) return { is: "acknowledged" };
        const why = `tableInsert stored ${String(said.rows)} of 1 rows and gave no error (newValuePartitionPolicy=skip does that)`;
        return doubt === null && said.rows === 0 ? { is: "refused", why, silently: true } : { is: "unknown", why: `${doubt ?? ""} ${why}`.trim() };
      }
      last = said.why;
      switch (said.is) {
        case "refused":
          return doubt === null ? { is: "refused", why: said.why } : { is: "unknown", why: `${doubt}; then ${said.why}` };
        case "unknown":
          return { is: "unknown", why: said.why };
        case "doubt":
          doubt = said.why;
          await this.#leave(signal);
          break;
        case "elsewhere":
          this.#wanted = said.leader;
          await this.#leave(signal);
          break;
        case "chunk locked":
          await this.#options.pause(this.#options.chunkLockMs, signal);
          await this.#leave(signal);
          break;
      }
    }
    if (doubt !== null) return { is: "unknown", why: doubt };
    return { is: "refused", why: sends === 0 ? `never sent: ${last}` : `not taken in time: ${last}` };
  }

  close(): void {
    this.#session?.close();
    this.#session = null;
  }

  async #append(session: Session, row: TypedTable, signal: AbortSignal): Promise<Said | { readonly is: "stored"; readonly rows: number }> {
    const stop = (): void => session.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const rows = await session.call(this.#options.append, [row], longestMs);
      return typeof rows === "number" ? { is: "stored", rows } : { is: "unknown", why: "tableInsert did not say how many rows it stored" };
    } catch (error) {
      return saidBy(error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** To another site; once every site has failed, after a pause. */
  async #leave(signal: AbortSignal): Promise<void> {
    if (this.#site !== null) this.#failed.add(this.#site);
    this.close();
    if (this.#failed.size >= this.#options.sites.addresses.length) await this.#rest(signal);
  }
  async #rest(signal: AbortSignal): Promise<void> {
    this.#failed.clear();
    await this.#options.pause(this.#options.roundMs, signal);
  }

  /** Null: the signal ended it. */
  async #connected(signal: AbortSignal, say: (why: string) => void): Promise<Session | null> {
    const { sites } = this.#options;
    while (!signal.aborted) {
      if (this.#session !== null && !this.#session.closed) return this.#session;
      const wanted = this.#wanted !== null && sites.addresses.includes(this.#wanted) ? [this.#wanted] : [];
      this.#wanted = null;
      const left = [...wanted, ...sites.inOrder()].find((address) => !this.#failed.has(address));
      if (left === undefined) {
        await this.#rest(signal);
        continue;
      }
      try {
        await unless(signal, this.#open(left, signal));
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        this.#failed.add(left);
        sites.lost(left);
      }
    }
    return null;
  }

  async #open(address: string, signal: AbortSignal): Promise<void> {
    const { transport, credentials, sites } = this.#options;
    const session = await Session.open({ transport, address, server: `data node ${address}`, credentials, timeoutMs: connectMs });
    try {
      if (!(await isInitialized(session))) throw new Error(`data node ${address} is not initialized yet`);
      await this.#learn(session);
    } catch (error) {
      session.close();
      throw error;
    }
    if (signal.aborted) return session.close();
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

/** As the vendor's API asks it; a server that cannot be asked this counts as initialized. */
async function isInitialized(session: Session): Promise<boolean> {
  try {
    return (await session.call("isNodeInitialized", [], askMs)) !== false;
  } catch (error) {
    if (session.closed || !(error instanceof Unreachable)) throw error;
    return true;
  }
}

/** The promise, or nothing once the signal is aborted; whatever becomes of the promise then is its own business. */
async function unless(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const ended = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true, signal: ended.signal });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    ended.abort();
    work.catch(() => undefined);
  }
}
