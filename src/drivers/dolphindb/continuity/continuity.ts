// The continuity client: numbered rows with checksums, written as the vendor's API writes (facts 3.6), into as many partitions as touch every data node;
// read through the site list, counted on every replica (facts 5.1).
import type { Attempt, AttemptOutcome, ContinuityClient, ContinuityKind, ReplicaCount, ServerClock } from "../../../model/continuity.ts";
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Rpc, Value } from "../rpc.ts";
import { ServerRefused } from "../wire/errors.ts";
import {
  appendTo,
  columnsOf,
  countOfKey,
  createProbeTable,
  deleteKey,
  deleteWriter,
  extentOf,
  recordsBetween,
  utcNow,
} from "../wire/probe-scripts.ts";
import { Session, type Credentials } from "../wire/session.ts";
import type { Transport } from "../wire/transport.ts";
import { columnsFrom, ownColumns, rowFor, type ProbeTable } from "./probe-table.ts";
import { countReplicas, countsAgainst, type CountedNode } from "./replica-counts.ts";
import { Sites } from "./sites.ts";
import { Writer, type WriterOptions } from "./writer.ts";

export interface DolphindbContinuityOptions {
  readonly transport: Transport;
  readonly rpc: Rpc;
  /** Null: as a guest. */
  readonly credentials: Credentials | null;
  /** HOST:PORT of data nodes: the site list of the operator's clients. */
  readonly sites: readonly string[];
  readonly dataNodes: readonly CountedNode[];
  /** Names in the cluster file. */
  readonly controllers: readonly string[];
  /** What the names of its own databases begin with: `dfs://stillwater_probe`. */
  readonly database: string;
  /** The operator's table, `dfs://DATABASE/TABLE`; null: one of its own. */
  readonly table: string | null;
  /** Of this probe; letters, digits and `_`, at most 40. */
  readonly name: string;
  /** How long the vendor's API waits after `<ChunkInTransaction>`. Default 10,000 ms. */
  readonly chunkLockMs?: number;
  /** How long it waits between rounds through all sites. Default 1,000 ms. */
  readonly roundMs?: number;
  /** How long replicas may take until they have all. Default 20,000 ms. */
  readonly replicateWithinMs?: number;
  /** Resolves after that time, or at once when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/** Rows that a writer appends at once when more than one waits. */
const rowsTogether = 200;
const connectMs = 5000;
const patientMs = 30_000;
const pollMs = 200;
/** Rows of one answer: some MB. */
const portion = 50_000;
const never = new AbortController().signal;

/** Error SW5001 for a name or a table that cannot be used. */
export class DolphindbContinuity implements ContinuityClient {
  /** Rows are appended; a change of one row would be a transaction over its whole partition. */
  readonly kinds: readonly ContinuityKind[] = ["insert"];
  readonly route: string;
  /** A chunk lock (10 s) behind an election (8 to 16 s): what the vendor's API rides out (facts 5.1). */
  readonly deadlineMs = 30_000;
  readonly #options: DolphindbContinuityOptions;
  readonly #at: ProbeTable;
  readonly #writerOptions: WriterOptions;
  /** By partition. */
  readonly #writers = new Map<string, Writer>();
  #columns: ReturnType<typeof columnsFrom> = ownColumns;

  constructor(options: DolphindbContinuityOptions) {
    this.#options = options;
    if (!/^[A-Za-z0-9_]{1,40}$/.test(options.name)) throw new StillwaterError("SW5001", `${options.name} cannot name the probe's table`);
    this.#at = options.table === null ? ownTable(options) : operatorsTable(options.table);
    this.route = options.sites.join(", ");
    this.#writerOptions = {
      transport: options.transport,
      sites: new Sites(options.sites, options.now),
      credentials: options.credentials,
      together: this.#at.lanes === 0 ? 1 : rowsTogether,
      append: appendTo(this.#at.database, this.#at.table),
      roundMs: options.roundMs ?? 1000,
      chunkLockMs: options.chunkLockMs ?? 10_000,
      pause: options.pause,
    };
  }

  /** So many that every data node has several of the chunks, whichever nodes the controller chooses. */
  async partitions(): Promise<readonly string[]> {
    const { lanes } = this.#at;
    return await Promise.resolve(lanes === 0 ? [this.#whole] : Array.from({ length: lanes }, (_, lane) => this.#partition(lane)));
  }
  get #whole(): string {
    return `${this.#at.database}/${this.#at.table}`;
  }
  #partition(lane: number): string {
    return `${this.#at.database}/${String(lane)}`;
  }
  #laneOf(partition: string): number {
    return this.#at.lanes === 0 ? 0 : Number(partition.slice(this.#at.database.length + 1));
  }

  /** What the probe's rows have in the column `writer`: in the operator's table they are told from others by it. */
  get #rowsOf(): string {
    return `stillwater_${this.#options.name}`;
  }

  async prepare(): Promise<void> {
    const { database, table, lanes } = this.#at;
    await this.#onFresh(async (session) => {
      if (lanes === 0) {
        this.#columns = columnsFrom(await session.script(columnsOf(database, table), patientMs), this.#whole);
      } else if ((await session.call("existsTable", [database, table], patientMs)) !== true) {
        // Cut short between the two, an earlier attempt has left a database without its table.
        if ((await session.call("existsDatabase", [database], patientMs)) === true) await session.call("dropDatabase", [database], patientMs);
        await session.script(createProbeTable(database, table, lanes), patientMs);
      }
    });
  }

  async attempt({ sequence, kind, partition, key, value }: Attempt, signal: AbortSignal, again: () => boolean): Promise<AttemptOutcome> {
    if (kind !== "insert") return { is: "refused", why: `never sent: the probe makes no ${kind} here` };
    const row = { seq: sequence, writer: this.#rowsOf, lane: this.#laneOf(partition), recordKey: key, recordValue: value ?? "" };
    let writer = this.#writers.get(partition);
    if (writer === undefined) this.#writers.set(partition, (writer = new Writer(this.#writerOptions)));
    return writer.send({
      row: (attempt) => rowFor(this.#columns, { ...row, attempt, ts: Math.round(this.#options.wall()) }),
      signal,
      again,
    });
  }

  async readAuthoritative(): Promise<ReadonlyMap<string, string>> {
    return (await this.#read()).records;
  }

  /** DolphinDB itself chooses the replica that answers a query, so none can be read by name: see `countReplicas`. */
  async readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    return await Promise.resolve(new Map());
  }

  async countReplicas(): Promise<readonly ReplicaCount[]> {
    const { rpc, controllers, dataNodes, now, pause, replicateWithinMs = 20_000 } = this.#options;
    const deadline = now() + replicateWithinMs;
    const partitionOf = (file: string): string | null => this.#partitionOfFile(file);
    for (let flushed = false; ; flushed = true) {
      const expected = this.#at.lanes === 0 ? new Map<string, number>() : (await this.#read()).rows;
      const counted = await countReplicas({ rpc, controllers, dataNodes, path: this.#path, table: this.#at.table, partitionOf });
      const counts = countsAgainst(counted, expected, this.#at.lanes === 0 ? (file) => file : partitionOf);
      const late = now() >= deadline;
      if (counted.unsettled.length === 0) {
        const settled = counts.length > 0 && counts.every(({ rows, expected: all }) => rows === all);
        if (settled || late) return counts;
      } else if (late) throw new Unreachable(`replicas are not settled: ${some(counted.unsettled)}`, { why: counted.unsettled });
      // Rows that a node still has in its cache are counted once they are written out.
      if (!flushed) await Promise.allSettled(dataNodes.map(({ name }) => rpc.call(name, "flushTSDBCache", [], patientMs)));
      await pause(pollMs, never);
    }
  }
  /** As the distributed file system names the database. */
  get #path(): string {
    return this.#at.database.slice("dfs:/".length);
  }
  #partitionOfFile(file: string): string | null {
    const lane = file.startsWith(`${this.#path}/`) ? (file.slice(this.#path.length + 1).split("/")[0] ?? "") : "";
    return this.#at.lanes > 0 && /^\d+$/.test(lane) && Number(lane) < this.#at.lanes ? this.#partition(Number(lane)) : null;
  }

  async clocks(): Promise<readonly ServerClock[]> {
    const { rpc, dataNodes, wall } = this.#options;
    const clocks = await Promise.all(
      dataNodes.map(async ({ name }): Promise<ServerClock | null> => {
        try {
          // The second question is asked on a session that is open.
          await rpc.script(name, utcNow, connectMs);
          const before = wall();
          const server = await rpc.script(name, utcNow, connectMs);
          const after = wall();
          if (typeof server !== "number") return null;
          return { server: name, aheadMs: Math.round(server - (before + after) / 2), uncertaintyMs: Math.ceil((after - before) / 2) + 1 };
        } catch (error) {
          // A server that does not answer has no clock that could be told.
          if (error instanceof Unreachable) return null;
          throw error;
        }
      }),
    );
    return clocks.filter((clock) => clock !== null);
  }

  async removeBehindTheProbe(key: string): Promise<void> {
    const { database, table } = this.#at;
    await this.#onFresh(async (session) => {
      const rows = countFrom(await session.script(countOfKey(database, table, key), patientMs));
      if (rows === 0) throw new StillwaterError("SW5001", `the control record ${key} is not there to be removed`, { object: key });
      await session.script(deleteKey(database, table, key), patientMs);
      const left = countFrom(await session.script(countOfKey(database, table, key), patientMs));
      if (left !== 0) throw new StillwaterError("SW5001", `the control record ${key} is still there after its removal`, { object: key });
    });
  }

  async durability(): Promise<string> {
    const { rpc } = this.#options;
    const leader = await rpc.leader();
    const [factor, sync] = [await rpc.call(leader, "getConfig", ["dfsReplicationFactor"]), await rpc.call(leader, "getConfig", ["dataSync"])];
    return `stored by every replica of the chunk that is online (dfsReplicationFactor ${String(Number(factor ?? 2))}); ${Number(sync ?? 0) === 1 ? "synced to disk (dataSync 1)" : "not synced to disk (dataSync 0)"}`;
  }

  async cleanUp(): Promise<void> {
    const { database, table, lanes } = this.#at;
    await this.#onFresh(async (session) => {
      if (lanes > 0) {
        if ((await session.call("existsDatabase", [database], patientMs)) === true) await session.call("dropDatabase", [database], patientMs);
      } else {
        // The operator's table keeps everybody else's rows.
        await session.script(deleteWriter(database, table, this.#rowsOf), patientMs);
      }
    });
  }

  async close(): Promise<void> {
    for (const writer of this.#writers.values()) writer.close();
    this.#writers.clear();
    await Promise.resolve();
  }

  /** Every record, and how many rows each partition has; on a fresh connection. A row that is there twice appears again under a key of its own. */
  async #read(): Promise<{ readonly records: ReadonlyMap<string, string>; readonly rows: ReadonlyMap<string, number> }> {
    const { database, table, lanes } = this.#at;
    return this.#onFresh(async (session) => {
      const records = new Map<string, string>();
      const counts = new Map<string, number>();
      for (const lane of lanes === 0 ? [null] : Array.from({ length: lanes }, (_, index) => index)) {
        const rows = { database, table, writer: lanes === 0 ? this.#rowsOf : null, lane };
        const [count, highest] = firstRow(await session.script(extentOf(rows), patientMs));
        const step = portion * Math.max(1, lanes);
        let read = 0;
        for (let from = 0; from <= highest; from += step)
          read += collect(records, await session.script(recordsBetween(rows, from, from + step - 1), patientMs));
        // Rows that were written in between are there in addition, never fewer.
        if (read < count)
          throw new Unreachable(`${String(read)} of ${String(count)} rows of ${lane === null ? table : this.#partition(lane)} were read`);
        counts.set(lane === null ? this.#whole : this.#partition(lane), read);
      }
      return { records, rows: counts };
    });
  }

  /** Through the first site that answers. What the server refuses is thrown as it is; Unreachable when no site answers. */
  async #onFresh<T>(act: (session: Session) => Promise<T>): Promise<T> {
    const { transport, credentials, sites } = this.#options;
    const silent: string[] = [];
    for (const address of sites) {
      let session: Session | null = null;
      try {
        session = await Session.open({ transport, address, server: `data node ${address}`, credentials, timeoutMs: connectMs });
        return await act(session);
      } catch (error) {
        if (!(error instanceof Unreachable) || (error instanceof ServerRefused && error.tag === null && error.refId !== "S00005")) throw error;
        silent.push(error.message);
      } finally {
        session?.close();
      }
    }
    throw new Unreachable("no data node of the route answers", { why: silent, remedy: "Check continuity.route of the cluster file." });
  }
}

/** Four partitions for each data node: that one of them has none of the chunks is next to impossible. */
const ownTable = ({ database, name, dataNodes }: DolphindbContinuityOptions): ProbeTable => ({
  database: `${database}_${name.toLowerCase()}`,
  table: "probe",
  lanes: Math.min(64, Math.max(8, 4 * dataNodes.length)),
});
function operatorsTable(path: string): ProbeTable {
  const match = /^(dfs:\/\/[^\s"]+)\/([^\s"/]+)$/.exec(path);
  if (match === null) throw new StillwaterError("SW5001", `${path} does not name a table`, { object: path, remedy: "Write dfs://DATABASE/TABLE." });
  return { database: match[1] ?? "", table: match[2] ?? "", lanes: 0 };
}

function tableOf(answer: Value): readonly (readonly Value[])[] {
  if (answer === null || typeof answer !== "object" || !("is" in answer) || answer.is !== "table")
    throw new Unreachable("a query did not answer with a table");
  return answer.data;
}
/** `n` and `hi` of the only row. `hi` is null where there is no row. */
function firstRow(answer: Value): readonly [count: number, highest: number] {
  const [counts, highest] = tableOf(answer);
  return [Number(counts?.[0] ?? 0), Number(highest?.[0] ?? -1)];
}
/** The first three, and how many more there are. */
const some = (list: readonly string[]): string =>
  [...list.slice(0, 3), ...(list.length > 3 ? [`and ${String(list.length - 3)} more`] : [])].join("; ");
const countFrom = (answer: Value): number => Number(tableOf(answer)[0]?.[0] ?? 0);

/** What is no text has none of the probe's checksums, and is found by that. */
const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** How many rows there were. */
function collect(records: Map<string, string>, answer: Value): number {
  const [keys = [], values = []] = tableOf(answer);
  for (const [index, key] of keys.entries()) {
    const base = textOf(key);
    let name = base;
    for (let count = 2; records.has(name); count++) name = `${base}#${String(count)}`;
    records.set(name, textOf(values[index]));
  }
  return keys.length;
}
