// Nodes in this process, on real time and real sockets: what programs that know nothing of virtual time can be tried with.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { MemoryDisk } from "../../../kit/memory-disk.ts";
import { MemoryZooKeeper } from "../../../kit/memory-zookeeper.ts";
import { RealClock } from "../../../kit/real-clock.ts";
import { RealNetwork } from "../../../kit/real-network.ts";
import { ApiServer } from "../../logic/apiserver/apiserver.ts";
import { Nameserver } from "../../logic/nameserver/nameserver.ts";
import type { TableInfo } from "../../logic/nameserver/metadata.ts";
import type { Component, Durations, RunningNode, Surroundings } from "../../logic/node.ts";
import { nameserverLeader } from "../../logic/sdk/nameserver-client.ts";
import { call, type Answer, type Caller } from "../../logic/sdk/rpc.ts";
import { tablet } from "../../logic/tablet/tablet.ts";
import { ApiserverClient } from "../../load/apiserver-client.ts";
import { openmldb } from "../openmldb.ts";

export const ROOT = "/openmldb";
export const SESSION_TIMEOUT_MS = 1_000;
const DURATIONS: Durations = {
  roundTrip: 1,
  task: 20,
  rowsPerSecond: 50_000,
  replicationDelay: 5,
  replicationPerSecond: 50_000,
  catalogRefresh: 100,
};
const FLAGS = { zk_cluster: "memory", zk_root_path: ROOT, zk_session_timeout: String(SESSION_TIMEOUT_MS) };
const NAMESERVER_FLAGS = {
  ...FLAGS,
  auto_failover: "false",
  system_table_replica_num: "2",
  get_task_status_interval: "100",
  get_table_status_interval: "200",
  tablet_heartbeat_timeout: "5000",
};

interface Node {
  readonly role: Component["role"];
  readonly endpoint: string;
  readonly disk: MemoryDisk;
  running: RunningNode | null;
}

export class RealTimeCluster {
  readonly network = new RealNetwork();
  readonly clock = new RealClock();
  readonly zookeeper = new MemoryZooKeeper(this.clock);
  readonly tablets: readonly Node[];
  readonly log: string[] = [];
  readonly #nameserver: Node;
  readonly #apiserver: Node;
  readonly #command = createServer();
  readonly client = new ApiserverClient(this.network, "test", 10_000);

  constructor(ports: readonly number[]) {
    const [nameserver, apiserver, ...tablets] = ports.map((port): Node => ({
      role: "tablet",
      endpoint: `127.0.0.1:${port}`,
      disk: new MemoryDisk(),
      running: null,
    }));
    if (nameserver === undefined || apiserver === undefined) throw new Error("too few ports");
    this.#nameserver = { ...nameserver, role: "nameserver" };
    this.#apiserver = { ...apiserver, role: "apiserver" };
    this.tablets = tablets;
  }

  get apiserver(): string {
    return this.#apiserver.endpoint;
  }

  async up(): Promise<void> {
    for (const node of this.tablets) await this.start(node);
    await this.until("tablets are registered", () => this.zookeeper.peekChildren(`${ROOT}/nodes`).length === this.tablets.length);
    await this.start(this.#nameserver);
    await this.until("a nameserver leads", async () => (await this.ask("ShowTablet", {})).code === 0);
    await this.start(this.#apiserver);
  }

  async start(node: Node): Promise<void> {
    const { role, endpoint, disk } = node;
    const flags = role === "nameserver" ? NAMESERVER_FLAGS : { ...FLAGS, db_root_path: "./db", recycle_bin_root_path: "./recycle" };
    const component: Component = { role, endpoint, release: "0.9.2", directory: "/srv", flags: { ...flags, endpoint }, durations: DURATIONS };
    const surroundings: Surroundings = {
      clock: this.clock,
      network: this.network,
      zookeeper: this.zookeeper.port(endpoint),
      disk,
      random: Math.random,
      log: (level, line) => {
        this.log.push(`${role} ${endpoint} ${level} ${line}`);
      },
      exit: (code, why) => {
        this.log.push(`${role} ${endpoint} exit ${code} ${why}`);
        node.running?.kill();
      },
    };
    node.running =
      role === "tablet"
        ? tablet(component, surroundings)
        : role === "nameserver"
          ? new Nameserver(component, surroundings)
          : new ApiServer(component, surroundings);
    await node.running.start();
  }

  /** kill -9, and up again when its session is over. */
  async restart(node: Node): Promise<void> {
    const registered = (): boolean => this.zookeeper.peekChildren(`${ROOT}/nodes`).includes(node.endpoint);
    node.running?.kill();
    await this.until(`${node.endpoint} is no more registered`, () => !registered());
    await this.start(node);
    await this.until(`${node.endpoint} is registered`, registered);
  }

  async ask<T extends Answer>(method: string, request: object): Promise<T> {
    const session = await this.zookeeper.port("test").connect(5_000);
    const endpoint = await nameserverLeader(session, ROOT);
    await session.close();
    const caller: Caller = { network: this.network, from: "test", authorization: "sdefault", timeoutMs: 10_000 };
    return endpoint === null ? ({ code: -1 } as T) : await call<T>(caller, endpoint, "NameServer", method, request);
  }

  async tables(): Promise<readonly TableInfo[]> {
    const { table_info = [] } = await this.ask<Answer & { readonly table_info?: readonly TableInfo[] }>("ShowTable", { show_all: true });
    return table_info;
  }

  /** Listens for argument vectors: a program of two lines that sends its own there is the openmldb command. Returns the URL. */
  async listenForCommands(): Promise<string> {
    this.#command.on("request", (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const argv = JSON.parse(Buffer.concat(parts).toString("utf8")) as readonly string[];
        const world = {
          network: this.network,
          clock: this.clock,
          zookeeper: () => this.zookeeper.port("command"),
          from: "command",
          release: "0.9.2",
        };
        openmldb(argv, world).then(
          ({ stdout }) => response.end(stdout),
          (error: unknown) => {
            response.writeHead(500);
            response.end(String(error));
          },
        );
      });
    });
    this.#command.listen(0, "127.0.0.1");
    await once(this.#command, "listening");
    return `http://127.0.0.1:${(this.#command.address() as AddressInfo).port}/`;
  }

  down(): void {
    for (const node of [...this.tablets, this.#nameserver, this.#apiserver]) node.running?.kill();
    this.#command.closeAllConnections();
    this.#command.close();
    this.network.close();
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
    for (const end = Date.now() + withinMs; !(await holds());) {
      if (Date.now() > end) throw new Error(`not in time: ${what}\n${this.log.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
