import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { operatorName } from "../journal/process-identity.ts";
import type { Store } from "../journal/store.ts";
import type { ClusterDefinition, HostDefinition } from "../model/cluster.ts";
import type { Handles, NodeService, SystemDriver, SystemModule } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import { httpClient } from "../hosts/http-client.ts";
import type { ClaimableHost } from "../model/host.ts";
import { defaultParts } from "./parts.ts";

/** What a workspace is made of; each is loaded when it is first needed, so that a verb pays only for what it uses. */
export interface WorkspaceParts {
  /** Errors SW1101, SW1102. */
  readCluster(file: string): Promise<ClusterDefinition>;
  /** The text of a cluster file. */
  formatCluster(definition: ClusterDefinition): Promise<string>;
  /** Error SW1103. */
  system(name: string): Promise<SystemModule>;
  /** Errors SW4001, SW4003, SW4004. Creates `journal.db` in it. */
  openStore(directory: string, now: () => number): Promise<Store>;
  /** Error SW3001. */
  openHost(definition: HostDefinition, cluster: ClusterDefinition): ClaimableHost | Promise<ClaimableHost>;
  /** The value behind a reference; error SW1104. */
  secret(reference: string): Promise<string>;
}

export interface WorkspaceOptions {
  /** Default: `./.stillwater`. */
  readonly stateDirectory?: string;
  /** Default: `./cluster.yaml`. */
  readonly clusterFile?: string;
  /** Default: the user of this process (who called sudo, when it was sudo). */
  readonly operator?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly parts?: Partial<WorkspaceParts>;
}

/** One cluster, the memory of its runs, and the way to both. Nothing is opened before it is asked for; what could not be opened is tried again. */
export interface Workspace {
  readonly stateDirectory: string;
  readonly clusterFile: string;
  readonly operator: string;
  /** The machine that this process runs on. */
  readonly machine: string;
  /** `ana on jump1`: how plans and the journal name who did it. */
  readonly who: string;
  now(): number;
  /** Errors SW1101, SW1102. */
  definition(): Promise<ClusterDefinition>;
  /** Errors SW4001 to SW4004. */
  store(): Promise<Store>;
  /** The driver of this cluster's system, opened. Errors SW1103, SW1102, SW6001. */
  driver(): Promise<SystemDriver>;
  module(): Promise<SystemModule>;
  /** Error SW1107 for a name that the cluster file does not have. */
  claimableHost(name: string): Promise<ClaimableHost>;
  /** What drivers get; opens every host of the cluster file. */
  handles(): Promise<Handles>;
  /** `<state>/runs/<id>`: probe log, status.json, reports. */
  runDirectory(run: number): string;
  /** Closes whatever was opened. May be called twice. */
  close(): Promise<void>;
}

export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  return new LazyWorkspace(options);
}

class LazyWorkspace implements Workspace {
  readonly stateDirectory: string;
  readonly clusterFile: string;
  readonly operator: string;
  readonly machine = hostname();
  readonly who: string;
  readonly #now: () => number;
  readonly #parts: WorkspaceParts;
  readonly #hosts = new Map<string, Promise<ClaimableHost>>();
  readonly #opened = new Map<string, ClaimableHost>();
  #definition: Promise<ClusterDefinition> | null = null;
  #store: Promise<Store> | null = null;
  #driver: Promise<SystemDriver> | null = null;
  #http: ReturnType<typeof httpClient> | null = null;

  constructor(options: WorkspaceOptions) {
    this.stateDirectory = resolve(options.stateDirectory ?? ".stillwater");
    this.clusterFile = resolve(options.clusterFile ?? "cluster.yaml");
    this.operator = options.operator ?? operatorName(process.env);
    this.who = `${this.operator} on ${this.machine}`;
    this.#now = options.now ?? Date.now;
    this.#parts = { ...defaultParts, ...options.parts };
  }

  now(): number {
    return this.#now();
  }
  definition(): Promise<ClusterDefinition> {
    return (this.#definition ??= this.#parts.readCluster(this.clusterFile).catch((error: unknown) => {
      this.#definition = null;
      throw error;
    }));
  }
  store(): Promise<Store> {
    return (this.#store ??= this.#parts
      .openStore(this.stateDirectory, () => this.#now())
      .catch((error: unknown) => {
        this.#store = null;
        throw error;
      }));
  }
  async module(): Promise<SystemModule> {
    return this.#parts.system((await this.definition()).system);
  }
  driver(): Promise<SystemDriver> {
    return (this.#driver ??= this.#openDriver().catch((error: unknown) => {
      this.#driver = null;
      throw error;
    }));
  }
  async #openDriver(): Promise<SystemDriver> {
    const [definition, module] = [await this.definition(), await this.module()];
    return module.open(definition, await this.handles());
  }

  async claimableHost(name: string): Promise<ClaimableHost> {
    const cluster = await this.definition();
    const definition = cluster.hosts.find((each) => each.name === name);
    if (!definition) throw noHost(name);
    let opening = this.#hosts.get(name);
    if (!opening) {
      const first = (async () => {
        const host = await this.#parts.openHost(definition, cluster);
        this.#opened.set(name, host);
        return host;
      })();
      // What failed is tried again by whoever asks next: a watchdog outlives many failures.
      opening = first.catch((error: unknown) => {
        this.#hosts.delete(name);
        throw error;
      });
      this.#hosts.set(name, opening);
    }
    return opening;
  }
  async handles(): Promise<Handles> {
    const cluster = await this.definition();
    for (const host of cluster.hosts) await this.claimableHost(host.name);
    const services = await this.#services(cluster);
    const { trafficHooks } = await import("./traffic-hooks.ts");
    const traffic = trafficHooks(cluster);
    return {
      service: (node) => services.get(node) ?? null,
      traffic: () => traffic,
      http: () => (this.#http ??= httpClient()),
      host: (name) => {
        const host = this.#opened.get(name);
        if (!host) throw noHost(name);
        return host;
      },
      stateDirectory: this.stateDirectory,
      secret: (reference) => this.#parts.secret(reference),
      now: () => this.#now(),
    };
  }
  /** Node to its service, for those that have one. */
  async #services(cluster: ClusterDefinition): Promise<ReadonlyMap<string, NodeService>> {
    const named = cluster.nodes.filter((node) => node.service !== null);
    if (named.length === 0) return new Map();
    const { serviceOf } = await import("../hosts/services.ts");
    const services = new Map<string, NodeService>();
    for (const { name, host, service } of named) if (service) services.set(name, serviceOf(await this.claimableHost(host), service));
    return services;
  }
  runDirectory(run: number): string {
    return join(this.stateDirectory, "runs", String(run));
  }

  async close(): Promise<void> {
    const [driver, store, hosts] = [this.#driver, this.#store, [...this.#hosts.values()]];
    this.#driver = this.#store = null;
    this.#http?.close();
    this.#http = null;
    this.#hosts.clear();
    this.#opened.clear();
    // What could not be opened has told its error to whoever asked for it; there is nothing to close then.
    const unlessItFailed = <T>(opening: Promise<T> | null): Promise<T | null> => Promise.resolve(opening).catch(() => null);
    await (await unlessItFailed(driver))?.close();
    await Promise.all(hosts.map(async (opening) => (await unlessItFailed(opening))?.close()));
    (await unlessItFailed(store))?.close();
  }
}

const noHost = (name: string): StillwaterError => new StillwaterError("SW1107", `The cluster file has no host ${name}.`, { object: name });
