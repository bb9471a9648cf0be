import type { Clock, Timer } from "./clock.ts";
import { childrenOf, ZNodeTree, type Watch } from "./znode-tree.ts";
import { ZooKeeperError, type ZooKeeperPort, type ZooKeeperSession } from "./zookeeper.ts";

export interface ZooKeeperOptions {
  /** There and back, in milliseconds; 0: no timer, the answer comes as a microtask. */
  readonly roundTripMs?: number;
}

interface ServerSession {
  readonly id: number;
  readonly client: string;
  readonly timeoutMs: number;
  alive: boolean;
  /** The process that had it is gone: nobody hears of anything. */
  abandoned: boolean;
  closed: boolean;
  /** Runs while nothing is heard of the client. */
  expiry: Timer | null;
  readonly expired: (() => void)[];
  /** What happened while the client was cut off: it hears of it when it is back. */
  readonly missed: (() => void)[];
}

/** ZooKeeper's tree with sessions in memory. Each client has a name by which it can be cut off, and its session ended. */
export class MemoryZooKeeper {
  readonly #clock: Clock;
  readonly #roundTripMs: number;
  readonly #tree = new ZNodeTree();
  readonly #sessions = new Set<ServerSession>();
  readonly #cut = new Set<string>();
  #down = false;
  #nextSession = 1;

  constructor(clock: Clock, { roundTripMs = 0 }: ZooKeeperOptions = {}) {
    this.#clock = clock;
    this.#roundTripMs = roundTripMs;
  }

  port(client: string): ZooKeeperPort {
    return { connect: (sessionTimeoutMs) => this.#connect(client, sessionTimeoutMs) };
  }

  /** The server sees no more heartbeats of that client: its session expires after its time-out. */
  cut(client: string): void {
    this.#cut.add(client);
    for (const session of this.#sessions) if (session.client === client) this.#silence(session);
  }

  heal(client: string): void {
    this.#cut.delete(client);
    for (const session of this.#sessions) if (session.client === client) this.#hear(session);
  }

  /** No server answers anybody; sessions do not expire meanwhile, for there is nobody to expire them. */
  stop(): void {
    this.#down = true;
  }

  resume(): void {
    this.#down = false;
  }

  /** Ends the client's sessions now, as after a pause longer than the time-out. */
  expire(client: string): void {
    for (const session of this.#sessions) if (session.client === client && session.alive) this.#end(session);
  }

  /** For tests and printing: the data of a node, without a session; null: no such node. */
  peek(path: string): string | null {
    return this.#tree.get(path)?.data ?? null;
  }

  /** Names, sorted. */
  peekChildren(path: string): readonly string[] {
    return childrenOf(this.#tree.get(path));
  }

  async #connect(client: string, timeoutMs: number): Promise<ZooKeeperSession> {
    await this.#wait();
    if (this.#down || this.#cut.has(client)) throw new ZooKeeperError("CONNECTION_LOSS", "/");
    const session: ServerSession = {
      id: this.#nextSession,
      client,
      timeoutMs,
      alive: true,
      abandoned: false,
      closed: false,
      expiry: null,
      expired: [],
      missed: [],
    };
    this.#nextSession += 1;
    this.#sessions.add(session);
    return this.#handle(session);
  }

  #handle(session: ServerSession): ZooKeeperSession {
    const on = async <T>(path: string, work: () => T): Promise<T> => {
      await this.#wait();
      this.#check(session, path);
      return work();
    };
    const watching = (changed: (() => void) | undefined): Watch | null => {
      if (changed === undefined) return null;
      return () => {
        this.#tell(session, changed);
      };
    };
    return {
      create: (path, data, how = {}) =>
        on(path, () => this.#tree.create(path, data, how.ephemeral === true ? session.id : null, how.sequence === true)),
      ensure: (path, data = "") =>
        on(path, () => {
          this.#tree.ensure(path, data);
        }),
      set: (path, data) =>
        on(path, () => {
          this.#tree.set(path, data);
        }),
      get: (path, changed) => on(path, () => this.#tree.read(path, watching(changed))),
      children: (path, changed) => on(path, () => this.#tree.list(path, watching(changed))),
      remove: (path) =>
        on(path, () => {
          this.#tree.remove(path);
        }),
      onExpired: (then) => {
        if (session.closed || session.abandoned) return;
        if (session.alive) session.expired.push(then);
        else this.#tell(session, then);
      },
      abandon: () => {
        session.abandoned = true;
        this.#silence(session);
      },
      close: async () => {
        if (!session.alive || session.abandoned) return;
        await this.#wait();
        session.closed = true;
        this.#end(session);
      },
    };
  }

  #check(session: ServerSession, path: string): void {
    if (session.abandoned || this.#down || this.#cut.has(session.client)) throw new ZooKeeperError("CONNECTION_LOSS", path);
    if (!session.alive) throw new ZooKeeperError("SESSION_EXPIRED", path);
  }

  #silence(session: ServerSession): void {
    if (!session.alive || session.expiry !== null) return;
    const end = (): void => {
      session.expiry = null;
      // A server that is down expires nothing; it counts anew when it is back.
      if (this.#down) session.expiry = this.#clock.after(session.timeoutMs, end);
      else this.#end(session);
    };
    session.expiry = this.#clock.after(session.timeoutMs, end);
  }

  #hear(session: ServerSession): void {
    if (session.abandoned) return;
    session.expiry?.cancel();
    session.expiry = null;
    for (const then of session.missed.splice(0)) this.#tell(session, then);
    if (!session.alive) this.#sessions.delete(session);
  }

  #end(session: ServerSession): void {
    if (!session.alive) return;
    session.alive = false;
    session.expiry?.cancel();
    session.expiry = null;
    if (!this.#cut.has(session.client) || session.abandoned) this.#sessions.delete(session);
    this.#tree.removeEphemerals(session.id);
    if (!session.closed) for (const then of session.expired.splice(0)) this.#tell(session, then);
  }

  /** Never in the middle of the caller's own work: notices come from another thread. */
  #tell(session: ServerSession, then: () => void): void {
    if (session.abandoned || session.closed) return;
    if (this.#cut.has(session.client)) {
      session.missed.push(then);
      return;
    }
    this.#clock.after(this.#roundTripMs / 2, () => {
      if (!session.abandoned && !session.closed) then();
    });
  }

  #wait(): Promise<void> {
    if (this.#roundTripMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.after(this.#roundTripMs, resolve);
    });
  }
}
