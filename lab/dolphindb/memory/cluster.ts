// A whole DolphinDB in memory on virtual time: the node logic of the lab, on machines with files and the vendor's scripts.
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { NoReply, type Network } from "../../kit/network.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { parseSettings, siteOf } from "../logic/cluster-files.ts";
import type { FaultName } from "../logic/faults.ts";
import { ServerError, type Component, type Durations, type LabRole, type RunningNode, type Session } from "../logic/node.ts";
import { labNode } from "../logic/start.ts";
import type { LabValue } from "../value.ts";
import { networkWithFaces } from "../wire/http-faces.ts";
import { configurationOf, CLUSTER_DIRECTORY, placedNodes, SERVER, type ClusterShape, type PlacedNode } from "./layout.ts";
import { Machine, serverOf, type Command, type Launched } from "./machine.ts";
import { packageOf, releaseOfBinary, unzip, type Package } from "./releases.ts";

export interface MemoryClusterOptions extends Partial<ClusterShape> {
  readonly seed?: number;
  /** That every host begins with. */
  readonly release?: string;
  readonly flavour?: Package["flavour"];
  readonly durations?: Partial<Durations>;
  /** Controllers and agents run as units of systemd with Restart=always, as the tutorial writes them. */
  readonly units?: boolean;
}
export interface MemoryNode extends PlacedNode {
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
  scale: 1,
  listen: 500,
  initialise: 2_000,
  recoverChunk: 300,
  gracefulStop: 2_000,
  replayTransaction: 50,
};
const SHAPE: ClusterShape = {
  hosts: 3,
  controllers: 3,
  dataNodesPerHost: 1,
  computeNodesPerHost: 0,
  replicationFactor: 2,
  reliabilityLevel: 1,
  controllerSettings: {},
  clusterSettings: {},
};
const POLL_MS = 200;
const BOOT_TIMEOUT_MS = 300_000;
/** systemd of the tutorial: RestartSec=10s. */
const RESTART_AFTER_MS = 10_000;
const OPERATOR = { user: "admin", password: "123456" } as const;

/** Builds and starts it: when this has ended, a controller leads and every data node is initialised. Drives the virtual world meanwhile. */
export async function memoryCluster(options: MemoryClusterOptions = {}): Promise<MemoryCluster> {
  const cluster = new MemoryCluster(options);
  await cluster.world.run(cluster.boot(), BOOT_TIMEOUT_MS);
  return cluster;
}

/** Its methods that return promises live in virtual time: await them inside `world.run`. */
export class MemoryCluster {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly shape: ClusterShape;
  readonly machines: readonly Machine[];
  readonly nodes: readonly MemoryNode[];
  /** Shared with every process: a change counts at once, but for the round trip, which is fixed. */
  readonly durations: { -readonly [Name in keyof Durations]: number };
  readonly #sessions = new WeakMap<RunningNode, Session>();

  constructor(options: MemoryClusterOptions = {}) {
    const { seed = 1, release = "2.00.7.4", flavour = "", durations, units = false, ...shape } = options;
    this.shape = { ...SHAPE, ...shape };
    this.durations = { ...DURATIONS, ...durations };
    this.world = new VirtualWorld({ seed });
    this.network = new VirtualNetwork(this.world, { latencyMs: this.durations.roundTrip / 2 });
    const placed = placedNodes(this.shape);
    const hosts = [...new Set(placed.map(({ host }) => host))];
    this.machines = hosts.map((host) => this.#machine(host, packageOf(release, flavour), units));
    this.nodes = placed.map((node) => {
      const machine = this.machine(node.host);
      return { ...node, machine, running: null, exitCode: null, log: [] };
    });
  }

  /** Error for a name that there is not. */
  machine(host: string): Machine {
    const found = this.machines.find(({ name }) => name === host);
    if (found === undefined) throw new Error(`the cluster has no host ${host}`);
    return found;
  }
  /** By alias, or by endpoint. Error for one that there is not. */
  node(name: string): MemoryNode {
    const found = this.nodes.find(({ alias, endpoint }) => alias === name || endpoint === name);
    if (found === undefined) throw new Error(`the cluster has no node ${name}: ${this.nodes.map(({ alias }) => alias).join(", ")}`);
    return found;
  }
  of(role: LabRole): readonly MemoryNode[] {
    return this.nodes.filter((one) => one.role === role);
  }
  on(host: string): readonly MemoryNode[] {
    return this.nodes.filter((one) => one.host === host);
  }

  async boot(): Promise<void> {
    for (const node of [...this.of("controller"), ...this.of("agent")]) this.start(node.alias);
    await this.until("a controller leads", async () => (await this.leader()) !== null);
    const data = [...this.of("datanode"), ...this.of("computenode")];
    await this.until("the agents are known", async () => {
      const alive = await this.alive();
      return this.of("agent").every(({ alias }) => alive.has(alias));
    });
    if (data.length > 0) await this.atLeader("startDataNode", [texts(data.map(({ alias }) => alias))]);
    await this.until("the data nodes are initialised", () => this.#initialised());
  }
  /** A controller or an agent, as its script or its unit does. */
  start(alias: string): void {
    const { machine, role, host } = this.node(alias);
    const unit = `dolphindb-${role}.service`;
    if (machine.services.names.includes(unit)) machine.services.start(unit);
    else if ((role === "controller" || role === "agent") && machine.spawn({ role, directory: CLUSTER_DIRECTORY, launch: null }) === null)
      throw new Error(`${host} has no binary`);
  }
  /** kill -9. False: it does not run. */
  kill(alias: string): boolean {
    const process = this.processOf(alias);
    process?.kill();
    return process !== null;
  }
  processOf(alias: string): ReturnType<Machine["find"]> {
    const { machine, role } = this.node(alias);
    return machine.find(CLUSTER_DIRECTORY, role, role === "controller" || role === "agent" ? null : alias);
  }
  /** Since its machine is there. */
  startsOf(alias: string): Machine["starts"] {
    const { machine, role } = this.node(alias);
    const wanted = role === "controller" || role === "agent" ? null : alias;
    return machine.starts.filter((each) => each.role === role && each.alias === wanted);
  }
  /** A defect of one process of the lab; false: it does not run. */
  setFault(alias: string, fault: FaultName): Promise<boolean> {
    return this.#fault(alias, { set: fault });
  }
  clearFault(alias: string, fault: FaultName): Promise<boolean> {
    return this.#fault(alias, { clear: fault });
  }
  async #fault(alias: string, what: object): Promise<boolean> {
    const { running, endpoint } = this.node(alias);
    if (running === null) return false;
    try {
      await this.network.call("127.0.0.1:1", endpoint, { method: "POST", path: "/lab/fault", headers: {}, body: JSON.stringify(what) }, 5_000);
      return true;
    } catch (error) {
      if (error instanceof NoReply) return false;
      throw error;
    }
  }
  /** What any node of one host sends to any of the other is lost, both ways. */
  cutHosts(a: string, b: string): void {
    for (const one of this.on(a)) for (const other of this.on(b)) this.network.cutBoth(one.endpoint, other.endpoint);
  }
  healHosts(a: string, b: string): void {
    for (const one of this.on(a)) for (const other of this.on(b)) this.network.healBoth(one.endpoint, other.endpoint);
  }

  /** A function of one node, as the administrator; at once, without the network. Throws what the server answers. */
  async call(alias: string, name: string, args: readonly LabValue[] = []): Promise<LabValue> {
    const { evaluator, session } = await this.#session(alias);
    return (await evaluator.call(session, name, args)) ?? nothing(alias);
  }
  async script(alias: string, text: string): Promise<LabValue> {
    const { evaluator, session } = await this.#session(alias);
    return (await evaluator.script(session, text)) ?? nothing(alias);
  }
  async #session(alias: string): Promise<{ readonly evaluator: RunningNode; readonly session: Session }> {
    const { running } = this.node(alias);
    if (running === null) throw new ServerError(`${alias} does not run`);
    let session = this.#sessions.get(running);
    if (session === undefined) {
      session = running.session();
      await running.login(session, OPERATOR.user, OPERATOR.password);
      this.#sessions.set(running, session);
    }
    return { evaluator: running, session };
  }
  /** Alias of the controller that says it leads; null: none. */
  async leader(): Promise<string | null> {
    for (const { alias, running } of this.of("controller")) {
      if (running === null) continue;
      try {
        const answer = await this.call(alias, "isControllerInitialized");
        if (answer.form === "scalar" && answer.value === true) return alias;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
      }
    }
    return null;
  }
  async atLeader(name: string, args: readonly LabValue[] = []): Promise<LabValue> {
    const leader = await this.leader();
    if (leader === null) throw new ServerError("no controller leads");
    return this.call(leader, name, args);
  }
  /** Aliases of nodes that the leading controller counts as alive. */
  async alive(): Promise<ReadonlySet<string>> {
    const rows = rowsOf(await this.atLeader("getClusterPerf"));
    return new Set(rows.flatMap((row) => (row["state"] === 1 ? [String(row["name"])] : [])));
  }
  async chunks(): Promise<readonly Row[]> {
    return rowsOf(await this.atLeader("getClusterChunksStatus"));
  }
  async recoveryTasks(): Promise<readonly Row[]> {
    return rowsOf(await this.atLeader("getRecoveryTaskStatus"));
  }

  /** So many chunks of a table that exists, without rows, on every data node: for large clusters. */
  async seedChunks(database: string, table: string, chunks: number): Promise<void> {
    const leader = this.node((await this.leader()) ?? "");
    const body = JSON.stringify({ database, table, chunks });
    const { status, body: said } = await this.network.call(
      "127.0.0.1:1",
      leader.endpoint,
      { method: "POST", path: "/lab/node/seed", headers: {}, body },
      600_000,
    );
    if (status !== 200) throw new Error(`seeding ${database}: ${said}`);
  }

  /** Waits until every node runs and is initialised, and every chunk is COMPLETE with all its replicas equal and nothing queued. Error after `withinMs`. */
  async settled(withinMs = 300_000): Promise<void> {
    await this.until("every chunk is complete", () => this.#isSettled(), withinMs);
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
    try {
      if (!(await this.#initialised())) return false;
      const tasks = await this.recoveryTasks();
      if (tasks.some((task) => task["Status"] === "Waiting" || task["Status"] === "In-Progress")) return false;
      return (await this.chunks()).every(
        (chunk) => chunk["state"] === "COMPLETE" && Number(chunk["replicaCount"]) === this.shape.replicationFactor && replicasAreEqual(chunk),
      );
    } catch (error) {
      if (error instanceof ServerError) return false;
      throw error;
    }
  }
  async #initialised(): Promise<boolean> {
    for (const { alias, running } of [...this.of("datanode"), ...this.of("computenode")]) {
      if (running === null) return false;
      try {
        const answer = await this.call(alias, "isDataNodeInitialized");
        if (answer.form !== "scalar" || answer.value !== true) return false;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        return false;
      }
    }
    return true;
  }

  #machine(host: string, release: Package, units: boolean): Machine {
    const disk = new MemoryDisk();
    unzip(disk, release, serverOf(SERVER));
    for (const [path, content] of Object.entries(configurationOf(this.shape, host))) disk.write(`${CLUSTER_DIRECTORY}/${path}`, content);
    const machine = new Machine(host, { clock: this.world, disk }, (on, command, ended) => this.#launch(on, command, ended));
    const roles = placedNodes(this.shape).flatMap((node) => (node.host === host ? [node.role] : []));
    for (const role of roles)
      if (units && (role === "controller" || role === "agent"))
        machine.services.add({
          name: `dolphindb-${role}.service`,
          role,
          directory: CLUSTER_DIRECTORY,
          restart: "always",
          restartAfter: RESTART_AFTER_MS,
        });
    return machine;
  }
  /** A process reads its own files, and ends where they are not what they must be. */
  #launch(machine: Machine, { role, directory, launch, unit = null }: Command, ended: (code: number) => void): Launched {
    const { disk } = machine;
    const file = disk.read(`${directory}/config/${role}.cfg`) ?? "";
    let settings: Readonly<Record<string, string>> = launch?.settings ?? {};
    let wrong: string | null = null;
    try {
      if (launch === null) settings = parseSettings(file);
    } catch (error) {
      wrong = error instanceof Error ? error.message : String(error);
    }
    const site = launch ?? siteOf(settings["localSite"] ?? "");
    const node = this.nodes.find((one) => one.machine === machine && one.role === role && (site === null || one.alias === site.alias));
    if (node === undefined) throw new Error(`${machine.name} has no ${role} ${site?.alias ?? ""}`);
    const log = (level: string, line: string): void => {
      node.log.push(`${String(this.world.now())} ${level} ${line}`);
      const name = role === "controller" || role === "agent" ? role : node.alias;
      disk.append(`${directory}/log/${name}.log`, `${new Date(this.world.now()).toISOString()} <${level}> :${line}\n`);
    };
    if (wrong !== null) {
      log("ERROR", wrong);
      this.world.after(0, () => ended(1));
      return { terminate: () => {}, kill: () => {} };
    }
    const component: Component = {
      role,
      alias: node.alias,
      endpoint: node.endpoint,
      release: releaseOfBinary(disk.read(`${serverOf(directory)}/dolphindb`)) ?? "0.0.0",
      directory,
      settings,
      durations: this.durations,
    };
    const gone = (code: number | null): void => {
      if (node.running !== logic) return;
      node.running = null;
      if (code !== null) node.exitCode = code;
    };
    const ends = (code: number, why: string): void => {
      node.log.push(`${String(this.world.now())} EXIT ${String(code)} ${why}`);
      gone(code);
      logic.kill();
      ended(code);
    };
    const network: Network = networkWithFaces(this.network, () => logic);
    const logic: RunningNode = labNode(component, {
      clock: this.world,
      network,
      disk,
      random: () => this.world.random(),
      log,
      exit: ends,
      launch: (wanted) => {
        machine.spawn({ role: wanted.role, directory, launch: wanted }, { unit });
      },
    });
    node.log.push(`${String(this.world.now())} START process`);
    // A second process finds its port taken: what runs stays what it is.
    node.running ??= logic;
    logic.start().catch((error: unknown) => {
      ends(1, error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    return {
      terminate: () => {
        node.log.push(`${String(this.world.now())} STOP told to end`);
        logic.terminate();
      },
      kill: () => {
        gone(null);
        logic.kill();
      },
    };
  }
}

export type Row = Readonly<Record<string, null | boolean | number | bigint | string>>;
/** Of a table. Error for any other form. */
export function rowsOf(value: LabValue): readonly Row[] {
  if (value.form !== "table") throw new Error(`a ${value.form}, and no table`);
  const { columns } = value;
  return Array.from({ length: columns[0]?.items.length ?? 0 }, (_, index) =>
    Object.fromEntries(columns.map(({ name, items }) => [name, items[index] ?? null])),
  );
}
const texts = (items: readonly string[]): LabValue => ({ form: "vector", type: "string", items });
const nothing = (alias: string): never => {
  throw new ServerError(`${alias} has closed the connection`);
};
/** `alias:version:corrupted...,...` */
const replicasAreEqual = (chunk: Row): boolean => {
  const replicas = String(chunk["replicas"])
    .split(",")
    .filter((part) => part !== "");
  return replicas.every((part) => {
    const [, version, corrupted] = part.split(":");
    return version === String(chunk["version"]) && (corrupted === "0" || corrupted === "false");
  });
};
