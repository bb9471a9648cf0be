// An open-loop writer: row n is due at its time whether or not the rows before it were answered, so that a pause is felt in full.
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { connectToPrimary, type Route } from "./route.ts";

export interface WriterFigures {
  readonly attempts: number;
  readonly acknowledged: number;
  /** Answered with an error that says that nothing happened, or never sent. */
  readonly refused: number;
  /** The connection broke after the send. */
  readonly unknown: number;
  /** Longest time between two acknowledgements, until now if writes are still down. */
  readonly longestGapMs: number;
  /** When it began, milliseconds since 1970; null: no gap yet. */
  readonly longestGapAt: number | null;
  /** From the time a row was due until its acknowledgement. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** The longest time in which the writer itself did not run: it bounds what the other figures are worth. */
  readonly ownPauseMs: number;
}

export interface WriterOptions {
  readonly route: Route;
  readonly table: string;
  /** Rows a second. */
  readonly rate: number;
  /** Connections of the application. */
  readonly connections: number;
}

interface Lane {
  client: Client | null;
  /** One row at a time: the others wait their turn, their time running. */
  busy: boolean;
}
interface Row {
  readonly number: number;
  readonly due: number;
}

const tickMs = 2;
const reconnectMs = 10;
/** A row that found no connection for so long is given up, as an application would. */
const patienceMs = 15_000;
/** Error classes in which the server says that the statement did not take effect. */
const refusals = ["22", "23", "25", "28", "40", "42", "53"];

export class Writer {
  readonly #options: WriterOptions;
  readonly #lanes: readonly Lane[];
  readonly #acknowledged = new Set<number>();
  readonly #latencies: number[] = [];
  #waiting: Row[] = [];
  #first = 0;
  #attempts = 0;
  #refused = 0;
  #unknown = 0;
  #lastAck: number | null = null;
  #gap = 0;
  #gapAt: number | null = null;
  #ownPause = 0;
  #running = true;
  #loops: readonly Promise<void>[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.connections }, () => ({ client: null, busy: false }));
  }

  /** Makes the table and returns once the first row is acknowledged. */
  async start(): Promise<void> {
    const { route, table } = this.#options;
    const client = await this.#patiently(() => connectToPrimary(route, () => undefined));
    await client.query(
      `create table if not exists ${table} (number bigint primary key, customer text not null, placed_at timestamptz not null default now())`,
    );
    const last = await client.query<{ last: number }>(`select coalesce(max(number), 0)::float8 as last from ${table}`);
    this.#first = (last.rows[0]?.last ?? 0) + 1;
    await client.end();
    this.#loops = [...this.#lanes.map((lane) => this.#keepConnected(lane)), this.#schedule()];
    await this.#patiently(async () => (this.#acknowledged.size > 0 ? true : null));
  }

  figures(): WriterFigures {
    const open = this.#lastAck === null || !this.#running ? 0 : now() - this.#lastAck;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
    return {
      attempts: this.#attempts,
      acknowledged: this.#acknowledged.size,
      refused: this.#refused,
      unknown: this.#unknown,
      longestGapMs: Math.round(Math.max(this.#gap, open)),
      longestGapAt: open > this.#gap ? this.#lastAck : this.#gapAt,
      latencyMs: { p50: at(0.5), p99: at(0.99) },
      ownPauseMs: Math.round(this.#ownPause),
    };
  }

  /** Waits for what is under way, at most five seconds; what is not answered by then is unknown. */
  async stop(): Promise<void> {
    this.#running = false;
    const end = now() + 5000;
    while ((this.#lanes.some((lane) => lane.busy) || this.#waiting.length > 0) && now() < end) await pause(5);
    this.#refused += this.#waiting.length;
    this.#waiting = [];
    await Promise.all(this.#lanes.map(async (lane) => lane.client?.end().catch(() => undefined)));
    await Promise.all(this.#loops);
  }

  /** Numbers of rows that were acknowledged and are not there now, read on a fresh connection from the primary. */
  async lost(): Promise<readonly number[]> {
    const { route, table } = this.#options;
    const client = await this.#patiently(() => connectToPrimary(route, () => undefined));
    try {
      const answer = await client.query<{ number: string }>(`select number from ${table} where number >= $1`, [this.#first]);
      const there = new Set(answer.rows.map((row) => Number(row.number)));
      return [...this.#acknowledged].filter((number) => !there.has(number));
    } finally {
      await client.end();
    }
  }

  async #patiently<T>(attempt: () => Promise<T | null>): Promise<T> {
    for (const end = now() + patienceMs; now() < end; await pause(reconnectMs)) {
      const answer = await attempt();
      if (answer !== null) return answer;
    }
    throw new Error(`no host of ${this.#options.route.hosts.map((host) => host.name).join(", ")} accepted writes in ${String(patienceMs / 1000)} s`);
  }

  async #keepConnected(lane: Lane): Promise<void> {
    while (this.#running || this.#waiting.length > 0) {
      if (lane.client === null) {
        lane.client = await connectToPrimary(this.#options.route, () => {
          lane.client = null;
        });
        this.#flush();
      }
      await pause(reconnectMs);
    }
  }

  async #schedule(): Promise<void> {
    const started = now();
    let last = started;
    while (this.#running) {
      const time = now();
      this.#ownPause = Math.max(this.#ownPause, time - last - tickMs);
      last = time;
      for (const due = ((time - started) * this.#options.rate) / 1000; this.#attempts < due; this.#attempts++) {
        this.#waiting.push({ number: this.#first + this.#attempts, due: started + (this.#attempts * 1000) / this.#options.rate });
      }
      const fresh = this.#waiting.filter((row) => time - row.due < patienceMs);
      this.#refused += this.#waiting.length - fresh.length;
      this.#waiting = fresh;
      this.#flush();
      await pause(tickMs);
    }
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const lane = this.#lanes.find((each) => each.client !== null && !each.busy);
      const client = lane?.client;
      if (lane === undefined || client == null) return;
      const row = this.#waiting.shift();
      if (row !== undefined) void this.#write(lane, client, row);
    }
  }

  async #write(lane: Lane, client: Client, row: Row): Promise<void> {
    lane.busy = true;
    try {
      const text = `insert into ${this.#options.table} (number, customer) values ($1, $2)`;
      await client.query({ name: "place", text, values: [row.number, `customer ${String(row.number % 97)}`] });
      this.#acknowledge(row);
    } catch (error) {
      const { code = "" } = error as { code?: string };
      const refused = refusals.includes(code.slice(0, 2));
      if (refused) this.#refused++;
      else this.#unknown++;
      // A connection that broke must not get the next row before it has noticed itself, and one to a server that is read-only now leads to the wrong host.
      if ((!refused || code === "25006") && lane.client === client) {
        lane.client = null;
        void client.end().catch(() => undefined);
      }
    } finally {
      lane.busy = false;
      this.#flush();
    }
  }

  #acknowledge({ number, due }: Row): void {
    const time = now();
    this.#acknowledged.add(number);
    this.#latencies.push(time - due);
    if (this.#lastAck !== null && time - this.#lastAck > this.#gap) {
      this.#gap = time - this.#lastAck;
      this.#gapAt = this.#lastAck;
    }
    this.#lastAck = time;
  }
}

/** Milliseconds since 1970 that never step back. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
