// Tablets in memory without a nameserver: for the tests of this folder.
import { MemoryDisk } from "../../../kit/memory-disk.ts";
import { MemoryZooKeeper } from "../../../kit/memory-zookeeper.ts";
import { VirtualNetwork } from "../../../kit/virtual-network.ts";
import { VirtualWorld } from "../../../kit/virtual.ts";
import { callRpc } from "../brpc.ts";
import type { Durations } from "../node.ts";
import type {
  AppendEntriesRequest,
  GetTableStatusReply,
  GetTaskStatusReply,
  ScanReply,
  TableMeta,
  TableStatusRow,
  TaskInfo,
} from "../tablet-messages.ts";
import type { Pace } from "./pace.ts";
import { tablet, type RunningTablet } from "./tablet.ts";

const CLIENT = "10.0.0.100:1";
const DURATIONS: Durations = {
  roundTrip: 1,
  task: 5,
  rowsPerSecond: 100_000,
  replicationDelay: 2,
  replicationPerSecond: 20_000,
  catalogRefresh: 100,
};
interface Reply {
  readonly code: number;
  readonly msg?: string;
}

export class TabletLab {
  readonly world: VirtualWorld;
  readonly network: VirtualNetwork;
  readonly zookeeper: MemoryZooKeeper;
  readonly partition = { tid: 6, pid: 0 };
  readonly log: string[] = [];
  readonly exits: { readonly endpoint: string; readonly code: number }[] = [];
  readonly #durations: Durations;
  readonly #flags: Readonly<Record<string, string>>;
  readonly #running = new Map<string, RunningTablet>();
  readonly #disks = new Map<string, MemoryDisk>();

  constructor(durations: Partial<Durations> = {}, flags: Readonly<Record<string, string>> = {}, seed = 1) {
    this.world = new VirtualWorld({ seed });
    this.network = new VirtualNetwork(this.world);
    this.zookeeper = new MemoryZooKeeper(this.world, { roundTripMs: 1 });
    this.#durations = { ...DURATIONS, ...durations };
    this.#flags = { zk_session_timeout: "10000", binlog_notify_on_put: "true", enable_status_service: "true", ...flags };
  }

  disk(endpoint: string): MemoryDisk {
    const disk = this.#disks.get(endpoint) ?? new MemoryDisk();
    this.#disks.set(endpoint, disk);
    return disk;
  }

  up(...endpoints: readonly string[]): void {
    for (const endpoint of endpoints) {
      const node = tablet(
        { role: "tablet", endpoint, release: "0.9.2", directory: "/lab", flags: this.#flags, durations: this.#durations },
        {
          clock: this.world,
          network: this.network,
          zookeeper: this.zookeeper.port(endpoint),
          disk: this.disk(endpoint),
          random: () => this.world.random(),
          log: (level, line) => this.log.push(`${endpoint} ${level} ${line}`),
          exit: (code) => this.exits.push({ endpoint, code }),
        },
      );
      this.#running.set(endpoint, node);
      void node.start();
    }
  }

  kill(endpoint: string): void {
    this.#running.get(endpoint)?.kill();
  }

  /** Of the leader's replication to that follower. */
  pace(leader: string, pace: Partial<Pace>, follower = "*"): void {
    this.#running.get(leader)?.paces.set(follower, pace);
  }

  ask(endpoint: string, method: string, request: object): Promise<Reply> {
    return this.world.run(callRpc<Reply>(this.network, CLIENT, endpoint, `TabletServer/${method}`, request, 5_000));
  }

  async page(endpoint: string, path: string): Promise<string> {
    const reply = this.network.call(CLIENT, endpoint, { method: "GET", path, headers: {}, body: "" }, 1_000);
    return (await this.world.run(reply)).body;
  }

  async create(endpoint: string, meta: Partial<TableMeta>): Promise<void> {
    const { code } = await this.ask(endpoint, "CreateTable", { table_meta: { ...this.partition, name: "t1", ...meta } });
    if (code !== 0) throw new Error(`CreateTable: ${String(code)}`);
  }

  async put(endpoint: string, key: string): Promise<number> {
    return (await this.ask(endpoint, "Put", { ...this.partition, key, value: `value of ${key}`, ts: this.world.now() })).code;
  }

  probe(endpoint: string, term: number): Promise<Reply> {
    return this.ask(endpoint, "AppendEntries", { ...this.partition, term, preLogIndex: 0, preLogTerm: 0, entries: [] });
  }

  entries({ term, from, to }: { readonly term: number; readonly from: number; readonly to: number }): AppendEntriesRequest {
    const entries = Array.from({ length: to - from + 1 }, (_, index) => ({ logIndex: from + index, term, key: "e", value: "v", ts: 1 }));
    return { ...this.partition, term, preLogIndex: from - 1, preLogTerm: term, entries };
  }

  async status(endpoint: string): Promise<TableStatusRow | undefined> {
    return ((await this.ask(endpoint, "GetTableStatus", this.partition)) as GetTableStatusReply).all_table_status?.[0];
  }

  /** Of the tablets that run. */
  async offsets(): Promise<Record<string, number | undefined>> {
    const offsets: Record<string, number | undefined> = {};
    for (const endpoint of this.#running.keys()) if (this.network.isListening(endpoint)) offsets[endpoint] = (await this.status(endpoint))?.offset;
    return offsets;
  }

  async followers(leader: string): Promise<Record<string, number>> {
    const reply = (await this.ask(leader, "GetTableFollower", this.partition)) as Reply & {
      readonly follower_info?: readonly { readonly endpoint: string; readonly offset: number }[];
    };
    return Object.fromEntries((reply.follower_info ?? []).map(({ endpoint, offset }) => [endpoint, offset]));
  }

  async rows(endpoint: string): Promise<NonNullable<ScanReply["rows"]>> {
    return ((await this.ask(endpoint, "Scan", this.partition)) as ScanReply).rows ?? [];
  }

  async keys(endpoint: string): Promise<readonly string[]> {
    return (await this.rows(endpoint)).map(({ key }) => key);
  }

  task(op_id: number, task_type: string): TaskInfo {
    return { op_id, op_type: "kAddReplicaOP", task_type, status: "kDoing" };
  }

  /** Type of each task to its status. */
  async taskStatus(endpoint: string): Promise<Record<string, string>> {
    const { task = [] } = (await this.ask(endpoint, "GetTaskStatus", {})) as GetTaskStatusReply;
    return Object.fromEntries(task.map(({ task_type, status }) => [task_type, status]));
  }
}
