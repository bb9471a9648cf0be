// An application that writes numbered rows, one writer for each partition, with the list of sites and the reconnecting of the vendor's API (DD-12, facts 3.6):
// behind an I/O error it sends the same row again, and that may store it twice.
import type { Clock } from "../../lab/kit/clock.ts";
import type { MemoryTransport } from "../../lab/dolphindb/memory/transport.ts";
import type { LabValue } from "../../lab/dolphindb/value.ts";
import type { ClientRow } from "../validators/dolphindb-rows.ts";
import { ApiSession, ServerSaid } from "./api-client.ts";

export interface WritersOptions {
  readonly clock: Clock;
  readonly transport: MemoryTransport;
  /** Data nodes, HOST:PORT. */
  readonly sites: readonly string[];
  readonly database: string;
  readonly table: string;
  readonly partitions: number;
  /** Of each partition; milliseconds. */
  readonly everyMs: number;
}
type Row = { -readonly [Key in keyof ClientRow]: ClientRow[Key] };

const TIMEOUT_MS = 30_000;
const ROUND_MS = 1_000;
/** It waits for the lock of a transaction whose coordinator died (facts 3.6). */
const IN_TRANSACTION_MS = 10_000;

export const createTable = (database: string, table: string, partitions: number): string =>
  [
    `db = database(directory="${database}", partitionType=VALUE, partitionScheme=0..${String(partitions - 1)}, engine="TSDB")`,
    "rows = table(1:0, `seq`ts`part`key, [LONG, TIMESTAMP, INT, STRING])",
    `made = createPartitionedTable(dbHandle=db, table=rows, tableName="${table}", partitionColumns=\`part, sortColumns=\`seq, keepDuplicates=ALL)`,
  ].join("\n");

export class Writers {
  readonly rows: Row[] = [];
  /** What the vendor's API waits behind an error before it tries another site. */
  readonly waits: { readonly partition: string; readonly from: number; readonly to: number; readonly what: string }[] = [];
  /** By the server's own words, up to the first name in them. */
  readonly refusals = new Map<string, number>();
  readonly #options: WritersOptions;
  #running = false;
  #underWay = 0;
  /** In front of every key: so that two of them write into one table. */
  readonly #prefix: string;

  constructor(options: WritersOptions, prefix = "") {
    this.#options = options;
    this.#prefix = prefix;
  }
  get underWay(): number {
    return this.#underWay;
  }
  start(): void {
    this.#running = true;
    for (let part = 0; part < this.#options.partitions; part += 1) void this.#write(part);
  }
  /** What is under way goes on until it has an answer, and is then not sent again. */
  stop(): void {
    this.#running = false;
  }

  async #write(part: number): Promise<void> {
    const { clock, sites, everyMs } = this.#options;
    this.#underWay += 1;
    await this.#sleep((everyMs * part) / this.#options.partitions);
    let [session, site] = [null as ApiSession | null, part];
    for (let seq = 1; this.#running; seq += 1) {
      const due = clock.now() + everyMs;
      const row: Row = {
        key: `${this.#prefix}${String(part)}-${String(seq)}`,
        partition: String(part),
        outcome: "refused",
        sent: 0,
        sentAt: clock.now(),
        answeredAt: null,
      };
      this.rows.push(row);
      do {
        try {
          session ??= await ApiSession.open(this.#options.transport, sites[site % sites.length] ?? "", TIMEOUT_MS);
        } catch (error) {
          this.#note(error);
          site += 1;
          await this.#sleep(ROUND_MS);
          continue;
        }
        const wait = await this.#send(session, row, part, seq);
        if (wait === null) break;
        session.close();
        [session, site] = [null, site + 1];
        const now = clock.now();
        this.waits.push({
          partition: row.partition,
          from: now,
          to: now + wait,
          what: wait === IN_TRANSACTION_MS ? "<ChunkInTransaction>" : "next site",
        });
        await this.#sleep(wait);
      } while (this.#running);
      await this.#sleep(due - clock.now());
    }
    session?.close();
    this.#underWay -= 1;
  }
  /** Null: acknowledged. Else how long to wait before it is sent again, elsewhere. */
  async #send(session: ApiSession, row: Row, part: number, seq: number): Promise<number | null> {
    const { clock, database, table } = this.#options;
    row.sent += 1;
    try {
      const answer = await session.call(`tableInsert{loadTable('${database}', '${table}')}`, [rowsOf(row.key, part, seq, clock.now())], TIMEOUT_MS);
      row.answeredAt = clock.now();
      const inserted = answer?.form === "scalar" ? Number(answer.value) : Number.NaN;
      if (inserted === 1) {
        row.outcome = "acknowledged";
        return null;
      }
      this.#note(new Error(`tableInsert answered ${String(inserted)}`));
      return ROUND_MS;
    } catch (error) {
      this.#note(error);
      // Whatever an error says, a transaction may have been committed behind it.
      row.outcome = "unknown";
      return error instanceof ServerSaid && error.message.startsWith("<ChunkInTransaction>") ? IN_TRANSACTION_MS : ROUND_MS;
    }
  }
  #note(error: unknown): void {
    const words = (error instanceof Error ? error.message : String(error)).replaceAll(/[\d.]+:\d+\S*|[0-9a-f-]{16,}|node\d\w?/g, "...").slice(0, 80);
    this.refusals.set(words, (this.refusals.get(words) ?? 0) + 1);
  }
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(Math.max(0, ms), resolve);
    });
  }
}

const rowsOf = (key: string, part: number, seq: number, at: number): LabValue => ({
  form: "table",
  name: "rows",
  columns: [
    { name: "seq", type: "long", items: [BigInt(seq)] },
    { name: "ts", type: "timestamp", items: [BigInt(Math.floor(at))] },
    { name: "part", type: "int", items: [part] },
    { name: "key", type: "string", items: [key] },
  ],
});
