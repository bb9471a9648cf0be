import type { Clock } from "../../../kit/clock.ts";
import { NoReply, type Network } from "../../../kit/network.ts";
import { callRpc, RpcFailure } from "../brpc.ts";
import type { AppendEntriesReply, AppendEntriesRequest, Entry } from "../tablet-messages.ts";
import type { TabletFlags } from "./flags.ts";
import type { ReplicationPaces } from "./pace.ts";

/** What a replicate node sees of the table that it serves from. */
export interface ReplicatedTable {
  readonly tid: number;
  readonly pid: number;
  readonly term: number;
  readonly offset: number;
  after(offset: number, limit: number): readonly Entry[];
}
export interface ReplicateNodeContext {
  readonly from: string;
  readonly clock: Clock;
  readonly network: Network;
  readonly flags: TabletFlags;
  readonly paces: ReplicationPaces;
  log(level: "INFO" | "WARNING", line: string): void;
}

/** With a bandwidth of 0, how often it is looked at again. */
const HELD_MS = 100;

/** Ships a leader's log to one follower, later than the leader acknowledges (facts 4.1: replicate_node.cc). */
export class ReplicateNode {
  readonly endpoint: string;
  readonly #table: ReplicatedTable;
  readonly #context: ReplicateNodeContext;
  #lastSyncOffset = 0;
  #running = false;
  #wake: (() => void) | null = null;
  /** A batch that was not taken is sent again as it is, with the term that it had: a fenced leader knocks in vain for ever (upstream issue 2849). */
  #refused: AppendEntriesRequest | null = null;

  constructor(endpoint: string, table: ReplicatedTable, context: ReplicateNodeContext) {
    this.endpoint = endpoint;
    this.#table = table;
    this.#context = context;
  }

  /** How far the follower is, as this leader believes. */
  get lastSyncOffset(): number {
    return this.#lastSyncOffset;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#running = false;
    this.#wake?.();
  }

  /** The table has a new entry. */
  notify(): void {
    const wake = this.#wake;
    if (wake === null) return;
    this.#wake = null;
    const { binlogNotifyOnPut, binlogSyncWaitTime } = this.#context.flags;
    if (binlogNotifyOnPut) wake();
    else this.#context.clock.after(binlogSyncWaitTime, wake);
  }

  async #run(): Promise<void> {
    while (this.#running && !(await this.#matchLogOffset())) await this.#wait(this.#context.flags.binlogMatchLogoffsetInterval);
    while (this.#running) {
      // A follower that is ahead gets nothing until the leader has passed it: what lies between is never sent (facts 4.2.6).
      while (this.#running && this.#lastSyncOffset >= this.#table.offset) await this.#newEntry();
      const target = this.#table.offset;
      await this.#wait(this.#context.paces.of(this.endpoint).delayMs);
      while (this.#running && this.#lastSyncOffset < target) {
        if (!(await this.#syncData(target))) await this.#wait(this.#context.flags.binlogCoffeeTime);
      }
    }
  }

  async #matchLogOffset(): Promise<boolean> {
    const { tid, pid, term } = this.#table;
    const answer = await this.#send({ tid, pid, term, preLogIndex: 0, preLogTerm: 0, entries: [] });
    if (answer?.code !== 0) return false;
    this.#lastSyncOffset = answer.logOffset ?? 0;
    this.#context.log("INFO", `match node ${this.endpoint} log offset ${String(this.#lastSyncOffset)} tid ${String(tid)} pid ${String(pid)}`);
    return true;
  }

  /** False: not taken, or nothing to send. */
  async #syncData(target: number): Promise<boolean> {
    const { perSecond } = this.#context.paces.of(this.endpoint);
    if (perSecond <= 0) {
      await this.#wait(HELD_MS);
      return true;
    }
    const begin = this.#context.clock.now();
    const request = this.#refused ?? this.#nextBatch(target);
    const last = request?.entries.at(-1);
    if (request === null || last === undefined) return false;
    const answer = await this.#send(request);
    if (answer?.code !== 0) {
      this.#refused = request;
      const why = answer === null ? "no answer" : `code ${String(answer.code)}`;
      this.#context.log("WARNING", `fail to sync log to node ${this.endpoint}: ${why}. tid ${String(request.tid)} pid ${String(request.pid)}`);
      return false;
    }
    this.#refused = null;
    this.#lastSyncOffset = last.logIndex;
    const due = (request.entries.length / perSecond) * 1_000;
    await this.#wait(due - (this.#context.clock.now() - begin));
    return true;
  }

  #nextBatch(target: number): AppendEntriesRequest | null {
    const { tid, pid, term } = this.#table;
    const limit = Math.min(target - this.#lastSyncOffset, this.#context.flags.binlogSyncBatchSize);
    const entries = this.#table.after(this.#lastSyncOffset, limit);
    if (entries.length > 0) return { tid, pid, term, preLogIndex: this.#lastSyncOffset, preLogTerm: term, entries };
    this.#context.log("WARNING", `log missing, expect offset ${String(this.#lastSyncOffset + 1)}. tid ${String(tid)} pid ${String(pid)}`);
    return null;
  }

  /** Null: no answer. */
  async #send(request: AppendEntriesRequest): Promise<AppendEntriesReply | null> {
    const { network, from, flags } = this.#context;
    try {
      return await callRpc<AppendEntriesReply>(network, from, this.endpoint, "TabletServer/AppendEntries", request, flags.requestTimeout);
    } catch (error) {
      if (error instanceof NoReply || error instanceof RpcFailure) return null;
      throw error;
    }
  }

  #newEntry(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wait(ms: number): Promise<void> {
    if (ms <= 0 || !this.#running) return Promise.resolve();
    return new Promise((resolve) => {
      this.#context.clock.after(ms, resolve);
    });
  }
}
