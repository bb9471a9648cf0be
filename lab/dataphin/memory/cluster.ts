// A whole Dataphin in memory, on virtual time.
import { Lifetime } from "../../kit/lifetime.ts";
import type { Reply } from "../../kit/network.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { componentNames, labCredentials, type ComponentName, type Endpoints, type Store } from "../logic/cluster.ts";
import { Executors } from "../logic/executors.ts";
import { Gateway } from "../logic/dataservice/gateway.ts";
import type { Database } from "../logic/database.ts";
import { Manager } from "../logic/manager/manager.ts";
import type { Mode, RecordStatus, UpgradeRecord } from "../logic/manager/record.ts";
import { rpcSignature } from "../logic/openapi/signature.ts";
import { Platform } from "../logic/platform/platform.ts";
import { RealtimeRuntime } from "../logic/realtime.ts";
import { defaultSettings, type Settings } from "../logic/settings.ts";
import { addWorkload, type Workload, type WorkloadOptions } from "../logic/workload.ts";

export interface MemoryClusterOptions {
  readonly seed?: number;
  /** Milliseconds since 1970. */
  readonly start?: number;
  readonly version?: string;
  readonly settings?: Partial<Settings>;
  readonly workload?: WorkloadOptions;
}
export const ENDPOINTS: Endpoints = {
  openapi: "openapi.dataphin:80",
  console: "dataphin:80",
  platform: "platform:6443",
  manager: "manager:8080",
  executors: "executors:7000",
  realtime: "flink:8081",
  gateway: "dataservice.dataphin:80",
};
/** Whoever asks from outside. */
const ANA = "ana:0";
const POLL_MS = 1_000;

/** Builds and starts it: when this has ended, everything serves. Drives the virtual world meanwhile. */
export async function memoryCluster(options: MemoryClusterOptions = {}): Promise<MemoryCluster> {
  const cluster = new MemoryCluster(options);
  await cluster.world.run(cluster.boot());
  return cluster;
}

/** Its methods that return promises live in virtual time: await them inside `world.run`. */
export class MemoryCluster {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly endpoints = ENDPOINTS;
  readonly credentials = labCredentials;
  readonly settings: Settings;
  readonly version: string;
  readonly #options: MemoryClusterOptions;
  readonly #stores = new Map<ComponentName, string>();
  readonly #lives = new Map<ComponentName, Lifetime>();
  #platform: Platform | null = null;
  #workload: Workload | null = null;
  #nonce = 0;

  constructor(options: MemoryClusterOptions = {}) {
    this.#options = options;
    this.version = options.version ?? "6.2.0.1";
    this.world = new VirtualWorld({ seed: options.seed ?? 1, start: options.start ?? Date.UTC(2026, 10, 20, 10, 0, 0) });
    this.network = new VirtualNetwork(this.world);
    this.settings = { ...defaultSettings, ...options.settings };
  }

  async boot(): Promise<void> {
    for (const name of componentNames) await this.start(name);
    this.#workload = addWorkload(this.database, this.world.now(), this.#options.workload);
    const jobs = this.database.data.streamJobs;
    for (const { flinkId, name } of jobs) this.#runtime?.submit(flinkId, name);
    // What is due now runs, and the gateway has been used by each of its callers.
    await this.world.sleep(5 * this.settings.roundMs);
    for (const [name, id] of Object.entries(this.workload.apis)) {
      await this.callApi(id, {});
      if (name === "fields") await this.callApi(id, { app: "partial" });
    }
  }
  #runtime: RealtimeRuntime | null = null;

  get database(): Database {
    if (this.#platform === null) throw new Error("the platform was never started");
    return this.#platform.database;
  }
  get workload(): Workload {
    if (this.#workload === null) throw new Error("boot it first");
    return this.#workload;
  }

  /** Error when it runs already. */
  async start(name: ComponentName): Promise<void> {
    if (this.#lives.has(name)) throw new Error(`${name} runs already`);
    const life = new Lifetime({ clock: this.world, network: this.network, zookeeper: { connect: () => Promise.reject(new Error("no ZooKeeper")) } });
    this.#lives.set(name, life);
    // The database of the platform lives as long as the lab does.
    const store: Store | null =
      name === "platform" ? null : { load: () => this.#stores.get(name) ?? null, save: (text) => void (life.over || this.#stores.set(name, text)) };
    const surroundings = { clock: life.clock, network: life.network, endpoints: this.endpoints, settings: this.settings, store };
    switch (name) {
      case "platform":
        this.#platform = new Platform(surroundings, { version: this.version, credentials: this.credentials });
        return this.#platform.start();
      case "manager":
        return new Manager(surroundings, this.credentials).start();
      case "executors":
        return new Executors(surroundings).start();
      case "realtime":
        this.#runtime = new RealtimeRuntime(surroundings);
        return this.#runtime.start();
      case "gateway":
        return new Gateway(surroundings, this.version).start();
    }
  }
  /** kill -9; false: it does not run. */
  kill(name: ComponentName): boolean {
    this.#lives.get(name)?.end();
    return this.#lives.delete(name);
  }

  /** As the vendor's own clients ask: signed, parameters in the query. Throws NoReply. */
  async openApi(
    action: string,
    parameters: Readonly<Record<string, unknown>> = {},
    timeoutMs = 10_000,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const reply = await this.network.call(
      ANA,
      this.endpoints.openapi,
      { method: "POST", path: this.signedPath(action, parameters), headers: {}, body: "" },
      timeoutMs,
    );
    return { status: reply.status, body: JSON.parse(reply.body) };
  }
  signedPath(action: string, parameters: Readonly<Record<string, unknown>>, secret = this.credentials.accessKeySecret): string {
    this.#nonce += 1;
    const all = new Map<string, string>([
      ["Action", action],
      ["Version", "2023-06-30"],
      ["Format", "json"],
      ["AccessKeyId", this.credentials.accessKeyId],
      ["SignatureMethod", "HMAC-SHA1"],
      ["SignatureVersion", "1.0"],
      ["SignatureNonce", `n${String(this.#nonce)}`],
      ["Timestamp", new Date(this.world.now()).toISOString()],
      ["OpTenantId", this.credentials.tenantId],
    ]);
    for (const [name, value] of Object.entries(parameters))
      all.set(name, typeof value === "object" && value !== null ? JSON.stringify(value) : String(value));
    all.set("Signature", rpcSignature(all, "POST", secret));
    return `/?${new URLSearchParams([...all]).toString()}`;
  }

  /** One call of DataService, without a retry. Throws NoReply. */
  callApi(
    id: number,
    how: {
      readonly app?: keyof Workload["apps"];
      readonly secret?: string;
      readonly key?: string;
      readonly env?: "PROD" | "DEV";
      readonly fields?: readonly string[];
    },
  ): Promise<Reply> {
    const app = this.workload.apps[how.app ?? "caller"];
    const query = new URLSearchParams({ appKey: how.key ?? app.key, appSecret: how.secret ?? app.secret, env: how.env ?? "PROD" });
    const body = how.fields === undefined ? "" : JSON.stringify({ returnFields: how.fields });
    return this.ask("POST", this.endpoints.gateway, `/list/${String(id)}?${query.toString()}`, body);
  }
  /** What a user does behind the logon page: logs on, and asks for it. */
  async operate(operation: string, object: string): Promise<Reply> {
    const { name: user, password } = this.credentials.user;
    const cookie = (await this.ask("POST", this.endpoints.console, "/login", { user, password })).headers?.["set-cookie"] ?? "";
    const body = JSON.stringify({ operation, object });
    return this.network.call(ANA, this.endpoints.console, { method: "POST", path: "/console/operations", headers: { cookie }, body }, 5_000);
  }
  ask(method: string, to: string, path: string, body: string | object = ""): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.network.call(ANA, to, { method, path, headers: text === "" ? {} : { "content-type": "application/json" }, body: text }, 30_000);
  }
  async asked<T>(to: string, path: string): Promise<T> {
    return JSON.parse((await this.ask("GET", to, path)).body) as T;
  }

  /** A control of the Manager; error with its words when it refuses. */
  async manager(control: string, body: object = {}): Promise<void> {
    const reply = await this.ask("POST", this.endpoints.manager, `/lab/manager/${control}`, body);
    if (reply.status !== 200) throw new Error((JSON.parse(reply.body) as { readonly message?: string }).message ?? reply.body);
  }
  async records(): Promise<readonly UpgradeRecord[]> {
    return (await this.asked<{ readonly records: readonly UpgradeRecord[] }>(this.endpoints.manager, "/lab/manager")).records;
  }
  /** What a configured command does: STEP MODE VERSION, and it is over when the step is. Error when the step has failed. */
  async command(step: string, mode: Mode, version: string): Promise<void> {
    await this.manager("step", { step, mode, version });
    for (;;) {
      const record = (await this.records()).at(-1);
      const of = record?.steps.find((each) => each.step === step);
      if (of?.state === "failed") throw new Error(`${step}: ${of.log.at(-1) ?? "failed"}`);
      if (of === undefined || of.state === "done") return;
      await this.world.sleep(POLL_MS);
    }
  }
  /** A whole upgrade by the Manager alone, to that status. */
  async untilStatus(...statuses: readonly RecordStatus[]): Promise<UpgradeRecord> {
    for (;;) {
      const record = (await this.records()).at(-1);
      if (record !== undefined && statuses.includes(record.status)) return record;
      const failed = record?.steps.find(({ state }) => state === "failed");
      if (failed !== undefined) throw new Error(`${failed.step}: ${failed.log.at(-1) ?? "failed"}`);
      await this.world.sleep(POLL_MS);
    }
  }
}
