// A whole CDAP in memory on virtual time: the server with its applications, the machine that it is reached through, and what replaces it.
import type { HttpClient } from "../../../src/model/http.ts";
import { MemoryHost, said, type HostErrors, type MemoryHostOptions } from "../../kit/memory-host.ts";
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { installed } from "../apps/install.ts";
import type { SeedOptions } from "../apps/seed/seed.ts";
import { platformOf, type Platform } from "../logic/platform.ts";
import { DURATIONS, type Durations, type Settings } from "../logic/settings.ts";
import type { Storage } from "../logic/storage.ts";
import { memoryHttpClient, type HttpErrors } from "./http-client.ts";
import { Machine, type Command } from "./machine.ts";

export interface MemoryCdapOptions extends SeedOptions, Partial<Omit<Settings, "durations">> {
  readonly seed?: number;
  /** Milliseconds since 1970. */
  readonly start?: number;
  readonly durations?: Partial<Durations>;
  /** From the end of one server to the start of the next, while its packages are replaced, in milliseconds. */
  readonly replaceMs?: number;
  /** Plugs the applications into each server. Default: the lab's, with work of each kind that runs. */
  readonly install?: (platform: Platform) => void;
  /** What else the machine can be told to run. */
  readonly commands?: (cdap: MemoryCdap) => Command;
}

/** HOST:PORT of the router. */
export const ENDPOINT = "cdap.lab:11015";
/** The machine that CDAP is reached through. */
export const HOST = "gateway";
/** Replaces the platform: with the version as its argument. */
export const REPLACE = "/opt/cdap/bin/replace";

/** Started, and ready: appfabric and the other services are there. Drives the virtual world meanwhile. */
export async function memoryCdap(options: MemoryCdapOptions = {}): Promise<MemoryCdap> {
  const cdap = new MemoryCdap(options);
  await cdap.world.run(cdap.start());
  await cdap.world.advance(cdap.settings.durations.appfabric + cdap.settings.durations.services);
  return cdap;
}

/** Its methods that return promises live in virtual time: await them inside `world.run`. */
export class MemoryCdap {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly machine: Machine;
  /** Survives every server: what a backup of its database would hold. */
  readonly storage: Storage;
  readonly #install: (platform: Platform) => void;
  readonly #replaceMs: number;
  #platform: Platform | null = null;

  constructor(options: MemoryCdapOptions) {
    const { seed = 1, start = Date.UTC(2026, 2, 1, 12), durations, release = "6.8.3", site = {}, auth = null, onRestart = "go-on" } = options;
    this.#install = options.install ?? installed(options);
    this.#replaceMs = options.replaceMs ?? 30_000;
    this.world = new VirtualWorld({ seed, start });
    this.network = new VirtualNetwork(this.world, { latencyMs: 1 });
    const settings: Settings = { release, site, auth, onRestart, durations: { ...DURATIONS, ...durations } };
    this.storage = { parts: { settings } };
    const more = options.commands?.(this);
    this.machine = new Machine(HOST, this.network, (argv, asked) => {
      const other = more?.(argv, asked) ?? null;
      if (other !== null) return other;
      const [program, version] = argv;
      if (program !== REPLACE || version === undefined) return null;
      return this.replace(version).then(() => said(`CDAP ${version} is installed and started\n`));
    });
    this.machine.disk.write(REPLACE, "the lab's own\n");
  }

  get settings(): Settings {
    return this.storage.parts["settings"] as Settings;
  }
  /** The server that runs now. Error when none does. */
  get platform(): Platform {
    if (this.#platform === null) throw new Error("CDAP is down");
    return this.#platform;
  }
  get running(): boolean {
    return this.#platform !== null;
  }
  /** It listens when this has ended, and is not ready yet. */
  async start(): Promise<void> {
    if (this.#platform !== null) return;
    const { world, network, storage } = this;
    const platform = platformOf({ clock: world, network, endpoint: ENDPOINT, storage, random: () => world.random() });
    this.#install(platform);
    this.#platform = platform;
    await platform.cluster.start();
  }
  /** kill -9 of everything that is CDAP's own. */
  stop(): void {
    this.#platform?.cluster.stop();
    this.#platform = null;
  }
  /** Down, other packages, up again; ready later. */
  async replace(version: string): Promise<void> {
    this.stop();
    await this.world.sleep(this.#replaceMs);
    this.settings.release = version;
    await this.start();
  }
  /** As the lab's page of that name answers, whether or not the router does. */
  async control(name: string, body: unknown = null): Promise<unknown> {
    const reply = await this.platform.cluster.serve({ method: "POST", path: `/lab/${name}`, headers: {}, body: JSON.stringify(body) });
    if (reply?.status !== 200) throw new Error(`/lab/${name}: ${reply?.body ?? "no answer"}`);
    return JSON.parse(reply.body) as unknown;
  }

  /** What a driver asks with. `own`: the endpoint that its requests come from. */
  http(errors: HttpErrors, own = "stillwater:1"): HttpClient {
    return memoryHttpClient(this.network, own, errors);
  }
  /** The helper on the machine that CDAP is reached through. */
  host(errors: HostErrors, more: Pick<MemoryHostOptions, "disturb" | "roundTripMs"> = {}): MemoryHost {
    return new MemoryHost(this.machine, { clock: this.world, errors, local: new MemoryDisk(), ...more });
  }
}
