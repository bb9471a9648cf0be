import type { Clock } from "../../../kit/clock.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import type { Database } from "../database.ts";
import type { Api, App, Grant } from "../entities.ts";
import { bodyOf, json, target } from "../http.ts";

/** What the gateway asks the application for. */
export interface Definitions {
  readonly apps: readonly App[];
  readonly apis: readonly Api[];
  readonly grants: readonly Grant[];
}

/** Calls of each API in the present second, by database: the pods of one installation count together. */
const counts = new WeakMap<Database, Map<string, { second: number; calls: number }>>();

/** The part of DataService that lives in the application: definitions and grants, the limiter, and what a logical table really is (facts 5.1). */
export class DataServiceManagement {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  serve(request: Request): Reply {
    const { path } = target(request);
    const { data } = this.#database;
    switch (path) {
      case "/app/dataservice/definitions": {
        const found: Definitions = { apps: Object.values(data.apps), apis: Object.values(data.apis), grants: data.grants };
        return json(200, found);
      }
      case "/app/dataservice/admit":
        return json(200, { admitted: this.#admits(String(bodyOf(request)["api"])) });
      case "/app/dataservice/resolve":
        return json(200, { physical: `dwd_${String(bodyOf(request)["table"])}` });
      default:
        return json(404, { message: `no ${path}` });
    }
  }

  #admits(id: string): boolean {
    const limit = this.#database.data.apis[id]?.rateLimit ?? null;
    if (limit === null) return true;
    const second = Math.floor(this.#clock.now() / 1_000);
    const all = counts.get(this.#database) ?? new Map<string, { second: number; calls: number }>();
    counts.set(this.#database, all);
    const seen = all.get(id);
    if (seen?.second !== second) {
      all.set(id, { second, calls: 1 });
      return true;
    }
    seen.calls += 1;
    return seen.calls <= limit;
  }
}
