// Three hosts with five nodes each. A controller forgets suspendRecovery when it restarts, and nothing can be asked about it; controllers restart by
// themselves; data nodes stop and start asynchronously through the leading controller; a data node that is away too long starts a replica storm.
import { Refused } from "../../../../src/model/errors.ts";
import { Books } from "../../simulation/books.ts";
import { need, present } from "../../simulation/need.ts";
import type { World } from "../../simulation/world.ts";

export type Kind = "controller" | "agent" | "data" | "compute";
interface Running {
  readonly version: string;
  readonly boot: number;
  readonly ready: number;
}
interface Node {
  readonly host: string;
  readonly kind: Kind;
  running: Running | null;
  draining: boolean;
  starts: number;
  downSince: number;
  storming: boolean;
  suspended: boolean;
  /** Until then its chunks are not complete. */
  staleUntil: number;
}
/** From the facts that a stop was decided on to its arrival: one append and one send. */
const lookToStopMs = 5;

const nodesOf = (i: number): readonly (readonly [string, Kind])[] => [
  [`c${i}`, "controller"],
  [`a${i}`, "agent"],
  [`d${i}a`, "data"],
  [`d${i}b`, "data"],
  [`e${i}`, "compute"],
];

export class FakeDolphindb {
  readonly nodes = new Map<string, Node>();
  readonly installed = new Map<string, string>();
  readonly books = new Books();
  #leader: string | null = "c3";
  #electing = 0;
  #boot = 0;
  #majority = true;
  #restartedAt = Number.NEGATIVE_INFINITY;
  /** A controller restarted by itself between the last look and the stop of another one: no gate can see that. */
  #raced = false;
  #away = 0;
  readonly #world: World;

  constructor(world: World, version: string) {
    this.#world = world;
    for (const i of [1, 2, 3]) {
      const host = `h${i}`;
      this.installed.set(host, version);
      for (const [name, kind] of nodesOf(i))
        this.nodes.set(name, {
          host,
          kind,
          running: { version, boot: ++this.#boot, ready: 0 },
          draining: false,
          starts: 1,
          downSince: 0,
          storming: false,
          suspended: false,
          staleUntil: 0,
        });
    }
    let next = 0;
    world.clock.every(1_100, () => this.#restartsByItself(["c3", "c1", "c2"][next++ % 3] ?? "c1"));
    world.clock.every(50, () => this.#tick());
  }
  ready(name: string): boolean {
    const { running } = need(this.nodes, name);
    return running !== null && running.ready <= this.#world.time;
  }
  controllers(): string[] {
    return [...this.nodes].filter(([, node]) => node.kind === "controller").map(([name]) => name);
  }
  /** A controller's process dies and its service manager brings it back: its memory is gone. */
  #restartsByItself(name: string): void {
    const { running } = need(this.nodes, name);
    if (!running || !this.controllers().every((each) => this.ready(each))) return;
    this.#restartedAt = this.#world.time;
    this.#reboot(name, running.version, 150);
  }
  #reboot(name: string, version: string, ms: number): void {
    const controller = need(this.nodes, name);
    controller.running = { version, boot: ++this.#boot, ready: this.#world.time + ms };
    controller.suspended = false;
    if (this.#leader === name) this.#elect();
  }
  #elect(): void {
    this.#leader = null;
    this.#electing = this.#world.time + 120;
  }
  #tick(): void {
    const { time } = this.#world;
    const ready = this.controllers().filter((controller) => this.ready(controller));
    if (this.#leader !== null && !this.ready(this.#leader)) this.#elect();
    const age = (controller: string): number => need(this.nodes, controller).running?.boot ?? 0;
    if (this.#leader === null && time >= this.#electing && ready.length >= 2) this.#leader = ready.toSorted((a, b) => age(a) - age(b))[0] ?? null; // the longest alive
    if (ready.length < 2 && this.#majority && !this.#raced) this.books.unavailable(`controllers without a majority at ${time}`);
    this.#majority = ready.length >= 2;
    const suspended = this.#leader !== null && need(this.nodes, this.#leader).suspended;
    const down = [...this.nodes].filter(([, node]) => node.kind === "data" && !node.running);
    for (const [name, node] of down) {
      if (this.#leader === null || suspended || node.storming || time - node.downSince <= 600) continue;
      node.storming = true;
      if (!this.#world.orphaned) this.books.unguarded(`replica storm for ${name} at ${time}: ${this.#leader} is not suspended`);
    }
    const away = new Set(down.map(([, node]) => node.host));
    if (away.size > 1 && this.#away <= 1) this.books.unavailable(`data nodes of ${[...away].join(" ")} away together at ${time}`);
    this.#away = away.size;
  }

  process(name: string): { readonly running: boolean; readonly boot: number | null } {
    const { running } = need(this.nodes, name);
    return { running: running !== null, boot: running?.boot ?? null };
  }
  version(name: string): string {
    const { running } = need(this.nodes, name);
    if (!running || !this.ready(name)) throw new Refused(`${name} does not answer`);
    return running.version;
  }
  perf(): { readonly leader: string; readonly nodes: Readonly<Record<string, "up" | "draining" | "down">> } {
    if (this.#leader === null) throw new Refused("no controller leads");
    const state = (name: string, node: Node): "up" | "draining" | "down" => {
      if (node.draining) return "draining";
      return this.ready(name) ? "up" : "down";
    };
    return { leader: this.#leader, nodes: Object.fromEntries([...this.nodes].map(([name, node]) => [name, state(name, node)])) };
  }
  badChunks(): number {
    this.perf();
    return [...this.nodes.values()].filter((node) => node.kind === "data" && (!node.running || node.staleUntil > this.#world.time)).length * 10;
  }

  /** A controller's memory: it can be set, and not read. */
  suspend(name: string, is: boolean): void {
    this.version(name);
    need(this.nodes, name).suspended = is;
  }
  // Asynchronous, through the leader.
  stopDataNodes(names: readonly string[]): void {
    this.perf();
    for (const name of names) {
      const node = need(this.nodes, name);
      if (!node.running || node.draining) continue;
      node.draining = true;
      this.#world.clock.after(350, () => {
        node.draining = false;
        this.#down(node);
      });
    }
  }
  startDataNodes(names: readonly string[]): void {
    this.perf();
    for (const name of names) {
      const { host } = need(this.nodes, name);
      const [agent] = present(
        [...this.nodes].find(([, each]) => each.host === host && each.kind === "agent"),
        "agent",
      );
      if (!this.ready(agent)) throw new Refused(`agent does not exist on ${host}`);
      this.#world.clock.after(250, () => this.#spawn(name, 250)); // accepted; nothing of it is visible yet
    }
  }
  #down(node: Node): void {
    node.running = null;
    node.downSince = this.#world.time;
    node.storming = false;
  }
  #spawn(name: string, ms: number): void {
    const node = need(this.nodes, name);
    if (node.running) {
      this.books.double(`${name} started twice`);
      return;
    }
    node.starts++;
    this.#up(node, ms);
  }
  #up(node: Node, ms: number): void {
    node.running = { version: need(this.installed, node.host), boot: ++this.#boot, ready: this.#world.time + ms };
    node.staleUntil = this.#world.time + ms + 300;
    node.suspended = false;
  }

  // By the helper on the host.
  stop(name: string): void {
    const node = need(this.nodes, name);
    if (!node.running) {
      this.books.double(`${name} stopped twice`);
      return;
    }
    if (node.kind === "controller") this.#raced = this.#world.time - this.#restartedAt <= lookToStopMs;
    const serving = [...this.nodes.values()].some((each) => each.host === node.host && each.kind === "data" && each.running);
    if (node.kind === "controller" && serving) this.books.unsafe(`${name} stopped before its data nodes`);
    this.#down(node);
    if (this.#leader === name) this.#elect();
  }
  start(name: string): void {
    this.#spawn(name, 200);
  }
  install(host: string, version: string): void {
    if ([...this.nodes.values()].some((node) => node.host === host && node.running)) this.books.unsafe(`${host} replaced while nodes run`);
    this.installed.set(host, version);
  }
  /** The process dies, and its service manager brings it back. */
  dies(name: string): void {
    const node = need(this.nodes, name);
    const { running } = node;
    if (!running) return;
    this.#down(node);
    if (this.#leader === name) this.#elect();
    this.#world.clock.after(400, () => {
      if (!node.running && need(this.installed, node.host) === running.version) this.#up(node, 200);
    });
  }
}
