// Three PostgreSQL servers with asynchronous WAL shipping, physical slots, timelines, and a client that never stops writing.
import { Refused } from "../../../../src/model/errors.ts";
import { Books, type Charge } from "../../simulation/books.ts";
import { need } from "../../simulation/need.ts";
import type { World } from "../../simulation/world.ts";

interface Server {
  installed: string;
  running: { readonly version: string; readonly ready: number } | null;
  /** Row ids; its length is the LSN. */
  log: number[];
  timeline: number;
  /** standby.signal */
  standby: boolean;
  /** primary_conninfo */
  follows: string | null;
  readonly slots: Set<string>;
  /** Standbys that must have a row before it is acknowledged. */
  sync: number;
  promoting: boolean;
  starts: number;
}
export interface ServerView {
  readonly version: string;
  readonly standby: boolean;
  readonly received: number;
  readonly follows: string | null;
  readonly streaming: boolean;
  readonly slots: readonly string[];
  readonly sync: number;
}

export class FakePostgres {
  readonly servers = new Map<string, Server>();
  readonly books = new Books();
  readonly #acknowledged: number[] = [];
  promotes = 0;
  #pending: { readonly row: number; readonly primary: string }[] = [];
  #row = 0;
  #split = false;
  readonly #world: World;

  constructor(world: World, version: string) {
    this.#world = world;
    for (const name of ["n1", "n2", "n3"])
      this.servers.set(name, {
        installed: version,
        running: { version, ready: 0 },
        log: [],
        timeline: 1,
        standby: name !== "n1",
        follows: name === "n1" ? null : "n1",
        slots: new Set(name === "n1" ? ["n2", "n3"] : []),
        sync: 2,
        promoting: false,
        starts: 1,
      });
    world.clock.every(5, () => this.#write());
    world.clock.every(4, () => this.#ship(2));
  }
  up(name: string): boolean {
    const { running } = need(this.servers, name);
    return running !== null && running.ready <= this.#world.time;
  }
  primaries(): string[] {
    return [...this.servers.keys()].filter((name) => this.up(name) && !need(this.servers, name).standby);
  }

  #write(): void {
    const [primary, ...others] = this.primaries();
    if (others.length > 0 && !this.#split) this.books.unsafe(`split brain: ${[primary, ...others].join(" ")}`);
    this.#split = others.length > 0;
    if (primary === undefined || this.#pending.length > 8) return; // the client waits for its answers
    need(this.servers, primary).log.push(++this.#row);
    this.#pending.push({ row: this.#row, primary });
  }
  /** One round of WAL shipping; at most `rows` to each standby, so a standby may lag. */
  #ship(rows: number): void {
    for (const [name, server] of this.servers) {
      if (server.follows === null || !this.streaming(name)) continue;
      const source = need(this.servers, server.follows);
      server.timeline = source.timeline;
      server.log.push(...source.log.slice(server.log.length, server.log.length + rows));
    }
    this.#pending = this.#pending.filter(({ row, primary }) => {
      const server = need(this.servers, primary);
      if (server.standby || !this.up(primary)) return false; // the client got an error: unknown
      const have = [...this.servers].filter(([name, each]) => name !== primary && this.streaming(name) && (each.log.at(-1) ?? 0) >= row).length;
      if (have < server.sync) return true;
      this.#acknowledged.push(row);
      return false;
    });
  }
  streaming(name: string): boolean {
    const server = need(this.servers, name);
    if (!this.up(name) || !server.standby || server.follows === null || !this.up(server.follows)) return false;
    const source = need(this.servers, server.follows);
    if (!source.slots.has(name)) return false;
    return server.log.length <= source.log.length && server.log.at(-1) === source.log[server.log.length - 1]; // else it has diverged
  }

  /** pg_control and the process table, by the helper on the host: readable while the server is down. */
  control(name: string): {
    readonly running: boolean;
    readonly installed: string;
    readonly lsn: number;
    readonly standby: boolean;
    readonly timeline: number;
  } {
    const { running, installed, log, standby, timeline } = need(this.servers, name);
    return { running: running !== null, installed, lsn: log.length, standby, timeline };
  }
  sql(name: string): ServerView {
    const server = need(this.servers, name);
    if (!server.running || !this.up(name)) throw new Refused(`${name} does not answer`);
    const { standby, follows, slots, sync } = server;
    return {
      version: server.running.version,
      standby,
      received: server.log.length,
      follows,
      streaming: this.streaming(name),
      slots: [...slots],
      sync,
    };
  }
  /** Its configuration file, by the helper on the host. */
  configuration(name: string): { readonly sync: number } {
    return { sync: need(this.servers, name).sync };
  }
  promoting(name: string): boolean {
    return need(this.servers, name).promoting;
  }

  stop(name: string): void {
    const server = need(this.servers, name);
    if (!server.running) {
      this.books.double(`${name} stopped twice`);
      return;
    }
    if (!server.standby) for (let round = 0; round < 50; round++) this.#ship(10); // a fast stop ships what connected standbys can take
    server.running = null;
    server.promoting = false;
  }
  start(name: string): void {
    const server = need(this.servers, name);
    if (server.running) {
      this.books.double(`${name} started twice`);
      return;
    }
    server.starts++;
    server.running = { version: server.installed, ready: this.#world.time + 300 };
  }
  install(name: string, version: string): void {
    const server = need(this.servers, name);
    if (server.running) this.books.unsafe(`${name} replaced while it runs`);
    server.installed = version;
  }
  promote(name: string): void {
    const server = need(this.servers, name);
    if (!this.up(name)) throw new Refused(`${name} does not answer`);
    this.promotes++;
    if (!server.standby || server.promoting) {
      this.books.double(`${name} promoted twice`);
      return;
    }
    server.promoting = true;
    this.#world.clock.after(150, () => {
      if (!server.promoting) return;
      server.promoting = false;
      server.standby = false;
      server.follows = null;
      server.timeline++;
    });
  }
  slot(name: string, slot: string, wanted: boolean): void {
    if (!this.up(name)) throw new Refused(`${name} does not answer`);
    const { slots } = need(this.servers, name);
    if (wanted === slots.has(slot)) throw new Refused(`slot ${slot} on ${name} ${wanted ? "exists" : "does not exist"}`);
    if (wanted) slots.add(slot);
    else slots.delete(slot);
  }
  /** Edits the configuration by the helper on the host. */
  configure(name: string, to: { readonly follows?: string; readonly standby?: boolean; readonly sync?: number }): void {
    Object.assign(need(this.servers, name), to);
  }
  /** The process dies, and its service manager brings it back as it was. */
  dies(name: string): void {
    const server = need(this.servers, name);
    const { running } = server;
    if (!running) return;
    server.running = null;
    server.promoting = false;
    this.#world.clock.after(600, () => {
      if (!server.running && server.installed === running.version) server.running = { version: running.version, ready: this.#world.time + 300 };
    });
  }

  charges(): readonly Charge[] {
    const [primary] = this.primaries();
    const rows = new Set(primary === undefined ? [] : need(this.servers, primary).log);
    const lost = this.#acknowledged.filter((row) => !rows.has(row)).length;
    return lost === 0 ? this.books.charges : [...this.books.charges, { kind: "lost", what: `${lost} acknowledged rows lost` }];
  }
}
