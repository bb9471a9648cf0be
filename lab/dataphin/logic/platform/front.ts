import type { Clock } from "../../../kit/clock.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import type { Database } from "../database.ts";
import { json } from "../http.ts";
import { maintenancePage } from "./console.ts";
import type { Pod } from "./pod.ts";

/**
 * What stands before the pods and spreads requests over those that it believes to be ready. What it believes is a little old: a request that meets a pod which
 * has just gone fails, and the same request sent again meets another.
 */
export class Front {
  #believed: readonly Pod[] = [];
  #turn = 0;
  readonly #clock: Clock;
  readonly #lagMs: number;
  readonly #database: Database;

  constructor(clock: Clock, lagMs: number, database: Database) {
    this.#clock = clock;
    this.#lagMs = lagMs;
    this.#database = database;
  }

  /** Told of every change, believed a moment later. */
  changed(ready: () => readonly Pod[]): void {
    this.#clock.after(this.#lagMs, () => {
      this.#believed = ready();
    });
  }

  async pass(request: Request, as: "json" | "page"): Promise<Reply> {
    this.#turn += 1;
    const pod = this.#believed[this.#turn % Math.max(1, this.#believed.length)];
    if (pod === undefined) {
      const { reason } = this.#database.controls.maintenance;
      return as === "page"
        ? maintenancePage(reason)
        : json(503, { Code: "ServiceUnavailable", Message: reason || "no application is ready", Success: false });
    }
    const reply = await pod.serve(request);
    return reply ?? json(502, { Code: "BadGateway", Message: "the upstream server closed the connection", Success: false });
  }
}
