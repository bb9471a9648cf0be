// A whole OpenMLDB in memory on virtual time: the node logic of the lab, on machines with files and the vendor's scripts.
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { MemoryZooKeeper } from "../../kit/memory-zookeeper.ts";
import { NoReply } from "../../kit/network.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { ApiServer } from "../logic/apiserver/apiserver.ts";
import type { TableInfo } from "../logic/nameserver/metadata.ts";
import { Nameserver } from "../logic/nameserver/nameserver.ts";
import type { Component, Durations, RunningNode, Surroundings } from "../logic/node.ts";
import type { GetTableStatusReply, ScanReply, TableStatusRow } from "../logic/tablet-messages.ts";
import { tablet, type RunningTablet } from "../logic/tablet/tablet.ts";
import { Taskmanager } from "../logic/taskmanager/taskmanager.ts";
import { flagsText, parseFlags, parseProperties, propertiesText } from "./flags-file.ts";
import { Machine, type Launched } from "./machine.ts";
import { FIRST_PORT, templateFlags, type Role } from "./node-flags.ts";
import { layOutRelease, versionInBinary } from "./releases.ts";

export interface MemoryTable {
  readonly db: string;
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
}
export interface MemoryClusterOptions {
  readonly seed?: number;
  /** X.Y.Z that every node begins with. */
  readonly release?: string;
  readonly nameservers?: number;
  readonly tablets?: number;
  readonly apiservers?: number;
  readonly taskmanagers?: number;
  /** Of the table test.t1; 0: no table. */
  readonly partitions?: number;
  readonly replicas?: number;
  /** Beside what the templates set. */
  readonly flags?: Partial<Readonly<Record<Role, Readonly<Record<string, string>>>>>;
  readonly durations?: Partial<Durations>;
  /** Nameserver, APIServer and taskmanager of one number on one machine, in one directory, as the distribution does it by default (facts 3.1). */
  readonly shared?: boolean;
}
export interface MemoryNode {
  /** `tablet1`, `nameserver2`, ... */
  readonly name: string;
  readonly role: Role;
  readonly endpoint: string;
  /** /srv/NAME, or /srv/openmldb when it is shared. */
  readonly directory: string;
  /** As start.sh calls it. */
  readonly component: string;
  readonly machine: Machine;
  /** Null: not running. */
  running: RunningNode | null;
  /** Of the last process that ended by itself; null: none has. */
  exitCode: number | null;
  /** Of every process, with the instant in front. */
  readonly log: string[];
}

export const DURATIONS: Durations = {
  roundTrip: 2,
  task: 100,
  rowsPerSecond: 50_000,
  replicationDelay: 5,
  replicationPerSecond: 50_000,
  catalogRefresh: 200,
};
/** Whoever asks from outside. */
const OPERATOR = "127.0.0.1:1";
const POLL_MS = 200;
const CALL_TIMEOUT_MS = 30_000;
const BOOT_TIMEOUT_MS = 120_000;

/** Builds and starts it: when this has ended, a nameserver leads, every tablet is registered, the table is made. Drives the virtual world meanwhile. */
export async function memoryCluster(options: MemoryClusterOptions = {}): Promise<MemoryCluster> {
  const cluster = new MemoryCluster(options);
  await cluster.world.run(cluster.boot(), BOOT_TIMEOUT_MS);
  return cluster;
}

/** Its methods that return promises live in virtual time: await them inside `world.run`. */
export class MemoryCluster {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly zookeeper: MemoryZooKeeper;
  readonly nodes: readonly MemoryNode[];
  /** Shared with every process: a change counts at once, but for the round trip, which is fixed. */
  readonly durations: { -readonly [Name in keyof Durations]: number };
  readonly #options: MemoryClusterOptions;
  readonly #machines = new Map<string, Machine>();

  constructor(options: MemoryClusterOptions = {}) {
    this.#options = options;
    this.durations = { ...DURATIONS, ...options.durations };
    this.world = new VirtualWorld({ seed: options.seed ?? 1 });
    this.network = new VirtualNetwork(this.world, { latencyMs: this.durations.roundTrip / 2 });
    this.zookeeper = new MemoryZooKeeper(this.world, { roundTripMs: this.durations.roundTrip });
    const { nameservers = 2, tablets = 3, apiservers = 0, taskmanagers = 0 } = options;
    this.nodes = [
      ...this.#make("nameserver", nameservers),
      ...this.#make("tablet", tablets),
      ...this.#make("apiserver", apiservers),
      ...this.#make("taskmanager", taskmanagers),
    ];
  }

  /** Error for a name that there is not. */
  node(name: string): MemoryNode {
    const found = this.nodes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the cluster has no node ${name}: ${this.nodes.map((one) => one.name).join(", ")}`);
    return found;
  }

  at(endpoint: string): MemoryNode {
    const found = this.nodes.find((one) => one.endpoint === endpoint);
    if (found === undefined) throw new Error(`the cluster has no node at ${endpoint}`);
    return found;
  }

  of(role: Role): readonly MemoryNode[] {
    return this.nodes.filter((one) => one.role === role);
  }

  /** For fault hooks. Error when it does not run. */
  nameserver(name: string): Nameserver {
    const { running } = this.node(name);
    if (!(running instanceof Nameserver)) throw new Error(`${name} is no running nameserver`);
    return running;
  }

  /** For the pace of its replication. Error when it does not run. */
  tablet(name: string): RunningTablet {
    const { running } = this.node(name);
    if (running === null || !("paces" in running)) throw new Error(`${name} is no running tablet`);
    return running as RunningTablet;
  }

  async boot(): Promise<void> {
    const { partitions = 8, replicas = 2 } = this.#options;
    for (const node of this.of("tablet")) this.start(node.name);
    await this.until("tablets are registered", () =>
      Promise.resolve(this.zookeeper.peekChildren("/openmldb/nodes").length === this.of("tablet").length),
    );
    for (const node of this.of("nameserver")) this.start(node.name);
    await this.until("a nameserver leads", async () => (await this.leader()) !== null);
    if (partitions > 0) await this.createTable({ db: "test", name: "t1", partitions, replicas });
    for (const node of [...this.of("apiserver"), ...this.of("taskmanager")]) this.start(node.name);
  }

  /** As `bin/start.sh start` does, without its waiting: a tablet whose old registration is still there ends with exit code 1. */
  start(name: string): void {
    const { machine, directory, component } = this.node(name);
    if (machine.isRunning(directory, component)) throw new Error(`${name} runs already`);
    machine.boot(directory, component, false);
  }

  /** kill -9. */
  kill(name: string): void {
    const { machine, directory, component } = this.node(name);
    if (!machine.killComponent(directory, component)) throw new Error(`${name} does not run`);
  }

  /** Kills it, waits until its registration is gone, starts it, and waits until it is there again. */
  async restart(name: string): Promise<void> {
    const { role, endpoint } = this.node(name);
    this.kill(name);
    const registered = (): boolean => this.zookeeper.peekChildren("/openmldb/nodes").includes(endpoint);
    if (role === "tablet") await this.until(`${name} is no more registered`, () => Promise.resolve(!registered()));
    this.start(name);
    if (role === "tablet") await this.until(`${name} is registered`, () => Promise.resolve(registered()));
  }

  /** Endpoint of the nameserver that says it leads; null: none. */
  async leader(): Promise<string | null> {
    for (const { endpoint } of this.of("nameserver")) {
      const answer = await this.call(endpoint, "NameServer/ShowTablet", {});
      if (answer?.code === 0) return endpoint;
    }
    return null;
  }

  /** One call from outside. Null: no answer. */
  async call<Answer extends { readonly code: number; readonly msg?: string }>(
    endpoint: string,
    method: string,
    request: object,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<Answer | null> {
    const headers = { authorization: "sdefault", "content-type": "application/json" };
    try {
      const reply = await this.network.call(
        OPERATOR,
        endpoint,
        { method: "POST", path: `/${method}`, headers, body: JSON.stringify(request) },
        timeoutMs,
      );
      if (reply.status !== 200) throw new Error(`${endpoint}/${method}: HTTP ${String(reply.status)} ${reply.body}`);
      return JSON.parse(reply.body) as Answer;
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }

  /** To the nameserver that leads. Error unless the code is 0. */
  async ask<Answer extends { readonly code: number; readonly msg?: string }>(method: string, request: object = {}): Promise<Answer> {
    const leader = await this.leader();
    if (leader === null) throw new Error(`${method}: no nameserver leads`);
    const answer = await this.call<Answer>(leader, `NameServer/${method}`, request);
    if (answer?.code !== 0) throw new Error(`${method}: ${answer === null ? "no answer" : `code ${String(answer.code)} ${answer.msg ?? ""}`}`);
    return answer;
  }

  async createTable({ db, name, partitions, replicas }: MemoryTable): Promise<void> {
    const { db: databases = [] } = await this.ask<{ readonly code: number; readonly db?: readonly string[] }>("ShowDatabase");
    if (!databases.includes(db)) await this.ask("CreateDatabase", { db });
    const column_desc = [
      { name: "id", data_type: "kString" },
      { name: "v", data_type: "kString" },
    ];
    await this.ask("CreateTable", { table_info: { name, db, partition_num: partitions, replica_num: replicas, key_column: "id", column_desc } });
  }

  async table(db = "test", name = "t1"): Promise<TableInfo> {
    const { table_info: [table] = [] } = await this.ask<{ readonly code: number; readonly table_info?: readonly TableInfo[] }>("ShowTable", {
      db,
      name,
    });
    if (table === undefined) throw new Error(`there is no table ${db}.${name}`);
    return table;
  }

  /** As the tablet itself says; null: it has not loaded the partition, or does not answer. */
  async replica(endpoint: string, tid: number, pid: number): Promise<TableStatusRow | null> {
    const answer = await this.call<GetTableStatusReply>(endpoint, "TabletServer/GetTableStatus", { tid, pid });
    return answer?.all_table_status?.[0] ?? null;
  }

  /** Every row of a replica, by key; null: the tablet does not have it, or does not answer. */
  async rows(endpoint: string, tid: number, pid: number): Promise<ReadonlyMap<string, string> | null> {
    const answer = await this.call<ScanReply>(endpoint, "TabletServer/Scan", { tid, pid });
    return answer?.code === 0 ? new Map((answer.rows ?? []).map(({ key, value }) => [key, value])) : null;
  }

  /** Waits until all replicas of all tables are loaded and equal in offset, no operation is under way, and every replica is marked as alive. Error after `withinMs`. */
  async settled(withinMs = 300_000): Promise<void> {
    await this.until("all replicas are equal", () => this.#isSettled(), withinMs);
  }

  /** Error when it does not hold within that time. */
  async until(what: string, holds: () => Promise<boolean>, withinMs = BOOT_TIMEOUT_MS): Promise<void> {
    const end = this.world.now() + withinMs;
    while (!(await holds())) {
      if (this.world.now() > end) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
      await this.world.sleep(POLL_MS);
    }
  }

  async #isSettled(): Promise<boolean> {
    const { op_status = [] } = await this.ask<{ readonly code: number; readonly op_status?: readonly { readonly status: string }[] }>("ShowOPStatus");
    if (op_status.some(({ status }) => status === "kInited" || status === "kDoing")) return false;
    const { table_info = [] } = await this.ask<{ readonly code: number; readonly table_info?: readonly TableInfo[] }>("ShowTable", {
      show_all: true,
    });
    for (const { tid, table_partition } of table_info)
      for (const { pid, partition_meta } of table_partition) {
        if (partition_meta.some(({ is_alive }) => is_alive === false)) return false;
        const rows = await Promise.all(partition_meta.map(({ endpoint }) => this.replica(endpoint, tid, pid)));
        const offsets = new Set(rows.map((row) => (row?.state === "kTableNormal" ? row.offset : null)));
        if (offsets.size !== 1 || offsets.has(null)) return false;
      }
    return true;
  }

  #make(role: Role, count: number): readonly MemoryNode[] {
    const { release = "0.9.2", flags = {}, shared = false } = this.#options;
    return Array.from({ length: count }, (_, index) => {
      const name = `${role}${String(index + 1)}`;
      const endpoint = `127.0.0.1:${String(FIRST_PORT[role] + index)}`;
      const together = shared && role !== "tablet";
      const directory = together ? "/srv/openmldb" : `/srv/${name}`;
      const machine = this.#machine(together ? `host${String(index + 1)}` : `host-${name}`);
      const { disk } = machine;
      if (disk.list(directory).length === 0) layOutRelease(disk, directory, release);
      const set = { ...templateFlags(role, endpoint), ...flags[role] };
      if (role === "taskmanager") disk.write(`${directory}/conf/taskmanager.properties`, propertiesText(set));
      else disk.write(`${directory}/conf/${role}.flags`, flagsText(set));
      return { name, role, endpoint, directory, component: role, machine, running: null, exitCode: null, log: [] };
    });
  }

  #machine(name: string): Machine {
    const made = this.#machines.get(name);
    if (made !== undefined) return made;
    const world = { clock: this.world, network: this.network, disk: new MemoryDisk() };
    const machine = new Machine(name, world, (on, directory, component, exited) => {
      const node = this.nodes.find((one) => one.machine === on && one.directory === directory && one.component === component);
      if (node === undefined) throw new Error(`${name} has no ${component} in ${directory}`);
      return this.#launch(node, component, exited);
    });
    this.#machines.set(name, machine);
    return machine;
  }

  #launch(node: MemoryNode, component: string, exited: (code: number) => void): Launched {
    const { role, directory, machine } = node;
    const configuration = role === "taskmanager" ? `${directory}/conf/taskmanager.properties` : `${directory}/conf/${component}.flags`;
    const text = machine.disk.read(configuration) ?? "";
    const flags = role === "taskmanager" ? parseProperties(text) : { ...parseFlags(text), enable_status_service: "true" };
    const endpoint = role === "taskmanager" ? `${flags["server.host"] ?? ""}:${flags["server.port"] ?? ""}` : (flags["endpoint"] ?? node.endpoint);
    const release = versionInBinary(machine.disk.read(`${directory}/bin/openmldb`) ?? "") ?? "0.0.0";
    const made: Component = { role, endpoint, release, directory, flags, durations: this.durations };
    const gone = (code: number | null): void => {
      if (node.running !== logic) return;
      node.running = null;
      if (code !== null) node.exitCode = code;
    };
    const logic = this.#logic(made, {
      clock: this.world,
      network: this.network,
      zookeeper: this.zookeeper.port(endpoint),
      disk: machine.disk,
      random: () => this.world.random(),
      log: (level, line) => {
        node.log.push(`${String(this.world.now())} ${level} ${line}`);
        const written = `${new Date(this.world.now()).toISOString()} ${level} ${line}\n`;
        for (const file of ["log", "INFO"]) machine.disk.append(`${directory}/logs/${component}.${file}`, written);
      },
      exit: (code, why) => {
        node.log.push(`${String(this.world.now())} EXIT ${String(code)} ${why}`);
        gone(code);
        logic.kill();
        exited(code);
      },
    });
    node.running = logic;
    logic.start().catch((error: unknown) => {
      node.log.push(`${String(this.world.now())} EXIT 1 ${String(error)}`);
      gone(1);
      logic.kill();
      exited(1);
    });
    return {
      endpoint,
      kill: () => {
        gone(null);
        logic.kill();
      },
    };
  }

  #logic(component: Component, surroundings: Surroundings): RunningNode {
    switch (component.role) {
      case "nameserver":
        return new Nameserver(component, surroundings);
      case "tablet":
        return tablet(component, surroundings);
      case "apiserver":
        return new ApiServer(component, surroundings);
      case "taskmanager":
        return new Taskmanager(component, surroundings);
    }
  }
}
