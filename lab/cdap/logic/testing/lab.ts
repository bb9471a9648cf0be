// A server of the lab on virtual time, with applications that are only names: what tests of programs, runs and schedules need.
import type { Reply } from "../../../kit/network.ts";
import { VirtualNetwork } from "../../../kit/virtual-network.ts";
import { VirtualWorld } from "../../../kit/virtual.ts";
import type { Applications, ProgramSpec } from "../applications.ts";
import { platformOf, type Platform } from "../platform.ts";
import type { Behaviour, ProgramId, Run } from "../programs/run.ts";
import { DURATIONS, type Settings } from "../settings.ts";
import type { Storage } from "../storage.ts";

const ENDPOINT = "cdap:11015";

/** Applications by name, each with its versions and the programs of all of them. */
class Names implements Applications {
  readonly apps_ = new Map<string, { versions: string[]; readonly programs: readonly ProgramSpec[] }>();
  readonly saved = new Map<string, Readonly<Record<string, string>>>();
  readonly profiles = new Map<string, boolean>([["native", true]]);
  namespaces(): readonly string[] {
    return ["default", "system"];
  }
  apps(namespace: string): readonly string[] {
    return namespace === "default" ? [...this.apps_.keys()] : [];
  }
  versions(namespace: string, app: string): readonly { readonly version: string; readonly programs: readonly ProgramSpec[] }[] | null {
    const found = namespace === "default" ? this.apps_.get(app) : undefined;
    return found?.versions.map((version) => ({ version, programs: found.programs })) ?? null;
  }
  argumentsOf({ app }: ProgramId): Readonly<Record<string, string>> {
    return this.saved.get(app) ?? {};
  }
  profileEnabled(_namespace: string, profile: string): boolean | null {
    return this.profiles.get(profile) ?? null;
  }
}

export class TestLab {
  readonly world = new VirtualWorld({ start: Date.UTC(2026, 2, 1, 12) });
  readonly network = new VirtualNetwork(this.world);
  readonly names = new Names();
  readonly storage: Storage;
  platform: Platform;

  private constructor(settings: Partial<Settings>) {
    const all: Settings = { release: "6.9.2", site: {}, auth: null, durations: DURATIONS, onRestart: "go-on", ...settings };
    this.storage = { parts: { settings: all } };
    this.platform = this.#boot();
  }
  /** With an application of each kind in it, and ready. */
  static async up(settings: Partial<Settings> = {}): Promise<TestLab> {
    const lab = new TestLab(settings);
    lab.app("jobs", [{ type: "SPARK", name: "stream" }]);
    lab.app("serving", [
      { type: "SERVICE", name: "api" },
      { type: "WORKER", name: "delta" },
    ]);
    const children = [
      { type: "SPARK", name: "phase-1" },
      { type: "SPARK", name: "phase-2" },
    ] as const;
    lab.app("batch", [{ type: "WORKFLOW", name: "pipeline", children }, ...children]);
    await lab.start();
    return lab;
  }
  #boot(): Platform {
    const { world, network, storage } = this;
    const platform = platformOf({ clock: world, network, endpoint: ENDPOINT, storage, random: () => world.random() });
    platform.cluster.applications = this.names;
    return platform;
  }

  async start(): Promise<void> {
    await this.platform.cluster.start();
    await this.pass(21_000);
  }
  /** The server is killed, and another one starts with what it has kept: JSON. */
  async restart(downMs = 0): Promise<void> {
    this.platform.cluster.stop();
    const kept = JSON.parse(JSON.stringify(this.storage.parts)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(kept)) this.storage.parts[name] = value;
    await this.pass(downMs);
    this.platform = this.#boot();
    await this.start();
  }
  app(name: string, programs: readonly ProgramSpec[], versions: readonly string[] = ["v1"]): void {
    this.names.apps_.set(name, { versions: [...versions], programs });
  }
  /** The latest from now on; runs go on under the version that they were started with. */
  edit(app: string, version: string): void {
    this.names.apps_.get(app)?.versions.push(version);
  }
  async pass(ms: number): Promise<void> {
    await this.world.advance(ms);
  }
  behave(program: ProgramId, behaviour: Partial<Behaviour>): void {
    this.platform.programs.behaviours.set(program, behaviour);
  }

  async call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    return this.world.run(this.network.call("me:1", ENDPOINT, { method, path, headers, body: text }, 60_000));
  }
  /** Below the namespace `default`; `[status, body]`, the body parsed if it is JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<readonly [number, unknown]> {
    const reply = await this.call(method, `/v3/namespaces/default${path}`, body);
    try {
      return [reply.status, JSON.parse(reply.body) as unknown];
    } catch {
      return [reply.status, reply.body];
    }
  }
  /** Started and RUNNING; the run. */
  async running(program: ProgramId): Promise<Run> {
    const id = this.platform.programs.start(program);
    await this.pass(6_000);
    return this.run(id);
  }
  run(id: string): Run {
    const found = this.platform.programs.all().find((run) => run.id === id);
    if (found === undefined) throw new Error(`no run ${id}`);
    return found;
  }
}

const of = (app: string, type: ProgramId["type"], name: string): ProgramId => ({ namespace: "default", app, type, name });
export const STREAM = of("jobs", "SPARK", "stream");
export const API = of("serving", "SERVICE", "api");
export const DELTA = of("serving", "WORKER", "delta");
export const PIPELINE = of("batch", "WORKFLOW", "pipeline");
