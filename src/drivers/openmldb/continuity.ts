// The continuity client: a table of its own, written and read through the operator's APIServers (facts 2.9), its replicas compared by their offsets.
import { setTimeout as pause } from "node:timers/promises";
import { byNumberedName } from "../../model/order.ts";
import type { ContinuityRoute } from "../../model/cluster.ts";
import type { Attempt, AttemptOutcome, ContinuityClient, ContinuityKind } from "../../model/continuity.ts";
import { Refused, StillwaterError, Unreachable } from "../../model/errors.ts";
import type { HttpClient } from "../../model/http.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import { partitionOfKey } from "./partition-hash.ts";
import { ProbeRoute, type SqlRow } from "./probe-route.ts";
import type { Rpc, TableInfo } from "./rpc.ts";

export interface OpenmldbContinuityOptions {
  readonly http: HttpClient;
  readonly rpc: Rpc;
  /** The way that writes and reads take: APIServers, or one address in front of them. */
  readonly route: ContinuityRoute;
  /** The probe's own. */
  readonly database: string;
  /** The table is `probe_NAME`; letters, digits and `_`, at most 40. */
  readonly name: string;
  /** How long a follower may take to have what its leader has. Default 10,000 ms. */
  readonly replicateWithinMs?: number;
}

/** Rows are read in so many portions: a tablet cuts an answer off at scan_max_bytes_size (2 MiB by the vendor's template). */
const portions = 16;
const pollMs = 100;

/** Error SW5001 for a route or a name that cannot be used. */
export class OpenmldbContinuity implements ContinuityClient {
  /** OpenMLDB has no compare-and-set: a second insert of a key is a second row. */
  readonly kinds: readonly ContinuityKind[] = ["insert", "delete"];
  readonly route: string;
  readonly #options: OpenmldbContinuityOptions;
  readonly #route: ProbeRoute;
  readonly #table: string;
  #partitions = 0;

  constructor(options: OpenmldbContinuityOptions) {
    this.#options = options;
    if (!/^[A-Za-z0-9_]{1,40}$/.test(options.name)) throw new StillwaterError("SW5001", `${options.name} cannot name the probe's table`);
    const servers = "hosts" in options.route ? options.route.hosts : [options.route.address];
    const wrong = servers.find((address) => !isHostPort(address));
    if (wrong !== undefined || servers.length === 0)
      throw new StillwaterError("SW5001", `the route has ${wrong ?? "no address"}, which is not HOST:PORT`, {
        object: wrong ?? "continuity.route",
        remedy: "Name the APIServers under continuity.route of the cluster file: only they take rows over HTTP.",
      });
    this.route = servers.join(", ");
    this.#route = new ProbeRoute(options.http, servers, options.database);
    this.#table = `probe_${options.name.toLowerCase()}`;
  }

  async partitions(): Promise<readonly string[]> {
    const table = await this.#info();
    if (table === null) throw new StillwaterError("SW5001", `the probe's table ${this.#table} is not there`, { object: this.#table });
    this.#partitions = table.table_partition.length;
    return table.table_partition.map(({ pid }) => this.#partitionName(pid)).toSorted(byNumberedName);
  }

  partitionOf(key: string): string {
    return this.#partitionName(this.#partitions === 0 ? 0 : partitionOfKey(key, this.#partitions));
  }
  #partitionName(pid: number): string {
    return `${this.#options.database}.${this.#table}/${String(pid)}`;
  }

  async prepare(): Promise<void> {
    const { rpc, database } = this.#options;
    const tables = await rpc.nameserver.showTables();
    const present = tables.find(({ db, name }) => db === database && name === this.#table) ?? null;
    if (present === null) {
      const tablets = (await rpc.nameserver.showTablet()).filter(({ state }) => state === "kHealthy").length;
      const users = tables.filter(({ db }) => db !== database);
      await this.#route.sql(`create database if not exists ${database}`);
      // The nameserver spreads leaders evenly; where one tablet is left out all the same, more partitions reach it.
      for (let partitions = Math.max(4, 2 * tablets); ; partitions *= 2) {
        await this.#route.sql(
          `create table ${this.#table} (probe_key string not null, probe_value string not null, portion int not null, written bigint not null, ` +
            `index(key=probe_key, ts=written)) options (partitionnum=${String(partitions)}, replicanum=${String(replicasLike(users, tablets))})`,
        );
        if (partitions >= 8 * Math.max(4, 2 * tablets) || (await this.#reachesAll(users))) break;
        await this.#route.sql(`drop table ${this.#table}`);
      }
    }
    await this.#route.refreshAll();
    this.#partitions = (await this.partitions()).length;
  }

  /** Every tablet that leads a partition of the users leads one of the probe's. */
  async #reachesAll(users: readonly TableInfo[]): Promise<boolean> {
    const own = await this.#info();
    const led = new Set(own === null ? [] : leadersOf([own]));
    return leadersOf(users).every((endpoint) => led.has(endpoint));
  }

  async attempt({ kind, key, value, sequence }: Attempt, signal: AbortSignal): Promise<AttemptOutcome> {
    switch (kind) {
      case "insert":
        return this.#route.attempt(
          { method: "PUT", path: `/tables/${this.#table}`, body: { value: [[key, value ?? "", sequence % portions, sequence]] } },
          signal,
        );
      case "delete":
        return this.#route.attempt(
          { method: "POST", path: "", body: { mode: "online", sql: `delete from ${this.#table} where probe_key = ${quoted(key)}` } },
          signal,
        );
      case "compare-and-set":
        return { is: "refused", why: "never sent: OpenMLDB has no compare-and-set" };
    }
  }

  /** Through an APIServer that has just read the leaders anew. */
  async readAuthoritative(): Promise<ReadonlyMap<string, string>> {
    return this.#route.onFresh(async (sql) => {
      const rows: SqlRow[] = [];
      for (let portion = 0; portion < portions; portion++)
        rows.push(...(await sql(`select probe_key, probe_value from ${this.#table} where portion = ${String(portion)}`)));
      return recordsOf(rows);
    });
  }

  /**
   * A follower cannot be read: clients are always sent to leaders, and the rows that a tablet itself hands out are in the vendor's binary form. So the
   * followers are compared by their offsets, and no record is claimed to have been read there. Throws Unreachable with what is behind or silent.
   */
  async readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const deadline = performance.now() + (this.#options.replicateWithinMs ?? 10_000);
    for (;;) {
      const behind = await this.#behind();
      if (behind.length === 0) return new Map();
      if (performance.now() >= deadline)
        throw new Unreachable(`followers do not have what their leaders have: ${behind.join(", ")}`, { why: behind });
      await pause(pollMs);
    }
  }

  async #behind(): Promise<readonly string[]> {
    const table = await this.#info();
    if (table === null) throw new Unreachable(`the probe's table ${this.#table} is not there`);
    const endpoints = new Set(table.table_partition.flatMap(({ partition_meta }) => partition_meta.map(({ endpoint }) => endpoint)));
    const statuses = new Map<string, number>();
    await Promise.all(
      [...endpoints].map(async (endpoint) => {
        for (const { tid, pid, offset } of await this.#options.rpc.tablet(endpoint).tableStatus())
          if (tid === table.tid) statuses.set(`${endpoint} ${String(pid)}`, offset);
      }),
    );
    return table.table_partition.flatMap(({ pid, partition_meta }) => {
      const leader = partition_meta.find(({ is_leader, is_alive }) => is_leader && is_alive);
      const offset = leader === undefined ? undefined : statuses.get(`${leader.endpoint} ${String(pid)}`);
      if (leader === undefined || offset === undefined) return [`${this.#partitionName(pid)} has no leader that answers`];
      return partition_meta.flatMap(({ endpoint }) => {
        if (endpoint === leader.endpoint) return [];
        const own = statuses.get(`${endpoint} ${String(pid)}`);
        if (own === offset) return [];
        return [`${this.#partitionName(pid)} on ${endpoint} ${own === undefined ? "is not loaded" : `is at ${String(own)} of ${String(offset)}`}`];
      });
    });
  }

  async removeBehindTheProbe(key: string): Promise<void> {
    const where = `where probe_key = ${quoted(key)}`;
    const found = await this.#route.onFresh((sql) => sql(`select probe_key, probe_value from ${this.#table} ${where}`));
    if (found.length !== 1) throw new StillwaterError("SW5001", `the control record ${key} is there ${String(found.length)} times`, { object: key });
    await this.#route.sql(`delete from ${this.#table} ${where}`);
  }

  async durability(): Promise<string> {
    const table = await this.#info();
    const followers = Math.max(0, ...(table?.table_partition ?? []).map(({ partition_meta }) => partition_meta.length - 1));
    const replication =
      followers === 0
        ? "no follower"
        : `asynchronous replication to ${String(followers)} ${followers === 1 ? "follower" : "followers"}, compared by offset`;
    return `acknowledged by the leader's tablet once it is in its log: ${replication}`;
  }

  async cleanUp(): Promise<void> {
    const { rpc, database } = this.#options;
    if (!(await rpc.nameserver.showDatabase()).includes(database)) return;
    if ((await this.#info()) !== null) await this.#route.sql(`drop table ${this.#table}`);
    if (!(await rpc.nameserver.showTables()).some(({ db }) => db === database)) await this.#route.sql(`drop database ${database}`);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #info(): Promise<TableInfo | null> {
    return this.#options.rpc.nameserver.showTable(this.#options.database, this.#table).catch((error: unknown) => {
      // An answer that there is no such database says that there is no such table.
      if (error instanceof Refused && /not (?:exist|found)/i.test(error.message)) return null;
      throw error;
    });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const leadersOf = (tables: readonly TableInfo[]): readonly string[] => [
  ...new Set(
    tables.flatMap(({ table_partition }) =>
      table_partition.flatMap(({ partition_meta }) =>
        partition_meta.filter(({ is_leader, is_alive }) => is_leader && is_alive).map(({ endpoint }) => endpoint),
      ),
    ),
  ),
];

/** As most tables of the users have it: the probe then feels what they feel. Without any table: the nameserver's default. */
function replicasLike(users: readonly TableInfo[], tablets: number): number {
  const counts = new Map<number, number>();
  for (const { replica_num, db } of users) if (!/^__|^INFORMATION_SCHEMA$/.test(db)) counts.set(replica_num, (counts.get(replica_num) ?? 0) + 1);
  const most = [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 3;
  return Math.max(1, Math.min(most, tablets));
}

/** A row that is there twice appears again under a key of its own. */
function recordsOf(rows: readonly SqlRow[]): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (const [key, value] of rows) {
    let name = String(key);
    for (let count = 2; records.has(name); count++) name = `${String(key)}#${String(count)}`;
    records.set(name, String(value));
  }
  return records;
}
