import { Lifetime } from "../../../kit/lifetime.ts";
import type { Clock, Timer } from "../../../kit/clock.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import { AlertEngine } from "../alerts/engine.ts";
import type { Credentials, Surroundings } from "../cluster.ts";
import type { Database } from "../database.ts";
import { DataServiceManagement } from "../dataservice/management.ts";
import { json } from "../http.ts";
import { OpenApiFace, type Throttle } from "../openapi/face.ts";
import { sweepGrants } from "../openapi/services.ts";
import type { SignatureCheck } from "../openapi/signature.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { Console } from "./console.ts";

export interface PodOptions {
  readonly name: string;
  readonly version: string;
  readonly database: Database;
  readonly surroundings: Surroundings;
  readonly credentials: Credentials;
  readonly check: SignatureCheck;
  readonly throttle: Throttle;
  /** Held by one pod at a time: whose scheduler and alert engine work. */
  readonly lease: Lease;
}
export interface Lease {
  pod: string | null;
  until: number;
}
export type PodState = "starting" | "ready" | "stopped";

/** One process of the application: OpenAPI, console, management of DataService, logical tables; scheduler and alert engine while it holds the lease. */
export class Pod {
  readonly name: string;
  readonly version: string;
  state: PodState = "starting";
  readonly #options: PodOptions;
  readonly #life: Lifetime;
  readonly #openApi: OpenApiFace;
  readonly #console: Console;
  readonly #dataService: DataServiceManagement;
  /** Ends a request that is under way. */
  readonly #underWay = new Set<() => void>();

  constructor(options: PodOptions) {
    const { name, version, database, surroundings, credentials, check, throttle } = options;
    this.name = name;
    this.version = version;
    this.#options = options;
    const { clock, network } = surroundings;
    this.#life = new Lifetime({ clock, network, zookeeper: { connect: () => Promise.reject(new Error("there is no ZooKeeper")) } });
    this.#openApi = new OpenApiFace({
      clock: this.#life.clock,
      database,
      version: `v${version}`,
      tenantId: credentials.tenantId,
      check,
      throttle,
    });
    this.#console = new Console(database, credentials, this.#life.clock);
    this.#dataService = new DataServiceManagement(database, this.#life.clock);
  }

  /** `ready`: it serves from then on. A pod that its database does not fit never does. */
  start(startMs: number, ready: () => void): void {
    this.#life.clock.after(startMs, () => {
      if (!this.#fits()) {
        this.start(startMs, ready);
        return;
      }
      this.state = "ready";
      ready();
      void this.#work();
    });
  }

  /** At once: what is under way is cut. */
  stop(): void {
    this.state = "stopped";
    this.#life.end();
    for (const cut of this.#underWay) cut();
    this.#underWay.clear();
  }

  /** Null: it is gone, or went while it worked on it. */
  serve(request: Request): Promise<Reply | null> {
    if (this.state !== "ready") return Promise.resolve(null);
    return new Promise((resolve) => {
      const cut = (): void => {
        resolve(null);
      };
      this.#underWay.add(cut);
      const timer: Timer = this.#life.clock.after(this.#options.surroundings.settings.callMs, () => {
        timer.cancel();
        this.#underWay.delete(cut);
        resolve(this.#answer(request));
      });
    });
  }

  #answer(request: Request): Reply {
    const { path } = new URL(request.path, "http://lab").pathname === "/" && isRpc(request) ? { path: "rpc" } : { path: request.path };
    try {
      if (path === "rpc") return this.#openApi.serve(request);
      if (path.startsWith("/app/dataservice/")) return this.#dataService.serve(request);
      return this.#console.serve(request);
    } catch (error) {
      return json(500, { Code: "InternalError", Message: error instanceof Error ? error.message : String(error), Success: false });
    }
  }

  /** Tables of its version, or of the one before with those of its own beside them; builds of one release share their tables. */
  #fits(): boolean {
    const { schema, expandedFor } = this.#options.database.data;
    return expandedFor === this.version || release(schema) === release(this.version);
  }

  async #work(): Promise<void> {
    const { database, surroundings, lease, name } = this.#options;
    const clock: Clock = this.#life.clock;
    const share = { clock, network: this.#life.network, endpoints: surroundings.endpoints, settings: surroundings.settings };
    const scheduler = new Scheduler(share, database, surroundings.endpoints.platform);
    const alerts = new AlertEngine(share, database, surroundings.endpoints.platform);
    for (;;) {
      if (lease.pod === name || lease.until <= clock.now()) {
        lease.pod = name;
        lease.until = clock.now() + surroundings.settings.roundMs + surroundings.settings.leaseMs;
        sweepGrants({ database, clock });
        const seen = await scheduler.round();
        await alerts.round(seen);
      }
      await new Promise<void>((resolve) => {
        clock.after(surroundings.settings.roundMs, resolve);
      });
    }
  }
}

const isRpc = ({ method, path, headers }: Request): boolean =>
  headers["x-acs-action"] !== undefined || new URL(path, "http://lab").searchParams.has("Action") || method === "POST";
/** The first three segments. */
const release = (version: string): string => version.split(".").slice(0, 3).join(".");
