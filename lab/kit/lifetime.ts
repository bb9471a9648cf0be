import type { Clock, Timer } from "./clock.ts";
import type { Listener, Network, Reply } from "./network.ts";
import type { ZooKeeperPort, ZooKeeperSession } from "./zookeeper.ts";

/**
 * One process's share of clock, network and ZooKeeper. `end` is kill -9: no timer of it fires any more, its calls are never answered, its listeners and
 * the requests under way are cut, and its sessions stay at ZooKeeper until their time-out. Node logic that reaches the world through these alone
 * stops wherever it stands, without asking itself at each await whether it still lives.
 */
export class Lifetime {
  readonly clock: Clock;
  readonly network: Network;
  readonly zookeeper: ZooKeeperPort;
  #over = false;
  readonly #listeners = new Set<Listener>();
  readonly #sessions = new Set<ZooKeeperSession>();

  constructor(world: { readonly clock: Clock; readonly network: Network; readonly zookeeper: ZooKeeperPort }) {
    const { clock, network, zookeeper } = world;
    this.clock = {
      now: () => clock.now(),
      after: (ms, then) => (this.#over ? NEVER : clock.after(ms, this.#alive(then))),
    };
    this.network = {
      listen: async (endpoint, server) => {
        const listener = await network.listen(endpoint, (request) => (this.#over ? new Promise(() => {}) : server(request)));
        if (this.#over) listener.close();
        this.#listeners.add(listener);
        return listener;
      },
      call: (from, to, request, timeoutMs) => this.#orNever<Reply>(() => network.call(from, to, request, timeoutMs)),
    };
    this.zookeeper = {
      connect: async (sessionTimeoutMs) => {
        const session = await this.#orNever(
          () => zookeeper.connect(sessionTimeoutMs),
          (late) => {
            late.abandon();
          },
        );
        this.#sessions.add(session);
        return this.#mortal(session);
      },
    };
  }

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
    for (const listener of this.#listeners) listener.close();
    for (const session of this.#sessions) session.abandon();
  }

  #alive(then: () => void): () => void {
    return () => {
      if (!this.#over) then();
    };
  }

  #orNever<T>(work: () => Promise<T>, tooLate: (value: T) => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#over) return;
      work().then(
        (value) => {
          if (this.#over) tooLate(value);
          else resolve(value);
        },
        (error: unknown) => {
          if (!this.#over) reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #mortal(session: ZooKeeperSession): ZooKeeperSession {
    const watch = (changed: (() => void) | undefined): (() => void) | undefined => (changed === undefined ? undefined : this.#alive(changed));
    return {
      create: (path, data, how) => this.#orNever(() => session.create(path, data, how)),
      ensure: (path, data) => this.#orNever(() => session.ensure(path, data)),
      set: (path, data) => this.#orNever(() => session.set(path, data)),
      get: (path, changed) => this.#orNever(() => session.get(path, watch(changed))),
      children: (path, changed) => this.#orNever(() => session.children(path, watch(changed))),
      remove: (path) => this.#orNever(() => session.remove(path)),
      onExpired: (then) => {
        session.onExpired(this.#alive(then));
      },
      abandon: () => {
        session.abandon();
      },
      close: () => this.#orNever(() => session.close()),
    };
  }
}

const NEVER: Timer = { cancel: () => {} };
