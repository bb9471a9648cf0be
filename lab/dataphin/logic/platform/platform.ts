import type { Reply, Request } from "../../../kit/network.ts";
import type { Credentials, Surroundings } from "../cluster.ts";
import { Database, DATA_UPDATE_PARTS } from "../database.ts";
import type { Instance, Maintenance } from "../entities.ts";
import { bodyOf, isSilent, json, target, words } from "../http.ts";
import { Throttle } from "../openapi/face.ts";
import { SignatureCheck } from "../openapi/signature.ts";
import { Dag } from "../scheduler/dag.ts";
import { rerun, terminate } from "../scheduler/operate.ts";
import { Front } from "./front.ts";
import { Pod, type Lease } from "./pod.ts";

/** What the Manager must know of an instance to end it and to run it again. */
export interface RunningInstance {
  readonly id: string;
  readonly node: string;
  readonly status: Instance["status"];
  readonly taskruns: readonly string[];
  readonly killedBy: string | null;
  readonly upstream: readonly string[];
}
export interface PlatformState {
  readonly version: string;
  readonly pods: readonly { readonly name: string; readonly version: string; readonly state: Pod["state"] }[];
  readonly dispatch: boolean;
  readonly tracking: boolean;
  readonly maintenance: Maintenance;
  readonly schema: string;
  readonly expandedFor: string | null;
  readonly dataUpdateParts: number;
  readonly backups: readonly string[];
}
export interface PlatformOptions {
  /** Of the application at the beginning; what is saved counts more. */
  readonly version: string;
  readonly credentials: Credentials;
  readonly pods?: number;
  /** The clock by which clients sign. */
  readonly signingNow?: () => number;
}
const SAVE_MS = 1_000;

/**
 * Database, pods and front, as the container platform of an installation holds them: what survives the end of the application. The Manager alone asks its
 * pages; DataService reaches the application through `/app`.
 */
export class Platform {
  readonly database: Database;
  readonly #surroundings: Surroundings;
  readonly #options: PlatformOptions;
  readonly #front: Front;
  readonly #lease: Lease = { pod: null, until: 0 };
  #pods: Pod[] = [];
  #version: string;
  /** The next so many starts of pods never come to be ready. */
  #stillborn = 0;
  #made = 0;
  readonly #check: SignatureCheck;
  readonly #throttle: Throttle;

  constructor(surroundings: Surroundings, options: PlatformOptions) {
    const saved = surroundings.store?.load() ?? null;
    this.#surroundings = surroundings;
    this.#options = options;
    this.database = new Database(options.version, saved);
    this.#version = this.database.controls.application?.version ?? this.database.data.schema;
    this.#front = new Front(surroundings.clock, surroundings.settings.frontLagMs, this.database);
    this.#throttle = new Throttle(surroundings.settings.throttlePerSecond);
    this.#check = new SignatureCheck(options.credentials, options.signingNow ?? (() => surroundings.clock.now()));
  }

  /** All pods are there at once: a lab begins with an installation that has run for long. */
  async start(): Promise<void> {
    const { network, endpoints, clock, store } = this.#surroundings;
    await network.listen(endpoints.openapi, (request) => this.#front.pass(request, "json"));
    await network.listen(endpoints.console, (request) => this.#console(request));
    await network.listen(endpoints.platform, (request) => this.#serve(request));
    const { application } = this.database.controls;
    for (let index = 0; index < (application?.pods ?? this.#options.pods ?? 2); index += 1) this.#add(this.#version, 0);
    if (store === null) return;
    let before = "";
    const save = (): void => {
      const text = this.database.text();
      if (text !== before) store.save(text);
      before = text;
      clock.after(SAVE_MS, save);
    };
    save();
  }

  #add(version: string, startMs: number): void {
    const { database } = this;
    this.#made += 1;
    const pod = new Pod({
      name: `dataphin-${String(this.#made)}`,
      version,
      database,
      surroundings: this.#surroundings,
      credentials: this.#options.credentials,
      check: this.#check,
      throttle: this.#throttle,
      lease: this.#lease,
    });
    this.#pods.push(pod);
    this.#version = version;
    if (this.#stillborn > 0) {
      this.#stillborn -= 1;
      return;
    }
    pod.start(startMs, () => {
      this.#front.changed(() => this.#ready());
    });
  }
  #remove(pods: readonly Pod[]): void {
    for (const pod of pods) pod.stop();
    this.#pods = this.#pods.filter((pod) => !pods.includes(pod));
    this.#front.changed(() => this.#ready());
  }
  #ready(): readonly Pod[] {
    return this.#pods.filter(({ state }) => state === "ready");
  }

  async #console(request: Request): Promise<Reply> {
    const { network, endpoints } = this.#surroundings;
    if (!request.path.startsWith("/opsconsole/v2")) return this.#front.pass(request, "page");
    // The Manager is reached below the same address, and shares nothing else with the application.
    try {
      return await network.call(endpoints.console, endpoints.manager, request, 10_000);
    } catch (error) {
      if (isSilent(error)) return json(502, { message: "Dataphin Manager does not answer" });
      throw error;
    }
  }

  async #serve(request: Request): Promise<Reply> {
    const { path } = target(request);
    if (path.startsWith("/app/")) return this.#front.pass(request, "json");
    try {
      return json(200, this.#control(request, path));
    } catch (error) {
      return json(409, { message: error instanceof Error ? error.message : String(error) });
    }
  }

  #control(request: Request, path: string): object {
    if (request.method === "GET" && path === "/platform") return this.state();
    // Of the lab: everything that the database holds.
    if (request.method === "GET" && path === "/lab/platform")
      return { ...this.database.data, backups: this.database.backups.map(({ name }) => name) };
    const body = bodyOf(request);
    switch (path) {
      case "/platform/controls":
        return this.#set(body);
      case "/platform/pods":
        return this.#operatePods(body);
      case "/platform/database":
        return this.#operateDatabase(body);
      case "/platform/instances":
        return this.#instances(body);
      case "/platform/terminate":
        return this.#each(body, (instance) => terminate(instance, "manager"));
      case "/platform/rerun":
        return this.#each(body, (instance) => rerun(this.database, instance, { force: false, trigger: "RERUN" }));
      case "/lab/platform/fault":
        return this.#fault(body);
      default:
        throw new Error(`no ${path}`);
    }
  }

  state(): PlatformState {
    const { data, controls, backups } = this.database;
    return {
      version: this.#version,
      pods: this.#pods.map(({ name, version, state }) => ({ name, version, state })),
      dispatch: controls.dispatch,
      tracking: controls.tracking,
      maintenance: controls.maintenance,
      schema: data.schema,
      expandedFor: data.expandedFor,
      dataUpdateParts: data.dataUpdate?.parts ?? (data.schema === this.#version ? DATA_UPDATE_PARTS : 0),
      backups: backups.map(({ name }) => name),
    };
  }

  #set({ dispatch, tracking, maintenance }: Readonly<Record<string, unknown>>): object {
    const { controls } = this.database;
    if (typeof dispatch === "boolean") controls.dispatch = dispatch;
    if (typeof tracking === "boolean") controls.tracking = tracking;
    if (typeof maintenance === "object" && maintenance !== null) {
      const wanted = maintenance as Omit<Maintenance, "since">;
      const since = wanted.on ? (controls.maintenance.since ?? this.#surroundings.clock.now()) : null;
      controls.maintenance = { ...wanted, since };
    }
    return this.state();
  }

  /** `stop` all; `start` so many of a version beside those that there are; `replace` one of another version by one of this; idempotent. */
  #operatePods({ action, version, count }: Readonly<Record<string, unknown>>): object {
    const { settings } = this.#surroundings;
    const wanted = words(version) || this.#version;
    if (action === "stop") this.#remove(this.#pods);
    if (action === "start") {
      const there = this.#pods.filter((pod) => pod.version === wanted).length;
      for (let index = there; index < Number(count ?? this.#options.pods ?? 2); index += 1) this.#add(wanted, settings.podStartMs);
    }
    if (action === "replace") {
      const old = this.#pods.find((pod) => pod.version !== wanted);
      if (old !== undefined) {
        this.#add(wanted, settings.podStartMs);
        this.#remove([old]);
      }
    }
    // Pods that never came to be ready, after their machine was mended.
    if (action === "restart-stuck") {
      const stuck = this.#pods.filter(({ state }) => state === "starting");
      this.#remove(stuck);
      for (const pod of stuck) this.#add(pod.version, settings.podStartMs);
    }
    this.database.controls.application = { version: this.#version, pods: this.#pods.length };
    return this.state();
  }

  #operateDatabase({ action, version, name }: Readonly<Record<string, unknown>>): object {
    if (action === "backup") this.database.backup(String(name), this.#surroundings.clock.now());
    if (action === "expand") this.database.expand(String(version));
    if (action === "update") return { parts: this.database.updatePart(String(version)), of: DATA_UPDATE_PARTS };
    if (action === "restore") this.database.restore(String(name));
    // Builds of one release differ in nothing that tables would know of.
    if (action === "same-release") this.database.data.schema = String(version);
    return this.state();
  }

  /** Those with an id of `ids`; without: those that run. */
  #instances({ ids }: Readonly<Record<string, unknown>>): { readonly instances: readonly RunningInstance[] } {
    const dag = new Dag(this.database);
    const wanted = Array.isArray(ids) ? new Set(ids.map(String)) : null;
    const found = Object.values(this.database.data.instances).filter(({ id, status }) => (wanted === null ? status === "RUNNING" : wanted.has(id)));
    return {
      instances: found.map((instance) => ({
        id: instance.id,
        node: instance.nodeId,
        status: instance.status,
        taskruns: instance.taskruns.map(({ id }) => id),
        killedBy: instance.taskruns.at(-1)?.killedBy ?? null,
        upstream: dag.upstream(instance).map(({ id }) => id),
      })),
    };
  }

  /** Through the application: refused while there is none. */
  #each({ ids }: Readonly<Record<string, unknown>>, act: (instance: Instance) => string | null): object {
    if (this.#ready().length === 0) throw new Error("no application is ready");
    const refused: { readonly id: string; readonly why: string }[] = [];
    for (const id of Array.isArray(ids) ? ids.map(String) : []) {
      const instance = this.database.data.instances[id];
      const why = instance === undefined ? "there is no such instance" : act(instance);
      if (why !== null) refused.push({ id, why });
    }
    return { refused };
  }

  #fault({ kind, count }: Readonly<Record<string, unknown>>): object {
    const times = Number(count ?? 1);
    if (kind === "backup") this.database.troubles.backup = times;
    else if (kind === "data-update") this.database.troubles.dataUpdate = times;
    else if (kind === "pod-never-ready") this.#stillborn = times;
    else if (kind === "kill-pod") {
      const killed = this.#ready().slice(0, times);
      this.#remove(killed);
      for (const { version } of killed) this.#add(version, this.#surroundings.settings.podStartMs);
    } else throw new Error(`no fault ${String(kind)}`);
    return this.state();
  }
}
