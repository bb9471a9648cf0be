import { Lifetime } from "../../kit/lifetime.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import { NoReply, type Network, type Reply, type Request } from "../../kit/network.ts";
import { Faults } from "./faults.ts";
import { decode, encode } from "./messages.ts";
import { ServerError, type Component, type Launch, type Surroundings } from "./node.ts";
import { behaviourOf, type Behaviour } from "./release.ts";

/** What a node answers another one below /lab. */
export type Handler = (body: unknown, from: string) => unknown;

const PREFIX = "/lab/node/";
const FAULT_PAGE = "/lab/fault";
const ACKNOWLEDGE_MS = 5_000;

/** One process of the lab: its share of the world, which ends with it, and its way to the other nodes. */
export class NodeProcess {
  readonly component: Component;
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly faults = new Faults();
  /** Identity of this process among those that had its name. */
  readonly boot: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly #life: Lifetime;
  readonly #network: Network;
  readonly #surroundings: Surroundings;
  readonly #handlers = new Map<string, Handler>();
  readonly #changed = new Map<string, string>();

  constructor(component: Component, surroundings: Surroundings) {
    this.component = component;
    this.behaviour = behaviourOf(component.release);
    this.#surroundings = surroundings;
    this.#life = new Lifetime({ clock: surroundings.clock, network: surroundings.network, zookeeper: { connect: () => new Promise(() => {}) } });
    this.clock = this.#life.clock;
    this.#network = this.#life.network;
    this.disk = surroundings.disk;
    this.startedAt = surroundings.clock.now();
    this.boot = `${String(this.startedAt)}-${surroundings.random().toString(36).slice(2, 8)}`;
  }

  get alias(): string {
    return this.component.alias;
  }
  get home(): string {
    return this.component.settings["home"] ?? `${this.component.directory}/data/${this.component.alias}`;
  }
  get isOver(): boolean {
    return this.#life.over;
  }

  /** `.../server`. */
  get server(): string {
    return this.component.directory.slice(0, this.component.directory.lastIndexOf("/"));
  }
  /** As the process has them now: setDynamicConfig lasts until it ends. */
  get settings(): Readonly<Record<string, string>> {
    return { ...this.component.settings, ...Object.fromEntries(this.#changed) };
  }
  change(name: string, value: string): void {
    this.#changed.set(name, value);
  }
  setting(name: string, byDefault: string): string {
    return this.#changed.get(name) ?? this.component.settings[name] ?? byDefault;
  }
  /** Error for a value that is no number. */
  number(name: string, byDefault: number): number {
    const value = Number(this.setting(name, String(byDefault)));
    if (!Number.isFinite(value)) throw new ServerError(`Invalid value of configuration parameter ${name}: ${this.setting(name, "")}`);
    return value;
  }

  /** Milliseconds of the real system on the lab's clock. */
  scaled(ms: number): number {
    return ms / this.component.durations.scale;
  }
  random(): number {
    return this.#surroundings.random();
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }
  /** Again and again, beginning one period from now, until the process ends. */
  every(ms: number, work: () => void): void {
    this.clock.after(ms, () => {
      work();
      this.every(ms, work);
    });
  }
  log(level: "INFO" | "WARNING" | "ERROR", line: string): void {
    if (!this.isOver) this.#surroundings.log(level, line);
  }
  fsync(path: string): void {
    this.#surroundings.fsync?.(path);
  }
  launch(launch: Launch): void {
    this.#surroundings.launch(launch);
  }

  on(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }
  /** False: the port is taken, and the process has ended. */
  async listen(): Promise<boolean> {
    const { endpoint } = this.component;
    try {
      await this.#network.listen(endpoint, (request) => this.#serve(request));
      return true;
    } catch {
      const port = endpoint.slice(endpoint.lastIndexOf(":") + 1);
      const why = `Failed to bind the socket on port ${port} with error code 98`;
      this.log("ERROR", why);
      this.exit(1, why);
      return false;
    }
  }
  /** Throws ServerError with what the other node answered, and NoReply. */
  async ask<Answer>(to: string, path: string, body: unknown, timeoutMs: number = this.scaled(ACKNOWLEDGE_MS)): Promise<Answer> {
    const reply = await this.#network.call(
      this.component.endpoint,
      to,
      { method: "POST", path: `${PREFIX}${path}`, headers: { "content-type": "application/json", "x-from": this.alias }, body: encode(body) },
      timeoutMs,
    );
    if (reply.status === 200) return decode(reply.body) as Answer;
    if (reply.status === 400) throw new ServerError(reply.body);
    throw new NoReply("closed", to);
  }

  exit(code: number, why: string): void {
    if (this.isOver) return;
    this.#life.end();
    this.#surroundings.exit(code, why);
  }
  kill(): void {
    this.#life.end();
  }

  async #serve(request: Request): Promise<Reply> {
    if (request.path === FAULT_PAGE) return this.faults.page(request);
    const handler = request.path.startsWith(PREFIX) ? this.#handlers.get(request.path.slice(PREFIX.length)) : undefined;
    if (handler === undefined) return { status: 404, body: `no ${request.path} here` };
    try {
      return { status: 200, body: encode(await handler(decode(request.body), request.headers["x-from"] ?? "")) };
    } catch (error) {
      if (error instanceof ServerError) return { status: 400, body: error.message };
      throw error;
    }
  }
}
