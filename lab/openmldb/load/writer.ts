import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Network } from "../../kit/network.ts";
import { AcknowledgementLog, readLog } from "./acknowledgement-log.ts";
import { ApiserverClient } from "./apiserver-client.ts";
import { LOAD_COLUMNS, loadRow, values } from "./row.ts";

export interface LoadOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly disk: Disk;
  /** Endpoint of the caller. */
  readonly from: string;
  readonly apiservers: readonly string[];
  readonly db: string;
  readonly table: string;
  readonly perSecond: number;
  /** Path of the acknowledgement log. One that is there is gone on with. */
  readonly log: string;
  /** Begins the keys of this writer: two writers of one table need two. */
  readonly series?: string;
  /** Milliseconds until a row is `unknown`. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/** Makes database and table where they are missing. Throws CannotRead. */
export async function prepareLoadTable(options: LoadOptions, shape: { readonly partitions: number; readonly replicas: number }): Promise<void> {
  const { network, from, apiservers, db, table, timeoutMs = TIMEOUT_MS } = options;
  const client = new ApiserverClient(network, from, timeoutMs);
  await client.sql(apiservers, db, `create database if not exists ${db}`);
  const { partitions, replicas } = shape;
  await client.sql(
    apiservers,
    db,
    `create table if not exists ${table} (${LOAD_COLUMNS}) options (partitionnum=${partitions}, replicanum=${replicas})`,
  );
}

/**
 * Writes numbered rows with checksums, round-robin over APIServers and partitions, so many a second whether or not they are answered (open loop).
 * It knows the REST face and how a client finds the partition of a key, nothing else of the cluster, and nothing of Stillwater.
 */
export class LoadWriter {
  readonly #options: LoadOptions;
  readonly #client: ApiserverClient;
  readonly #log: AcknowledgementLog;
  readonly #series: string;
  readonly #underWay = new Set<Promise<void>>();
  #partitions = 0;
  #next = 0;
  #running = false;
  #startedAt = 0;
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#client = new ApiserverClient(options.network, options.from, options.timeoutMs ?? TIMEOUT_MS);
    this.#log = new AcknowledgementLog(options.disk, options.log);
    this.#series = options.series ?? "row";
  }

  /** Throws CannotRead when no APIServer tells the number of partitions. */
  async start(): Promise<void> {
    const { apiservers, db, table, disk, log, clock } = this.#options;
    this.#partitions = await this.#client.partitions(apiservers, db, table);
    this.#next = readLog(disk, log).reduce((next, { n }) => Math.max(next, n + 1), 0);
    this.#running = true;
    this.#sent = 0;
    this.#startedAt = clock.now();
    this.#tick();
  }

  /** No row is sent any more; returns when all that were sent have their outcome. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#underWay);
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  #tick(): void {
    if (!this.#running) return;
    const { clock, perSecond } = this.#options;
    const due = (sent: number): number => this.#startedAt + (sent * 1_000) / perSecond;
    // Timers are late: what is due by now goes out now, and its latency counts from when it was due.
    while (due(this.#sent) <= clock.now()) {
      const sending = this.#send(due(this.#sent));
      this.#underWay.add(sending);
      void sending.finally(() => this.#underWay.delete(sending));
      this.#sent++;
    }
    clock.after(due(this.#sent) - clock.now(), () => {
      this.#tick();
    });
  }

  async #send(dueAt: number): Promise<void> {
    const { apiservers, db, table, clock } = this.#options;
    const row = loadRow(this.#series, this.#next++, this.#partitions);
    const to = apiservers[row.n % apiservers.length] ?? "";
    this.#log.intent(row, dueAt, to);
    const { outcome, words } = await this.#client.put(to, db, table, values(row));
    this.#log.outcome(row.n, outcome, clock.now(), words);
  }
}
