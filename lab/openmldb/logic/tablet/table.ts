import type { Entry, TableMeta } from "../tablet-messages.ts";
import type { Binlog } from "./binlog.ts";
import { ReplicateNode, type ReplicatedTable, type ReplicateNodeContext } from "./replicate-node.ts";
import { Rows } from "./rows.ts";

export type TableState = "kTableNormal" | "kTableLoading" | "kMakingSnapshot" | "kSnapshotPaused";

/** One partition that a tablet has loaded, or is loading. */
export class Table implements ReplicatedTable {
  readonly meta: TableMeta;
  readonly tid: number;
  readonly pid: number;
  readonly directory: string;
  readonly rows = new Rows();
  readonly binlog: Binlog;
  state: TableState = "kTableLoading";
  /** Offset of the last snapshot. */
  snapshotOffset = 0;
  #leads: boolean;
  /** Of a follower: 0 until a leader or the nameserver has told it one; a restart forgets it. */
  #term: number;
  #offset = 0;
  #nodes: ReplicateNode[] = [];
  readonly #context: ReplicateNodeContext;

  constructor(meta: TableMeta, directory: string, binlog: Binlog, context: ReplicateNodeContext) {
    this.meta = meta;
    this.tid = meta.tid;
    this.pid = meta.pid;
    this.directory = directory;
    this.binlog = binlog;
    this.#context = context;
    this.#leads = (meta.mode ?? "kTableLeader") === "kTableLeader";
    this.#term = this.#leads ? (meta.term ?? 0) : 0;
  }

  get leads(): boolean {
    return this.#leads;
  }
  get term(): number {
    return this.#term;
  }
  get offset(): number {
    return this.#offset;
  }
  get nodes(): readonly ReplicateNode[] {
    return this.#nodes;
  }

  after(offset: number, limit: number): readonly Entry[] {
    return this.binlog.after(offset, limit);
  }

  /** The leader's own write: acknowledged once this returns, replicated later. */
  put(key: string, value: string | null, ts: number): void {
    this.#append({ logIndex: this.#offset + 1, term: this.#term, key, value, ts });
    for (const node of this.#nodes) node.notify();
  }

  /** Of a leader's batch, what lies above the own offset; the rest is skipped without a look, and a hole is not seen (facts 4.2.6). */
  apply(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.logIndex > this.#offset) this.#append(entry);
    for (const node of this.#nodes) node.notify();
  }

  /** FollowOfNoOne and a new leader's first word: only a higher term is taken. */
  follow(term: number): void {
    if (term > this.#term) this.#term = term;
  }

  /** Rows and entries read from disk. */
  recover(snapshot: readonly Entry[], snapshotOffset: number): void {
    for (const row of snapshot) this.rows.apply(row);
    this.snapshotOffset = snapshotOffset;
    this.#offset = snapshotOffset;
    for (const entry of this.binlog.entries) {
      if (entry.logIndex <= this.#offset) continue;
      this.rows.apply(entry);
      this.#offset = entry.logIndex;
    }
  }

  /** The table serves; a leader's followers are sent its log. */
  serve(): void {
    this.state = "kTableNormal";
    if (this.#leads) for (const endpoint of this.meta.replicas ?? []) this.addNode(endpoint);
  }

  lead(term: number, followers: readonly string[]): void {
    this.#leads = true;
    this.#term = term;
    for (const endpoint of followers) this.addNode(endpoint);
  }

  /** The term stays, and the log is no longer sent to anybody. */
  stopLeading(): void {
    this.stopNodes();
    this.#leads = false;
  }

  /** False: that follower is served already. */
  addNode(endpoint: string): boolean {
    if (this.#nodes.some((node) => node.endpoint === endpoint)) return false;
    const node = new ReplicateNode(endpoint, this, this.#context);
    this.#nodes = [...this.#nodes, node];
    node.start();
    return true;
  }

  /** False: there is no such follower. */
  deleteNode(endpoint: string): boolean {
    const found = this.#nodes.find((node) => node.endpoint === endpoint);
    found?.stop();
    this.#nodes = this.#nodes.filter((node) => node !== found);
    return found !== undefined;
  }

  stopNodes(): void {
    for (const node of this.#nodes) node.stop();
    this.#nodes = [];
  }

  #append(entry: Entry): void {
    this.binlog.append(entry);
    this.rows.apply(entry);
    this.#offset = entry.logIndex;
  }
}
