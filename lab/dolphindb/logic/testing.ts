// A cluster of DolphinDB's node logic alone, in memory on virtual time: for the tests of this folder.
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import type { LabValue } from "../value.ts";
import type { FaultName } from "./faults.ts";
import { ServerError, type Durations, type LabRole, type RunningNode } from "./node.ts";
import { labNode } from "./start.ts";

export interface TestClusterOptions {
  readonly seed?: number;
  readonly release?: string;
  readonly hosts?: number;
  readonly dataNodesPerHost?: number;
  readonly controllerSettings?: Readonly<Record<string, string>>;
  readonly clusterSettings?: Readonly<Record<string, string>>;
  readonly durations?: Partial<Durations>;
}
export interface TestNode {
  readonly alias: string;
  readonly role: LabRole;
  readonly endpoint: string;
  readonly host: string;
  running: RunningNode | null;
  /** Of the last process that ended by itself. */
  exit: { readonly code: number; readonly why: string } | null;
  starts: number;
  readonly log: string[];
  /** Files that it wanted to survive a power cut. */
  readonly synced: Set<string>;
}
export const TEST_DURATIONS: Durations = {
  roundTrip: 2,
  scale: 1,
  listen: 300,
  initialise: 1_000,
  recoverChunk: 200,
  gracefulStop: 1_000,
  replayTransaction: 10,
};
const OPERATOR = "10.0.0.9:1";
export const SERVER = "/srv/dolphindb/server";
export const DIRECTORY = `${SERVER}/clusterDemo`;
const PORTS: Readonly<Record<LabRole, number>> = { controller: 8990, agent: 8960, datanode: 8901, computenode: 8931 };

/** Hosts 10.0.0.1 and up, each with ctl1, agent1, node1, ... */
export class TestCluster {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly nodes: readonly TestNode[];
  readonly disks = new Map<string, MemoryDisk>();
  /** What the next process that is started has in its binary. */
  readonly releases = new Map<string, string>();
  readonly #options: TestClusterOptions;

  constructor(options: TestClusterOptions = {}) {
    this.#options = options;
    this.world = new VirtualWorld({ seed: options.seed ?? 1 });
    this.network = new VirtualNetwork(this.world, { latencyMs: 1 });
    const { hosts = 3, dataNodesPerHost = 1 } = options;
    const nodes: TestNode[] = [];
    for (let host = 1; host <= hosts; host += 1) {
      const name = `10.0.0.${String(host)}`;
      this.releases.set(name, options.release ?? "2.00.9.5");
      const add = (role: LabRole, alias: string, port: number): void => {
        nodes.push({
          alias,
          role,
          endpoint: `${name}:${String(port)}`,
          host: name,
          running: null,
          exit: null,
          starts: 0,
          log: [],
          synced: new Set(),
        });
      };
      add("controller", `ctl${String(host)}`, PORTS.controller);
      add("agent", `agent${String(host)}`, PORTS.agent);
      for (let at = 0; at < dataNodesPerHost; at += 1)
        add("datanode", `node${String(host)}${at === 0 ? "" : String.fromCodePoint(97 + at)}`, PORTS.datanode + at);
    }
    this.nodes = nodes;
    const rows = nodes.map(({ endpoint, alias, role }) => `${endpoint}:${alias},${role}`);
    const settings = Object.entries({ newValuePartitionPolicy: "add", ...options.clusterSettings }).map(([key, value]) => `${key}=${value}`);
    for (const host of this.releases.keys()) {
      const disk = new MemoryDisk();
      disk.write(`${DIRECTORY}/config/cluster.nodes`, ["localSite,mode", ...rows, ""].join("\n"));
      disk.write(`${SERVER}/dolphindb.lic`, "licenseType=0\n");
      disk.write(`${DIRECTORY}/config/cluster.cfg`, `${settings.join("\n")}\n`);
      this.disks.set(host, disk);
    }
  }

  /** With every node up and initialised. Drives the world. */
  static async up(options: TestClusterOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    await cluster.run(cluster.boot());
    return cluster;
  }
  run<Result>(work: Promise<Result>, withinMs = 3_600_000): Promise<Result> {
    return this.world.run(work, withinMs);
  }

  node(alias: string): TestNode {
    const found = this.nodes.find((node) => node.alias === alias);
    if (found === undefined) throw new Error(`no node ${alias}`);
    return found;
  }
  disk(alias: string): MemoryDisk {
    const disk = this.disks.get(this.node(alias).host);
    if (disk === undefined) throw new Error(`no disk of ${alias}`);
    return disk;
  }
  of(role: LabRole): readonly TestNode[] {
    return this.nodes.filter((node) => node.role === role);
  }

  async boot(): Promise<void> {
    for (const { alias } of this.of("controller")) this.start(alias);
    for (const { alias } of this.of("agent")) this.start(alias);
    await this.until(
      "agents are online",
      async () => (await this.states()).filter(({ alias, state }) => alias.startsWith("agent") && state === 1).length === this.of("agent").length,
    );
    await this.onLeader("startDataNode", [strings(this.of("datanode").map(({ alias }) => alias))]);
    await this.until("data nodes are initialised", () => this.allInitialised());
    await this.until("the controller is initialised", async () => scalarOf(await this.onLeader("isControllerInitialized")) === true);
  }
  /** Controllers and agents as their scripts do; data nodes as their agent was told last. */
  start(alias: string, settings: Readonly<Record<string, string>> = {}): void {
    const node = this.node(alias);
    const controllers = this.of("controller").map((one) => `${one.endpoint}:${one.alias}:controller`);
    const base: Readonly<Record<string, string>> =
      node.role === "controller"
        ? { mode: "controller", dfsHAMode: "Raft", dfsReplicationFactor: "2", dfsReplicaReliabilityLevel: "1", ...this.#options.controllerSettings }
        : { mode: node.role, sites: [`${node.endpoint}:${alias}:agent`, ...controllers].join(",") };
    const component = {
      role: node.role,
      alias,
      endpoint: node.endpoint,
      release: this.releases.get(node.host) ?? "",
      directory: DIRECTORY,
      settings: { localSite: `${node.endpoint}:${alias}`, ...base, ...settings },
      durations: { ...TEST_DURATIONS, ...this.#options.durations },
    };
    const running = labNode(component, {
      clock: this.world,
      network: this.network,
      disk: this.disk(alias),
      random: () => this.world.random(),
      log: (level, line) => {
        node.log.push(`${String(Math.round(this.world.now() % 86_400_000))} ${level} ${line}`);
      },
      exit: (code, why) => {
        if (node.running === running) node.running = null;
        node.exit = { code, why };
      },
      fsync: (path) => {
        node.synced.add(path);
      },
      launch: (launch) => {
        this.start(launch.alias, launch.settings);
      },
    });
    if (node.running === null) {
      node.running = running;
      node.starts += 1;
      node.exit = null;
    }
    void running.start();
  }
  kill(alias: string): void {
    const node = this.node(alias);
    node.running?.kill();
    node.running = null;
  }
  async terminate(alias: string): Promise<void> {
    this.node(alias).running?.terminate();
    await this.until(`${alias} ended`, () => Promise.resolve(this.node(alias).running === null));
  }
  async fault(alias: string, what: { readonly set?: FaultName; readonly clear?: FaultName }): Promise<void> {
    await this.network.call(
      OPERATOR,
      this.node(alias).endpoint,
      { method: "POST", path: "/lab/fault", headers: {}, body: JSON.stringify(what) },
      1_000,
    );
  }

  /** As admin. Throws ServerError; Error when the node does not run. */
  async call(alias: string, name: string, args: readonly LabValue[] = []): Promise<LabValue> {
    return (await this.#as(alias, (node, session) => node.call(session, name, args))) ?? unanswered(alias);
  }
  async script(alias: string, text: string): Promise<LabValue> {
    return (await this.#as(alias, (node, session) => node.script(session, text))) ?? unanswered(alias);
  }
  async #as<Result>(alias: string, work: (node: RunningNode, session: ReturnType<RunningNode["session"]>) => Promise<Result>): Promise<Result> {
    const { running } = this.node(alias);
    if (running === null) throw new Error(`${alias} does not run`);
    const session = running.session();
    session.user = "admin";
    try {
      return await work(running, session);
    } finally {
      running.end?.(session);
    }
  }
  /** Database dfs://probe, table rows(seq, lane, note), partitioned by value of lane: 0 to lanes - 1. */
  async createTable(lanes: number, through = "node1"): Promise<void> {
    await this.script(
      through,
      `db = database("dfs://probe", VALUE, 0..${String(lanes - 1)}, engine="TSDB")
       shape = table(1:0, \`seq\`lane\`note, [LONG, INT, STRING])
       db.createPartitionedTable(shape, \`rows, \`lane, sortColumns=\`seq, keepDuplicates=ALL)`,
    );
  }
  /** Returns how many rows the server says that it wrote. */
  async write(through: string, seq: number, lane = 0): Promise<number> {
    const row: LabValue = {
      form: "table",
      name: "",
      columns: [
        { name: "seq", type: "long", items: [BigInt(seq)] },
        { name: "lane", type: "int", items: [lane] },
        { name: "note", type: "string", items: ["x"] },
      ],
    };
    return Number(scalarOf(await this.call(through, 'tableInsert{loadTable("dfs://probe", "rows")}', [row])));
  }
  /** As a client with a list of sites does it: again after every error, at whatever node answers, until it is written. Milliseconds that it took. */
  async writeAnyhow(seq: number, lane = 0): Promise<number> {
    const began = this.world.now();
    for (;;) {
      for (const { alias, running } of this.of("datanode")) {
        if (running === null) continue;
        try {
          const written = this.write(alias, seq, lane);
          await Promise.race([written, this.#gone(alias, written)]);
          return this.world.now() - began;
        } catch (error) {
          if (!(error instanceof ServerError)) throw error;
        }
      }
      await this.world.sleep(500);
    }
  }
  /** A client sees that its node is gone when the connection breaks: unless it was answered before. */
  async #gone(alias: string, answered: Promise<unknown>): Promise<void> {
    const state = { isAnswered: false };
    const done = (): void => {
      state.isAnswered = true;
    };
    answered.then(done, done);
    const { running } = this.node(alias);
    while (!state.isAnswered && this.node(alias).running === running) await this.world.sleep(200);
    if (!state.isAnswered) throw new ServerError("connection lost");
  }
  /** Numbers that are stored, through that node, in order. */
  async stored(through: string): Promise<readonly number[]> {
    const found = await this.script(through, 'exec seq from loadTable("dfs://probe", "rows") order by seq');
    return found.form === "vector" ? found.items.map(Number) : [];
  }
  async settled(): Promise<void> {
    await this.until("chunks are complete", async () => {
      if (!(await this.allInitialised())) return false;
      return (await this.chunks()).every(({ state, replicaCount }) => state === "COMPLETE" && replicaCount === 2);
    });
  }
  /** Alias; null: nobody leads. */
  async leader(): Promise<string | null> {
    for (const { alias, running } of this.of("controller")) {
      if (running === null) continue;
      try {
        await this.call(alias, "getClusterPerf");
        return alias;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
      }
    }
    return null;
  }
  async onLeader(name: string, args: readonly LabValue[] = []): Promise<LabValue> {
    let leader = await this.leader();
    while (leader === null) {
      await this.world.sleep(200);
      leader = await this.leader();
    }
    return this.call(leader, name, args);
  }
  async states(): Promise<readonly { readonly alias: string; readonly state: number }[]> {
    const perf = rowsOfTable(await this.onLeader("getClusterPerf"));
    return perf.map((row) => ({ alias: String(row["name"]), state: Number(row["state"]) }));
  }
  async allInitialised(): Promise<boolean> {
    for (const { alias, running } of this.of("datanode")) {
      if (running === null) return false;
      if (scalarOf(await this.call(alias, "isDataNodeInitialized")) !== true) return false;
    }
    return true;
  }
  async chunks(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return rowsOfTable(await this.onLeader("getClusterChunksStatus"));
  }
  async until(what: string, condition: () => Promise<boolean>, withinMs = 600_000): Promise<void> {
    const deadline = this.world.now() + withinMs;
    while (!(await condition())) {
      if (this.world.now() > deadline) throw new Error(`not in ${String(withinMs)} ms: ${what}`);
      await this.world.sleep(100);
    }
  }
}

const unanswered = (alias: string): never => {
  throw new Error(`${alias} closed the connection`);
};
export const strings = (items: readonly string[]): LabValue => ({ form: "vector", type: "string", items });
export const scalarOf = (value: LabValue): unknown => (value.form === "scalar" ? value.value : undefined);
export function rowsOfTable(value: LabValue): readonly Readonly<Record<string, unknown>>[] {
  if (value.form !== "table") throw new Error(`no table: ${value.form}`);
  const count = value.columns[0]?.items.length ?? 0;
  return Array.from({ length: count }, (_, at) => Object.fromEntries(value.columns.map(({ name, items }) => [name, items[at]])));
}
