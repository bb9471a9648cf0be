// One server of the lab: router, appfabric and what lies behind it, between a start and a stop. What survives is in the storage.
import type { Clock } from "../../kit/clock.ts";
import { Lifetime } from "../../kit/lifetime.ts";
import type { Listener, Network, Reply, Request } from "../../kit/network.ts";
import { ServerError, json, text } from "./answers.ts";
import type { Applications } from "./applications.ts";
import { Auth, type TokenState } from "./auth.ts";
import { releaseOf, type Release } from "./release.ts";
import { Routes, type Handler } from "./routes.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

export interface ClusterOptions {
  readonly clock: Clock;
  readonly network: Network;
  /** HOST:PORT of the router. */
  readonly endpoint: string;
  /** With the part `settings` in it. */
  readonly storage: Storage;
  /** In [0, 1). */
  readonly random: () => number;
}
export interface RouteOptions {
  /** It changes something, so that a user who may only read is answered 403. Default: every method but GET. */
  readonly effect?: boolean;
  /** A user who may only read is answered 403 although it changes nothing. */
  readonly admin?: boolean;
}
/** A control page of the lab: `POST /lab/NAME`. Not part of CDAP, no authentication; drivers never ask it. */
export type Control = (body: unknown) => unknown;

export class LabCluster {
  /** Of this server: nothing of it happens after `stop`. */
  readonly clock: Clock;
  readonly network: Network;
  readonly endpoint: string;
  readonly storage: Storage;
  readonly settings: Settings;
  readonly release: Release;
  readonly random: () => number;
  readonly #lifetime: Lifetime;
  readonly #routes = new Routes();
  readonly #options = new Map<Handler, RouteOptions>();
  readonly #controls = new Map<string, Control>();
  readonly #starts: (() => void)[] = [];
  readonly #restarts: (() => void)[] = [];
  readonly #auth: Auth | null;
  readonly #listeners: Listener[] = [];
  #applications: Applications | null = null;
  /** When appfabric can be found by the router; null: not started. */
  #ready: number | null = null;
  #refusals = 0;

  constructor({ clock, network, endpoint, storage, random }: ClusterOptions) {
    const zookeeper = { connect: () => Promise.reject(new Error("CDAP's lab has no ZooKeeper")) };
    this.#lifetime = new Lifetime({ clock, network, zookeeper });
    this.clock = this.#lifetime.clock;
    this.network = this.#lifetime.network;
    this.endpoint = endpoint;
    this.storage = storage;
    this.random = random;
    this.settings = this.part<Settings>("settings", () => {
      throw new Error("the storage has no settings");
    });
    this.release = releaseOf(this.settings.release);
    const { auth } = this.settings;
    this.#auth =
      auth === null
        ? null
        : new Auth(
            this.clock,
            auth,
            this.part<TokenState>("tokens", () => ({ tokens: {} })),
          );
    this.control("unavailable", (body) => {
      this.#refusals = (body as { readonly calls: number }).calls;
    });
    this.control("expire-tokens", () => this.#auth?.expireAll());
  }

  /** The live state of one part of the lab: plain JSON, kept by the storage. Call `changed` after each change. */
  part<T>(name: string, initial: () => T): T {
    this.storage.parts[name] ??= initial();
    return this.storage.parts[name] as T;
  }
  changed(): void {
    this.storage.changed?.();
  }
  /** `pattern`: `/v3/namespaces/{ns}/apps/{app}`. */
  route(method: "GET" | "POST" | "PUT" | "DELETE", pattern: string, handler: Handler, options: RouteOptions = {}): void {
    const own: Handler = (call) => handler(call);
    this.#options.set(own, { effect: options.effect ?? method !== "GET", admin: options.admin ?? false });
    this.#routes.add(method, pattern, own);
  }
  /** `POST /lab/NAME` with a JSON body. */
  control(name: string, control: Control): void {
    this.#controls.set(name, control);
  }
  /** What a part does when the server starts, once. */
  onStart(then: () => void): void {
    this.#starts.push(then);
  }
  /** What a part does whenever appfabric starts, alone or with its server: it takes up what the storage says is under way. Before `onStart`. */
  onAppfabric(then: () => void): void {
    this.#restarts.push(then);
  }
  set applications(applications: Applications) {
    this.#applications = applications;
  }
  get applications(): Applications {
    if (this.#applications === null) throw new Error("no applications are plugged into this lab");
    return this.#applications;
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }
  /** Appfabric can be found: requests are served. */
  get ready(): boolean {
    return this.#ready !== null && this.clock.now() >= this.#ready;
  }
  /** Calls that will be answered 503 because the lab was told so. */
  get refusals(): number {
    return this.#refusals;
  }
  /** Milliseconds since 1970; null: not started. */
  get readyAt(): number | null {
    return this.#ready;
  }

  async start(): Promise<void> {
    this.#listeners.push(await this.network.listen(this.endpoint, (request) => this.serve(request)));
    if (this.#auth !== null && this.settings.auth !== null)
      this.#listeners.push(await this.network.listen(this.settings.auth.endpoint, this.#auth.serve));
    this.startAppfabric();
    for (const start of this.#starts) start();
  }
  /** Everything behind the router begins, now or again. */
  startAppfabric(): void {
    const after = this.settings.durations.appfabric;
    this.#ready = this.clock.now() + after;
    for (const start of this.#restarts) start();
  }
  /** kill -9: nothing of it happens any more, and what is under way is cut. */
  stop(): void {
    this.#lifetime.end();
  }

  async serve(request: Request): Promise<Reply | null> {
    const [path = "/", search = ""] = request.path.split("?");
    if (path.startsWith("/lab/")) return this.#page(path.slice("/lab/".length), request);
    if (path === "/ping") return text(200, "OK.\n");
    const entry = this.#auth?.enter(request) ?? { user: null, may: "all" as const };
    if ("refused" in entry) return entry.refused;
    if (!this.ready || this.#refusals > 0) {
      this.#refusals = Math.max(0, this.#refusals - 1);
      return text(503, "No endpoint strategy found for request : service appfabric is not available");
    }
    const found = this.#routes.find(request.method, path);
    if (found === null) return text(404, `Problem accessing: ${path}. Reason: Not Found`);
    const { effect = false, admin = false } = this.#options.get(found.handler) ?? {};
    if (entry.may === "reads" && (effect || admin))
      return text(
        403,
        `Principal '${entry.user ?? ""}' is not authorized to perform action(s) '${effect ? "[UPDATE]" : "[ADMIN]"}' on entity 'instance:cdap'`,
      );
    const { params, handler } = found;
    const call = { params, query: new URLSearchParams(search), headers: request.headers, body: request.body, user: entry.user };
    try {
      return await handler(call);
    } catch (error) {
      return error instanceof ServerError ? error.reply : text(500, error instanceof Error ? error.message : String(error));
    }
  }

  async #page(name: string, { body }: Request): Promise<Reply> {
    const control = this.#controls.get(name);
    if (control === undefined) return text(404, `the lab has no page ${name}: ${[...this.#controls.keys()].join(", ")}`);
    try {
      const result: unknown = await control(body === "" ? null : JSON.parse(body));
      this.changed();
      return json(result ?? null);
    } catch (error) {
      return text(400, error instanceof Error ? error.message : String(error));
    }
  }
}
