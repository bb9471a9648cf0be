// A nameserver and three tablets, as bad as the source says: asynchronous replication, an old leader that keeps acknowledging, ChangeLeader without
// an operation id that does its work twice when asked twice, finished operations forgotten at a nameserver fail-over, write fences reset by it.
import { Refused } from "../../../../src/model/errors.ts";
import { Books, type Charge } from "../../simulation/books.ts";
import { need } from "../../simulation/need.ts";
import type { World } from "../../simulation/world.ts";

export type Role = "leader" | "follower";
interface Table {
  role: Role;
  term: number;
  log: number[];
  loaded: boolean;
}
interface Tablet {
  installed: string;
  running: { readonly version: string; readonly ready: number } | null;
  silentUntil: number;
  fenced: boolean;
  starts: number;
  readonly tables: Map<number, Table>;
}
export interface Meta {
  readonly endpoint: string;
  isLeader: boolean;
  isAlive: boolean;
}
interface Partition {
  readonly metas: readonly Meta[];
  term: number;
  lastTermOffset: number;
  /** Rows that a client was told are kept. */
  readonly acknowledged: number[];
  /** Where clients believe the leader is. */
  catalog: string;
}
interface NameserverOperation {
  readonly type: "change" | "recover";
  readonly pid: number;
  done: boolean;
}
export interface PartitionView {
  readonly metas: readonly Readonly<Meta>[];
  readonly lastTermOffset: number;
  readonly busy: boolean;
}
export interface ReplicaView {
  readonly role: Role;
  readonly offset: number;
  readonly term: number;
}

export class FakeOpenmldb {
  readonly tablets = new Map<string, Tablet>();
  readonly partitions = new Map<number, Partition>();
  readonly books = new Books();
  autoFailover = true;
  changes = 0;
  #operations: NameserverOperation[] = [];
  #nameserverBack = 0;
  #row = 0;
  /** Partitions whose replicas may differ: only these need a round of replication. */
  readonly #uneven = new Set<number>();
  readonly #world: World;

  constructor(world: World, version: string, leads: Readonly<Record<string, number>>) {
    this.#world = world;
    const names = ["t1", "t2", "t3"];
    for (const name of names)
      this.tablets.set(name, { installed: version, running: { version, ready: 0 }, silentUntil: 0, fenced: false, starts: 1, tables: new Map() });
    for (const [leader, count] of Object.entries(leads)) for (let i = 0; i < count; i++) this.#partition(leader, names);
    let next = 0;
    world.clock.every(3, () => this.#write(next++ % this.partitions.size));
    world.clock.every(7, () => this.#replicate());
    world.clock.every(100, () => this.#refreshClients());
    world.clock.every(1_300, () => this.#failover());
    world.clock.every(2_900, () => (this.autoFailover = true)); // somebody's cron job
  }
  #partition(leader: string, names: readonly string[]): void {
    const pid = this.partitions.size;
    const follower = names.filter((name) => name !== leader)[pid % 2] ?? leader;
    const metas = [leader, follower].map((endpoint) => ({ endpoint, isLeader: endpoint === leader, isAlive: true }));
    this.partitions.set(pid, { metas, term: 1, lastTermOffset: 0, acknowledged: [], catalog: leader });
    for (const { endpoint, isLeader } of metas)
      need(this.tablets, endpoint).tables.set(pid, { role: isLeader ? "leader" : "follower", term: 1, log: [], loaded: true });
  }
  table(tablet: string, pid: number): Table {
    return need(need(this.tablets, tablet).tables, pid);
  }
  up(tablet: string): boolean {
    const { running, silentUntil } = need(this.tablets, tablet);
    return running !== null && Math.max(running.ready, silentUntil) <= this.#world.time;
  }
  leader(pid: number): string | null {
    return need(this.partitions, pid).metas.find((meta) => meta.isLeader && meta.isAlive)?.endpoint ?? null;
  }

  #write(pid: number): void {
    const { catalog, acknowledged } = need(this.partitions, pid);
    const table = this.table(catalog, pid);
    if (!this.up(catalog) || need(this.tablets, catalog).fenced || !table.loaded || table.role !== "leader") return; // refused in words: nothing acknowledged
    table.log.push(++this.#row);
    acknowledged.push(this.#row);
    this.#uneven.add(pid);
  }
  #replicate(): void {
    for (const pid of this.#uneven) {
      const replicas = need(this.partitions, pid).metas.map(({ endpoint }) => ({ endpoint, table: this.table(endpoint, pid) }));
      const serving = replicas.filter(({ endpoint, table }) => table.loaded && this.up(endpoint));
      const leaders = serving.filter(({ table }) => table.role === "leader");
      for (const { table: leader } of leaders)
        for (const { table } of serving)
          if (table.role === "follower" && leader.term >= table.term) table.log.push(...leader.log.slice(table.log.length, table.log.length + 2));
      const lengths = new Set(replicas.map(({ table }) => table.log.length));
      if (leaders.length === 1 && serving.length === replicas.length && lengths.size === 1) this.#uneven.delete(pid);
    }
  }
  /** Clients learn late who leads. */
  #refreshClients(): void {
    for (const [pid, partition] of this.partitions) partition.catalog = this.leader(pid) ?? partition.catalog;
  }
  /** The nameserver's leader moves: finished operations are forgotten, every write fence is reset. */
  #failover(): void {
    this.#nameserverBack = this.#world.time + 150;
    this.#operations = this.#operations.filter((each) => !each.done);
    this.#resetFences();
  }
  #resetFences(): void {
    for (const tablet of this.tablets.values()) tablet.fenced = false;
  }
  #askNameserver(): void {
    if (this.#world.time < this.#nameserverBack) throw new Refused("no nameserver leads");
  }
  #changing(): void {
    this.#askNameserver();
    if (this.autoFailover) throw new Refused("301 auto_failover is enabled");
  }
  #meta(pid: number, endpoint: string): Meta | undefined {
    return need(this.partitions, pid).metas.find((meta) => meta.endpoint === endpoint);
  }

  // The nameserver.
  showTable(pid: number): PartitionView {
    this.#askNameserver();
    const { metas, lastTermOffset } = need(this.partitions, pid);
    return { metas: metas.map((meta) => ({ ...meta })), lastTermOffset, busy: this.#operations.some((each) => each.pid === pid && !each.done) };
  }
  confGet(): boolean {
    this.#askNameserver();
    return this.autoFailover;
  }
  confSet(value: boolean): void {
    this.#askNameserver();
    this.autoFailover = value;
  }
  changeLeader(pid: number, candidate: string): void {
    this.#changing();
    const meta = this.#meta(pid, candidate);
    if (!meta || meta.isLeader || !meta.isAlive || !this.up(candidate)) throw new Refused("305 the candidate is not an alive follower");
    const started: NameserverOperation = { type: "change", pid, done: false };
    this.#operations.push(started);
    this.#world.clock.after(30, () => this.#select(pid, candidate, started));
  }
  #select(pid: number, candidate: string, started: NameserverOperation): void {
    this.changes++;
    const partition = need(this.partitions, pid);
    const table = this.table(candidate, pid);
    if (this.leader(pid) === candidate || !table.loaded || !this.up(candidate)) {
      this.books.double(`ChangeLeader ran twice on ${pid}`);
      started.done = true;
      return;
    }
    partition.term += 2;
    table.term = partition.term; // from now on it refuses the old leader, who is not told
    const firstOffset = table.log.length + 1;
    this.#world.clock.after(20, () => {
      table.role = "leader";
      this.#uneven.add(pid);
      this.#world.clock.after(20, () => {
        for (const meta of partition.metas) {
          if (meta.endpoint === candidate) meta.isLeader = true;
          else if (meta.isLeader) meta.isAlive = false; // is_leader stays true
        }
        partition.lastTermOffset = firstOffset;
        started.done = true;
      });
    });
  }
  updateAlive(pid: number, endpoint: string, alive: boolean): void {
    this.#changing();
    const meta = this.#meta(pid, endpoint);
    if (!meta) throw new Refused("100 no such replica");
    if (meta.isLeader && meta.isAlive && !alive) this.books.unsafe(`leader of ${pid} declared dead`);
    meta.isAlive = alive;
  }
  recoverTable(pid: number, endpoint: string): void {
    this.#changing();
    const meta = this.#meta(pid, endpoint);
    if (!meta || meta.isAlive) throw new Refused("311 the partition is alive");
    if (this.#operations.some((each) => each.pid === pid && each.type === "recover" && !each.done))
      this.books.double(`RecoverTable ran twice on ${pid}`);
    const started: NameserverOperation = { type: "recover", pid, done: false };
    this.#operations.push(started);
    this.#world.clock.after(30, () => this.#recover(pid, meta, started));
  }
  #recover(pid: number, meta: Meta, started: NameserverOperation): void {
    const leader = this.leader(pid);
    if (!this.up(meta.endpoint) || leader === null) {
      started.done = true;
      return;
    }
    const table = this.table(meta.endpoint, pid);
    const { log } = this.table(leader, pid);
    table.role = "follower";
    table.term = need(this.partitions, pid).term;
    if (table.log.some((row, i) => log[i] !== row)) table.log = []; // kReAddReplicaWithDropOP: what only it had is gone
    table.loaded = true;
    this.#uneven.add(pid);
    this.#world.clock.after(40, () => {
      meta.isAlive = true;
      meta.isLeader = false;
      started.done = true;
    });
  }

  // A tablet.
  #askTablet(tablet: string): void {
    if (!this.up(tablet)) throw new Refused(`${tablet} does not answer`);
  }
  status(tablet: string, pid: number): ReplicaView | null {
    this.#askTablet(tablet);
    const table = need(this.tablets, tablet).tables.get(pid);
    return table?.loaded === true ? { role: table.role, offset: table.log.length, term: table.term } : null;
  }
  mode(tablet: string): boolean {
    this.#askTablet(tablet);
    return need(this.tablets, tablet).fenced;
  }
  setMode(tablet: string, fenced: boolean): void {
    this.#askTablet(tablet);
    need(this.tablets, tablet).fenced = fenced;
  }
  changeRole(tablet: string, pid: number, role: Role, term: number): void {
    if (this.status(tablet, pid) === null) throw new Refused("100 no such table");
    const table = this.table(tablet, pid);
    if (role === "leader" && (term !== table.term || this.leader(pid) !== tablet))
      this.books.unsafe(`${tablet} made leader of ${pid} beside another`);
    table.role = role;
    this.#uneven.add(pid);
  }

  // By the helper on the host.
  process(tablet: string): { readonly running: boolean; readonly installed: string } {
    const { running, installed } = need(this.tablets, tablet);
    return { running: running !== null, installed };
  }
  stop(name: string): void {
    const tablet = need(this.tablets, name);
    if (!tablet.running) {
      this.books.double(`${name} stopped twice`);
      return;
    }
    for (const pid of this.partitions.keys()) if (this.leader(pid) === name) this.books.unsafe(`${name} stopped while it led ${pid}`);
    tablet.running = null;
    tablet.fenced = false;
    for (const [pid, table] of tablet.tables) {
      table.loaded = false;
      table.role = "follower";
      this.#uneven.add(pid);
    }
    this.#resetFences();
    this.#world.clock.after(1_500, () => {
      if (tablet.running || !this.autoFailover) return;
      for (const { metas } of this.partitions.values()) for (const meta of metas) if (meta.endpoint === name && !meta.isLeader) meta.isAlive = false;
    });
  }
  start(name: string): void {
    const tablet = need(this.tablets, name);
    if (tablet.running) {
      this.books.double(`${name} started twice`);
      return;
    }
    tablet.starts++;
    tablet.running = { version: tablet.installed, ready: this.#world.time + 200 };
    this.#world.clock.after(200, () => this.#resetFences());
  }
  install(name: string, version: string): void {
    const tablet = need(this.tablets, name);
    if (tablet.running) this.books.unsafe(`${name} replaced while it runs`);
    tablet.installed = version;
  }
  /** By itself, for a while: a pause of its process, or of the network to it. */
  fallsSilent(name: string): void {
    const tablet = need(this.tablets, name);
    tablet.silentUntil = this.#world.time + 700;
    for (const pid of tablet.tables.keys()) this.#uneven.add(pid);
  }

  charges(): readonly Charge[] {
    const charges: Charge[] = [...this.books.charges];
    for (const [pid, { acknowledged }] of this.partitions) {
      const leader = this.leader(pid);
      const kept = new Set(leader === null ? [] : this.table(leader, pid).log);
      const lost = acknowledged.filter((row) => !kept.has(row)).length;
      if (lost > 0) charges.push({ kind: "lost", what: `${lost} acknowledged rows of partition ${pid} lost` });
    }
    return charges;
  }
}
