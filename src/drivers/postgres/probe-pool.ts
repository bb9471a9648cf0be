// The probe's way to the node that accepts writes: like libpq with several hosts and target_session_attrs=read-write, but quick to notice a switchover.
// While nobody accepts writes each host has one watcher, which keeps one connection and asks it every few milliseconds: a standby that is promoted is
// found within that time, and no server sees more than one connection of ours.
import { setTimeout as pause } from "node:timers/promises";
import type { ClientConfig } from "pg";
import { endpointText, Session, type Endpoint, type Statement } from "./probe-session.ts";

export interface PoolOptions {
  readonly endpoints: readonly Endpoint[];
  /** One address in front of several servers: who is behind it is found out only by connecting again. */
  readonly behindOneAddress: boolean;
  readonly config: ClientConfig;
  /** Default 10. */
  readonly maximumSessions?: number;
}

const readOnly: Statement = { name: "probe_read_only", text: "show transaction_read_only" };

/** Milliseconds between two looks at a host; rare looks are enough for a cluster that has been down for long. */
function patience(seekingForMs: number): number {
  if (seekingForMs < 2000) return 10;
  return seekingForMs < 20_000 ? 40 : 250;
}

/** For a question that needs no disk and no lock. */
const answerWithinMs = 1000;
/** So long a connection that we gave up may still occupy the server, which notices its end only when its statement is done. */
const occupiedMs = 30_000;

interface Waiter {
  readonly give: (session: Session | null) => void;
}

export class WritablePool {
  readonly #options: PoolOptions;
  readonly #maximum: number;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
  /** In the order in which they came. Who gives up leaves at once: a cluster that is down for hours must not fill the memory. */
  readonly #waiting = new Set<Waiter>();
  #primary: Endpoint | null = null;
  /** Ends the watchers of the present search; null: no search. */
  #search: AbortController | null = null;
  #growing = false;
  /** When sessions were given up: they count as ours, or a cluster that hangs would run out of connections because of its probe. */
  #givenUp: number[] = [];
  #closed = false;
  readonly #seen = new Map<string, string>();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#maximum = options.maximumSessions ?? 10;
  }

  /** Who accepted writes last; null: nobody does now. */
  get primary(): Endpoint | null {
    return this.#primary;
  }

  /** What each host said when it was last asked. */
  get findings(): string {
    return [...this.#seen].map(([host, said]) => `${host}: ${said}`).join("; ");
  }

  /** A connection to the node that accepts writes; null when the signal ends the wait first. Give it back with `release`. */
  async acquire(signal: AbortSignal): Promise<Session | null> {
    const session = this.#idle.pop();
    if (session !== undefined) return session;
    if (signal.aborted || this.#closed) return null;
    return await new Promise((resolve) => {
      const waiter: Waiter = {
        give: (given) => {
          signal.removeEventListener("abort", leave);
          resolve(given);
        },
      };
      const leave = (): void => {
        this.#waiting.delete(waiter);
        resolve(null);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiter);
      this.#provide();
    });
  }

  release(session: Session): void {
    if (session.ended || this.#closed || (this.#primary !== null && session.endpoint !== this.#primary)) {
      session.destroy();
      return;
    }
    const waiter = this.#nextWaiter();
    if (waiter === undefined) this.#idle.push(session);
    else waiter.give(session);
  }

  /** The node of this session does not accept writes any more: none of its sessions is of use. */
  notWritable(endpoint: Endpoint): void {
    for (const session of this.#all) if (session.endpoint === endpoint) session.destroy("the node does not accept writes any more");
    if (this.#primary === endpoint) this.#primary = null;
    this.#provide();
  }

  /** No answer came in time on this session, which was destroyed: whoever accepts writes now may be another node. */
  doubt(): void {
    const now = performance.now();
    this.#givenUp = this.#givenUp.filter((at) => at > now - occupiedMs);
    this.#givenUp.push(now);
    this.#primary = null;
    this.#provide();
  }

  close(): void {
    this.#closed = true;
    this.#search?.abort();
    for (const session of this.#all) session.destroy();
    for (const waiter of this.#waiting) waiter.give(null);
    this.#waiting.clear();
  }

  #nextWaiter(): Waiter | undefined {
    const [first] = this.#waiting;
    if (first !== undefined) this.#waiting.delete(first);
    return first;
  }

  #provide(): void {
    if (this.#closed) return;
    if (this.#primary === null) this.#seek();
    else void this.#grow(this.#primary);
  }

  /** One more connection at a time, as long as somebody waits. */
  async #grow(primary: Endpoint): Promise<void> {
    if (this.#growing) return;
    this.#growing = true;
    try {
      while (!this.#closed && this.#primary === primary && this.#room() && this.#waiting.size > 0) {
        const session = await this.#open(primary);
        if (await this.#writable(session)) {
          this.release(session);
        } else if (this.#options.behindOneAddress) {
          session.destroy();
          this.#primary = null;
        } else {
          this.notWritable(primary);
        }
      }
    } catch (error) {
      this.#seen.set(endpointText(primary), messageOf(error));
      if (this.#primary === primary) this.#primary = null;
    } finally {
      this.#growing = false;
    }
    if (this.#primary === null && this.#waiting.size > 0) this.#provide();
  }

  #room(): boolean {
    const since = performance.now() - occupiedMs;
    return this.#all.size < this.#maximum && this.#all.size + this.#givenUp.filter((at) => at > since).length < this.#maximum * 2;
  }

  #seek(): void {
    if (this.#search !== null) return;
    const search = new AbortController();
    this.#search = search;
    const since = performance.now();
    for (const endpoint of this.#options.endpoints) void this.#watch(endpoint, search, since);
  }

  /** Asks one host until it, or another one, accepts writes. */
  async #watch(endpoint: Endpoint, search: AbortController, since: number): Promise<void> {
    let session: Session | null = null;
    while (!search.signal.aborted && !this.#closed) {
      try {
        session ??= await this.#open(endpoint);
        const writable = await this.#writable(session);
        if (search.signal.aborted || this.#closed) break;
        if (writable) {
          search.abort();
          this.#search = null;
          this.#elect(endpoint);
          this.release(session);
          void this.#grow(endpoint);
          return;
        }
        if (this.#options.behindOneAddress || session.ended) {
          session.destroy();
          session = null;
        }
      } catch (error) {
        this.#seen.set(endpointText(endpoint), messageOf(error));
        session = null;
      }
      await pause(patience(performance.now() - since), undefined, { ref: false });
    }
    session?.destroy();
  }

  #elect(endpoint: Endpoint): void {
    this.#primary = endpoint;
    // What is left of a former one can only hang.
    for (const session of this.#idle.filter((idle) => idle.endpoint !== endpoint)) session.destroy("another node accepts writes now");
  }

  async #open(endpoint: Endpoint): Promise<Session> {
    const session = await Session.open(this.#options.config, endpoint, (ended) => this.#forget(ended));
    this.#all.add(session);
    return session;
  }

  async #writable(session: Session): Promise<boolean> {
    const late = setTimeout(() => session.destroy("no answer"), answerWithinMs);
    const answer = await session.run(readOnly, []);
    clearTimeout(late);
    const said =
      answer.is === "done"
        ? answer.rows[0]?.[0] === "off"
          ? "accepts writes"
          : "is read-only"
        : answer.is === "error"
          ? answer.message
          : answer.why;
    this.#seen.set(endpointText(session.endpoint), said);
    if (answer.is === "error") session.destroy(answer.message);
    return answer.is === "done" && answer.rows[0]?.[0] === "off";
  }

  /** A connection that ends is the first sign of a node that goes. */
  #forget(session: Session): void {
    if (!this.#all.delete(session)) return;
    const at = this.#idle.indexOf(session);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#primary !== session.endpoint || this.#closed) return;
    const others = [...this.#all].some(({ endpoint }) => endpoint === session.endpoint);
    if (!others) this.#primary = null;
    // Searching at once, though nobody waits yet: the next attempt is a few milliseconds away.
    this.#provide();
  }
}

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
};
