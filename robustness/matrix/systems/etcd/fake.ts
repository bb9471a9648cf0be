// Three etcd members: leadership that moves by itself, a cluster version that rises by itself and never falls.
import { Refused } from "../../../../src/model/errors.ts";
import { Books } from "../../simulation/books.ts";
import { dice } from "../../simulation/clock.ts";
import { need } from "../../simulation/need.ts";
import type { World } from "../../simulation/world.ts";

interface Member {
  /** Minor version. */
  installed: number;
  running: { readonly version: number; readonly ready: number } | null;
  starts: number;
  refused: string | null;
}

export class FakeEtcd {
  readonly members = new Map<string, Member>();
  readonly books = new Books();
  readonly backups: string[] = [];
  leader: string | null = "m1";
  clusterVersion: number;
  /** Until then the cluster reports an alarm, raised by itself. */
  #alarmUntil = 0;
  #quorate = true;
  readonly #world: World;

  constructor(world: World, version: number) {
    this.#world = world;
    this.clusterVersion = version;
    for (const name of ["m1", "m2", "m3"]) this.members.set(name, { installed: version, running: { version, ready: 0 }, starts: 1, refused: null });
    const roll = dice(7);
    // By itself, and often.
    world.clock.every(137, () => this.#move(this.ready()[Math.floor(roll() * this.ready().length)] ?? null));
    world.clock.every(20, () => this.#tick());
  }
  ready(): string[] {
    return [...this.members].filter(([, member]) => member.running && member.running.ready <= this.#world.time).map(([name]) => name);
  }
  #move(to: string | null): void {
    if (to !== null && this.ready().length >= 2) this.leader = to;
  }
  #tick(): void {
    const ready = this.ready();
    if (ready.length < 2) {
      this.leader = null;
      if (this.#quorate) this.books.unavailable(`no quorum at ${this.#world.time}`);
      this.#quorate = false;
      return;
    }
    this.#quorate = true;
    if (this.leader === null || !ready.includes(this.leader)) this.leader = ready[0] ?? null;
    const lowest = Math.min(...[...this.members.values()].map((member) => member.running?.version ?? 0));
    if (ready.length === 3 && lowest > this.clusterVersion) this.clusterVersion = lowest;
  }

  process(name: string): { readonly running: boolean; readonly installed: number; readonly refused: string | null } {
    const member = need(this.members, name);
    return { running: member.running !== null, installed: member.installed, refused: member.refused };
  }
  status(name: string): { readonly version: number; readonly leader: string | null; readonly clusterVersion: number } {
    const { running } = need(this.members, name);
    if (!running || !this.ready().includes(name)) throw new Refused(`${name} does not answer`);
    return { version: running.version, leader: this.leader, clusterVersion: this.clusterVersion };
  }
  moveLeader(from: string, to: string): void {
    this.status(from);
    if (this.leader !== from) throw new Refused(`${from} is not the leader`);
    this.#move(to);
  }
  snapshot(from: string, name: string): void {
    this.status(from);
    this.backups.push(name);
  }

  alarm(): boolean {
    return this.#world.time < this.#alarmUntil;
  }
  raiseAlarm(): void {
    this.#alarmUntil = this.#world.time + 700;
  }

  stop(name: string): void {
    const member = need(this.members, name);
    if (this.alarm()) this.books.unavailable(`${name} stopped under an alarm`, name);
    if (!member.running) {
      this.books.double(`${name} stopped twice`);
      return;
    }
    member.running = null;
    if (this.leader === name) this.leader = null;
  }
  install(name: string, version: number): void {
    const member = need(this.members, name);
    if (member.running) this.books.unsafe(`${name} replaced while it runs`);
    member.installed = version;
  }
  start(name: string): void {
    const member = need(this.members, name);
    if (member.running) {
      this.books.double(`${name} started twice`);
      return;
    }
    member.starts++;
    member.refused =
      member.installed < this.clusterVersion ? `cluster cannot be downgraded (${member.installed} is lower than ${this.clusterVersion})` : null;
    if (member.refused === null) member.running = { version: member.installed, ready: this.#world.time + 100 };
  }
  /** The process dies, and its service manager brings it back. */
  dies(name: string): void {
    const member = need(this.members, name);
    const { running } = member;
    if (!running) return;
    member.running = null;
    if (this.leader === name) this.leader = null;
    this.#world.clock.after(600, () => {
      if (!member.running && member.installed === running.version) member.running = { version: running.version, ready: this.#world.time + 100 };
    });
  }
}
