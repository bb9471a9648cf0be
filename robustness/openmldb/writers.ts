// Rows through two APIServers at a fixed rate, and what became of each: the client's own log.
import type { Clock } from "../../lab/kit/clock.ts";
import { NoReply, type Network } from "../../lab/kit/network.ts";
import { partitionOfKey } from "../../lab/openmldb/logic/sdk/partition-of-key.ts";
import { bodyOf } from "./tap.ts";

export interface WrittenRow {
  readonly key: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  answeredAt: number | null;
  /** `refused`: a tablet has said that it did not take it. */
  outcome: "under way" | "acknowledged" | "refused" | "unknown";
}
export interface WritersOptions {
  readonly clock: Clock;
  readonly network: Network;
  readonly apiservers: readonly string[];
  readonly db: string;
  readonly table: string;
  readonly partitions: number;
  /** Rows a second on each partition, over all writers together. */
  readonly perPartition: number;
  /** True: nothing of interest happens now, and a tenth of the rate will do. */
  readonly slowly?: () => boolean;
}

const TIMEOUT_MS = 5_000;

export class Writers {
  readonly rows: WrittenRow[] = [];
  /** When nothing was sent because of `pause`; milliseconds since 1970, null: still. */
  readonly held: { readonly from: number; until: number | null }[] = [];
  /** Codes and words of refusals, counted. */
  readonly refusals = new Map<string, number>();
  readonly #options: WritersOptions;
  readonly #counts = new Map<number, number>();
  #running = false;
  #paused = false;
  #next = 0;

  constructor(options: WritersOptions) {
    this.#options = options;
  }
  start(): void {
    this.#running = true;
    this.#tick();
  }
  stop(): void {
    this.#running = false;
  }
  /** What `hooks.pauseTraffic` does: what was sent is answered, and no more is sent. */
  pause(): void {
    if (!this.#paused) this.held.push({ from: this.#options.clock.now(), until: null });
    this.#paused = true;
  }
  resume(): void {
    const last = this.held.at(-1);
    if (this.#paused && last) last.until = this.#options.clock.now();
    this.#paused = false;
  }
  apiserver(index: number): string {
    return this.#options.apiservers[index] ?? "";
  }
  underWay(): number {
    return this.rows.filter((row) => row.outcome === "under way").length;
  }
  acknowledged(pid: number, from: number, until: number): number {
    let count = 0;
    for (const row of this.rows)
      if (row.pid === pid && row.outcome === "acknowledged" && row.answeredAt !== null && row.answeredAt >= from && row.answeredAt <= until) count++;
    return count;
  }

  /** Open loop: the next row is sent whether or not the last one was answered. */
  #tick(): void {
    const { clock, apiservers, partitions, perPartition, slowly } = this.#options;
    if (!this.#running) return;
    const rate = perPartition * partitions * (slowly?.() === true ? 0.1 : 1);
    clock.after(1_000 / rate, () => this.#tick());
    if (this.#paused) return;
    const number = this.#next++;
    const apiserver = apiservers[number % apiservers.length];
    if (apiserver !== undefined) void this.put(apiserver, Math.floor(number / apiservers.length) % partitions, number);
  }
  async put(apiserver: string, pid: number, number: number): Promise<WrittenRow> {
    const { clock, network, db, table, partitions } = this.#options;
    const index = this.#counts.get(pid) ?? 0;
    this.#counts.set(pid, index + 1);
    const row: WrittenRow = { key: keyAt(partitions, pid, index), pid, sentAt: clock.now(), answeredAt: null, outcome: "under way" };
    this.rows.push(row);
    try {
      const reply = await network.call(
        `writer-${apiserver}`,
        apiserver,
        { method: "PUT", path: `/dbs/${db}/tables/${table}`, headers: {}, body: JSON.stringify({ value: [[row.key, String(number)]] }) },
        TIMEOUT_MS,
      );
      const { code, msg } = bodyOf(reply.body);
      row.outcome = reply.status === 200 && code === 0 ? "acknowledged" : this.#refused(Number(code), String(msg));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      row.outcome = error.failure === "refused" ? this.#refused(0, "connection refused") : "unknown";
    }
    row.answeredAt = clock.now();
    return row;
  }
  /** A code of the tablet's own is its refusal; -1: the APIServer cannot know. */
  #refused(code: number, words: string): "refused" | "unknown" {
    const kind = `${code} ${words.replaceAll(/\d+\.\d+\.\d+\.\d+:\d+|\b\d{4,}\b/g, "N")}`;
    this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1);
    return code === -1 ? "unknown" : "refused";
  }
}

/** The keys of each partition, found by trying; the same for every seed. */
const keys = new Map<number, { readonly lists: readonly string[][]; tried: number }>();
function keyAt(partitions: number, pid: number, index: number): string {
  const own = keys.get(partitions) ?? { lists: Array.from({ length: partitions }, () => []), tried: 0 };
  keys.set(partitions, own);
  const list = own.lists[pid] ?? [];
  for (;;) {
    const key = list[index];
    if (key !== undefined) return key;
    const next = `k${own.tried++}`;
    own.lists[partitionOfKey(next, partitions)]?.push(next);
  }
}
