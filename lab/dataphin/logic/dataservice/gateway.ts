import type { Reply, Request } from "../../../kit/network.ts";
import type { Surroundings } from "../cluster.ts";
import type { Api, Environment } from "../entities.ts";
import { ask, json, page, target } from "../http.ts";
import { Caches } from "./caches.ts";
import { claimedBy } from "./caller.ts";
import type { Definitions } from "./management.ts";

interface Replica {
  readonly name: string;
  version: string;
  serving: boolean;
  /** Ends calls that are under way. */
  readonly underWay: Set<() => void>;
}
type Rows = readonly Readonly<Record<string, string | number>>[];
class CallFailed extends Error {
  readonly status: number;
  readonly word: string;
  constructor(status: number, word: string, message: string) {
    super(message);
    this.status = status;
    this.word = word;
  }
}
const OK = "DPN-OLTP-COMMON-000";
const ROWS = 3;
/** Figures are of that long. */
const WINDOW_MS = 10_000;

/**
 * DataService as its callers meet it: a front, replicas behind it, and caches that all of them share and no restart of a replica empties. It asks the application
 * for what it does not keep, and goes on with what it has when nobody answers (facts 2.4, 5.1).
 */
export class Gateway {
  readonly #surroundings: Surroundings;
  readonly #signingNow: () => number;
  readonly #caches: Caches;
  readonly #replicas: readonly Replica[];
  /** As the front believes, a moment late. */
  #believed: readonly Replica[];
  #turn = 0;
  #rolling = false;
  readonly #calls: { readonly at: number; readonly api: number; readonly status: number }[] = [];

  /** `signingNow`: the clock by which clients sign; a lab's may be another than the one of its platform. */
  constructor(surroundings: Surroundings, version: string, signingNow: () => number = () => surroundings.clock.now()) {
    const { clock, settings } = surroundings;
    this.#surroundings = surroundings;
    this.#signingNow = signingNow;
    this.#caches = new Caches({ clock, fieldCacheMs: settings.fieldCacheMs, fetch: () => this.#definitions() });
    this.#replicas = ["dataservice-1", "dataservice-2"].map((name) => ({ name, version, serving: true, underWay: new Set() }));
    this.#believed = this.#replicas;
  }

  async start(): Promise<void> {
    const { clock, network, endpoints, settings } = this.#surroundings;
    await network.listen(endpoints.gateway, (request) => this.#serve(request));
    const again = (): void => {
      clock.after(settings.cacheRefreshMs, () => {
        void this.#caches.refresh().then(again);
      });
    };
    again();
  }

  async #definitions(): Promise<Definitions | null> {
    return this.#application<Definitions>("/app/dataservice/definitions", {});
  }
  /** Null: it does not answer. */
  async #application<T>(path: string, body: object): Promise<T | null> {
    const { network, endpoints } = this.#surroundings;
    try {
      return await ask<T>({ network, from: endpoints.gateway, to: endpoints.platform, timeoutMs: 2_000 }, "POST", path, body);
    } catch {
      return null;
    }
  }

  async #serve(request: Request): Promise<Reply> {
    const { path, parts } = target(request);
    if (path === "/" || path === "/health") return page(200, "DataService", "This is a simulated DataService of the Stillwater lab.");
    if (path === "/internal/figures") return json(200, this.#figures());
    if (path === "/internal/replicas")
      return json(200, { rolling: this.#rolling, replicas: this.#replicas.map(({ name, version, serving }) => ({ name, version, serving })) });
    if (path === "/internal/roll" && request.method === "POST") {
      const { version } = JSON.parse(request.body) as { readonly version: string };
      if (!this.#rolling) void this.#roll(version);
      return json(200, { rolling: true });
    }
    if (parts.length !== 2 || !["list", "get", "create", "update", "delete"].includes(parts[0] ?? ""))
      return refuse(404, "ApiNotFound", `no API at ${path}`);
    return this.#spread(request, Number(parts[1]));
  }

  async #spread(request: Request, api: number): Promise<Reply> {
    const { clock, settings } = this.#surroundings;
    this.#turn += 1;
    const replica = this.#believed[this.#turn % Math.max(1, this.#believed.length)];
    if (replica === undefined || !replica.serving) return this.#counted(api, refuse(502, "BadGateway", "no DataService server behind the gateway"));
    return new Promise((resolve) => {
      const cut = (): void => {
        resolve(this.#counted(api, refuse(502, "BadGateway", "the server behind the gateway closed the connection")));
      };
      replica.underWay.add(cut);
      clock.after(settings.callMs, () => {
        void this.#call(request, api).then((reply) => {
          if (replica.underWay.delete(cut)) resolve(this.#counted(api, reply));
        });
      });
    });
  }

  /** One after the other: each is gone for a while. */
  async #roll(version: string): Promise<void> {
    const { clock, settings } = this.#surroundings;
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
    this.#rolling = true;
    for (const replica of this.#replicas) {
      replica.serving = false;
      for (const cut of replica.underWay) cut();
      replica.underWay.clear();
      await sleep(settings.frontLagMs);
      this.#believed = this.#replicas.filter(({ serving }) => serving);
      await sleep(settings.replicaRestartMs);
      replica.version = version;
      replica.serving = true;
      await sleep(settings.frontLagMs);
      this.#believed = this.#replicas.filter(({ serving }) => serving);
    }
    this.#rolling = false;
  }

  async #call(request: Request, id: number): Promise<Reply> {
    try {
      return await this.#answer(request, id);
    } catch (error) {
      if (error instanceof CallFailed) return refuse(error.status, error.word, error.message);
      throw error;
    }
  }

  async #answer(request: Request, id: number): Promise<Reply> {
    const { path, query } = target(request);
    const body = request.body === "" ? {} : (JSON.parse(request.body) as Readonly<Record<string, unknown>>);
    const environment: Environment = (query.get("env") ?? request.headers["x-ca-stage"] ?? "PROD").replace("PRE", "DEV") === "DEV" ? "DEV" : "PROD";
    const claimed = claimedBy(request);
    if (claimed === null) throw new CallFailed(400, "InvalidAppKey", "no appKey");
    const app = await this.#caches.app(claimed.key);
    if (app === null) throw new CallFailed(400, "AppKeyNotFound", `Invalid AppKey ${claimed.key}`);
    const refusal = claimed.refusal(app.secret, this.#signingNow());
    if (refusal !== null) throw new CallFailed(403, refusal.word, refusal.message);
    const api = await this.#caches.api(id, environment);
    if (api === "unreachable")
      throw new CallFailed(503, "DPN-OLTP-ENGINE-503", "the definition of this API cannot be read: Dataphin does not answer");
    if (api === null) throw new CallFailed(404, "ApiNotFound", `no API ${String(id)} in ${environment}`);
    if (!(await this.#caches.isGranted(app.id, id, environment)))
      throw new CallFailed(403, "Unauthorized", `The request api path ${path} not bind app ${app.key}`);
    await this.#admit(api);
    const open = await this.#caches.fields(app.id, id, environment);
    const asked = Array.isArray(body["returnFields"]) ? body["returnFields"].map(String) : (query.get("returnFields")?.split(",") ?? api.fields);
    const fields = asked.filter((field) => api.fields.includes(field) && (open === null || open.includes(field)));
    const rows = await this.#execute(api);
    const result = rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field] ?? ""])));
    return json(200, { code: OK, message: "success", success: true, data: { totalNum: result.length, resultData: result } });
  }

  /** The limiter is the application's: whoever cannot ask it lets everything through. */
  async #admit({ id, rateLimit }: Api): Promise<void> {
    if (rateLimit === null) return;
    const found = await this.#application<{ readonly admitted: boolean }>("/app/dataservice/admit", { api: id });
    if (found !== null && !found.admitted)
      throw new CallFailed(429, "Throttled by API Flow Control", `more than ${String(rateLimit)} calls a second`);
  }

  /** Physical tables and other servers are read from here; a logical table is what the application says it is. */
  async #execute(api: Api): Promise<Rows> {
    if (api.class === "logicalTable" || api.class === "dataphinSource") {
      const resolved = await this.#application<{ readonly physical: string }>("/app/dataservice/resolve", { table: api.table });
      if (resolved === null)
        throw new CallFailed(503, "DPN-OLTP-ENGINE-503", `logical table ${api.table} cannot be resolved: Dataphin does not answer`);
      return rowsOf(api, resolved.physical);
    }
    if (api.class !== "composite") return rowsOf(api, api.table);
    for (const ref of api.refs) {
      const part = await this.#caches.api(ref, "PROD");
      if (part === "unreachable" || part === null)
        throw new CallFailed(503, "DPN-OLTP-ENGINE-503", `API ${String(ref)} of the composition cannot be read`);
      await this.#execute(part);
    }
    return rowsOf(api, api.table);
  }

  #counted(api: number, reply: Reply): Reply {
    this.#calls.push({ at: this.#surroundings.clock.now(), api, status: reply.status });
    return reply;
  }
  #figures(): object {
    const since = this.#surroundings.clock.now() - WINDOW_MS;
    while ((this.#calls[0]?.at ?? since) < since) this.#calls.shift();
    const apis = new Map<number, { calls: number; errors: number }>();
    for (const { api, status } of this.#calls) {
      const of = apis.get(api) ?? { calls: 0, errors: 0 };
      apis.set(api, { calls: of.calls + 1, errors: of.errors + (status >= 500 ? 1 : 0) });
    }
    return { apis: [...apis].map(([api, of]) => ({ api, ...of })) };
  }
}

const rowsOf = (api: Api, from: string): Rows =>
  Array.from({ length: ROWS }, (_, row) => Object.fromEntries(api.fields.map((field) => [field, `${from}.${field}.${String(row + 1)}`])));
const refuse = (status: number, code: string, message: string): Reply =>
  json(status, { code, message, success: false }, { "x-ca-error-message": message });
