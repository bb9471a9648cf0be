import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { connectTo, type Route, type RouteHost } from "./route.ts";

export interface NodeFigures {
  readonly node: string;
  /** Longest time between two answers of this node, whatever its role: stop, swap and start as a reader feels them. */
  readonly unavailableMs: number;
  /** How often a connection to it was lost. */
  readonly interruptions: number;
}

const everyMs = 10;

/** Asks one node all the time, on one connection, and measures the longest silence. */
export class NodeWatch {
  readonly #route: Route;
  readonly #host: RouteHost;
  #running = true;
  #last: number | null = null;
  #longest = 0;
  #interruptions = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(route: Route, host: RouteHost) {
    this.#route = route;
    this.#host = host;
  }

  start(): void {
    this.#loop = this.#watch();
  }

  figures(): NodeFigures {
    const open = this.#last === null || !this.#running ? 0 : performance.now() - this.#last;
    return { node: this.#host.name, unavailableMs: Math.round(Math.max(this.#longest, open)), interruptions: this.#interruptions };
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop;
  }

  async #watch(): Promise<void> {
    let client: Client | null = null;
    while (this.#running) {
      try {
        client ??= await connectTo(this.#route, this.#host, () => {
          client = null;
          if (this.#running) this.#interruptions++;
        });
        await client.query("select 1");
        const now = performance.now();
        if (this.#last !== null) this.#longest = Math.max(this.#longest, now - this.#last);
        this.#last = now;
      } catch {
        // Silence is what is measured.
        client = null;
      }
      await pause(everyMs);
    }
    await client?.end().catch(() => undefined);
  }
}
