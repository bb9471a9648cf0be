// The continuity client: a table of its own, written through the operator's route, read on the primary and on every standby.
import { setTimeout as pause } from "node:timers/promises";
import { Client, escapeIdentifier, type ClientConfig } from "pg";
import { continuityKinds, type Attempt, type AttemptOutcome, type ContinuityClient, type ContinuityKind } from "../../model/continuity.ts";
import type { ContinuityDefinition } from "../../model/cluster.ts";
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import { compareLsn } from "./lsn.ts";
import { endpointOf } from "./options.ts";
import { WritablePool } from "./probe-pool.ts";
import { endpointText, type Endpoint, type Statement } from "./probe-session.ts";

export interface ProbeNode extends Endpoint {
  readonly name: string;
}
export interface PostgresContinuityOptions {
  /** Every node: where the replicas are read. */
  readonly nodes: readonly ProbeNode[];
  /** The way that writes and the authoritative read take. Null: all nodes. */
  readonly route: ContinuityDefinition["route"];
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
  readonly tls?: "off" | "require" | "verify";
  /** The table is `stillwater_probe_NAME`; letters, digits and `_`, at most 40. */
  readonly name: string;
  /** How long a standby may take to replay what the primary has. Default 10,000 ms. */
  readonly replayWithinMs?: number;
}

/** Writes have one leader here, so one partition. */
export const partition = "primary";

const connectMs = 1000;
/** For reads of everything and for tables that are made. */
const patientMs = 30_000;
const defaultPort = 5432;

function endpointNamed(text: string): Endpoint {
  const endpoint = endpointOf(text) ?? endpointOf(`${text}:${String(defaultPort)}`);
  if (endpoint === null) throw new StillwaterError("SW5001", `the route has ${text}, which is not HOST:PORT`, { object: text });
  return endpoint;
}

/** Error SW5001 for a route or a name that cannot be used. */
export class PostgresContinuity implements ContinuityClient {
  readonly kinds: readonly ContinuityKind[] = continuityKinds;
  readonly route: string;
  readonly #options: PostgresContinuityOptions;
  readonly #endpoints: readonly Endpoint[];
  readonly #config: ClientConfig;
  readonly #pool: WritablePool;
  readonly #table: string;
  readonly #statements: Readonly<Record<ContinuityKind, Statement>>;

  constructor(options: PostgresContinuityOptions) {
    this.#options = options;
    if (!/^[A-Za-z0-9_]{1,40}$/.test(options.name)) throw new StillwaterError("SW5001", `${options.name} cannot name the probe's table`);
    const { route } = options;
    this.#endpoints = route === null ? options.nodes : ("hosts" in route ? route.hosts : [route.address]).map(endpointNamed);
    this.route = this.#endpoints.map(endpointText).join(", ");
    const tls = options.tls ?? "off";
    this.#config = {
      user: options.user,
      database: options.database,
      ...(options.password === null ? {} : { password: options.password }),
      ssl: tls === "off" ? false : { rejectUnauthorized: tls === "verify" },
      application_name: "stillwater probe",
      connectionTimeoutMillis: connectMs,
    };
    this.#pool = new WritablePool({ endpoints: this.#endpoints, behindOneAddress: route !== null && "address" in route, config: this.#config });
    this.#table = escapeIdentifier(`stillwater_probe_${options.name.toLowerCase()}`);
    this.#statements = {
      insert: { name: "probe_insert", text: `insert into ${this.#table} (key, value) values ($1, $2)` },
      "compare-and-set": { name: "probe_update", text: `update ${this.#table} set value = $2 where key = $1 and value = $3` },
      delete: { name: "probe_delete", text: `delete from ${this.#table} where key = $1 and value = $2` },
    };
  }

  async partitions(): Promise<readonly string[]> {
    return await Promise.resolve([partition]);
  }

  async prepare(): Promise<void> {
    await this.#onPrimary(async (client) => {
      // A plain "if not exists" takes a lock and writes a notice each time.
      const there = await client.query("select to_regclass($1) is not null as there", [this.#table]);
      if ((there.rows[0] as { readonly there: boolean } | undefined)?.there === true) return;
      await client.query(`create table if not exists ${this.#table} (key text primary key, value text not null)`);
    });
  }

  async attempt(attempt: Attempt, signal: AbortSignal): Promise<AttemptOutcome> {
    const session = await this.#pool.acquire(signal);
    if (session === null)
      return {
        is: "refused",
        why: `never sent: ${this.#pool.primary === null ? `no node accepts writes (${this.#pool.findings})` : "all connections wait for answers"}`,
      };
    if (signal.aborted) {
      this.#pool.release(session);
      return { is: "refused", why: "never sent: its time was over" };
    }
    const stop = (): void => session.destroy("no answer in time");
    signal.addEventListener("abort", stop, { once: true });
    const answer = await session.run(this.#statements[attempt.kind], valuesOf(attempt));
    signal.removeEventListener("abort", stop);
    switch (answer.is) {
      case "done":
        this.#pool.release(session);
        if (answer.count !== 1) return { is: "refused", why: "the record is not as expected" };
        return answer.warning === null ? { is: "acknowledged" } : { is: "unknown", why: `committed on the primary only: ${answer.warning}` };
      case "error":
        if (answer.code === "25006") this.#pool.notWritable(session.endpoint);
        else this.#pool.release(session);
        return { is: "refused", why: `${answer.code} ${answer.message}` };
      case "broken":
        if (signal.aborted) this.#pool.doubt();
        return { is: "unknown", why: answer.why };
    }
  }

  async readAuthoritative(): Promise<ReadonlyMap<string, string>> {
    return await this.#onPrimary(async (client) => await this.#records(client));
  }

  async readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const position = await this.#onPrimary(async (client) => await one(client, "select pg_current_wal_lsn()::text"));
    return await this.#readStandbys(async (client) => await this.#replays(client, position));
  }

  async readLaggingReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    return await this.#readStandbys(async () => await Promise.resolve(true));
  }

  /** The records of every standby that is `ready`; one that cannot be read is absent, which is what the caller names. */
  async #readStandbys(ready: (client: Client) => Promise<boolean>): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const read = await Promise.all(
      this.#options.nodes.map(async (node) => {
        try {
          return await this.#connected(node, async (client) => {
            if ((await one(client, "select pg_is_in_recovery()::text")) !== "true" || !(await ready(client))) return null;
            return [node.name, await this.#records(client)] as const;
          });
        } catch (error) {
          if (error instanceof Error) return null;
          throw error;
        }
      }),
    );
    return new Map(read.filter((each) => each !== null));
  }

  /** False: not as far as the position in time. */
  async #replays(client: Client, position: string): Promise<boolean> {
    const deadline = performance.now() + (this.#options.replayWithinMs ?? 10_000);
    for (;;) {
      const replayed = await one(client, "select coalesce(pg_last_wal_replay_lsn()::text, '0/0')");
      if (compareLsn(replayed, position) >= 0) return true;
      if (performance.now() >= deadline) return false;
      await pause(20);
    }
  }

  /** Every node but the one that accepts writes. */
  async replicas(): Promise<readonly string[]> {
    const writable = await Promise.allSettled(
      this.#options.nodes.map(async (node) => await this.#connected(node, async (client) => await acceptsWrites(client))),
    );
    return this.#options.nodes
      .filter((_, index) => {
        const found = writable[index];
        return found === undefined || found.status === "rejected" || !found.value;
      })
      .map(({ name }) => name);
  }

  async removeBehindTheProbe(key: string): Promise<void> {
    await this.#onPrimary(async (client) => {
      const { rowCount } = await client.query(`delete from ${this.#table} where key = $1`, [key]);
      if (rowCount !== 1) throw new StillwaterError("SW5001", `the control record ${key} is not there to be removed`, { object: key });
    });
  }

  async durability(): Promise<string> {
    return await this.#onPrimary(async (client) => {
      const names = await one(client, "show synchronous_standby_names");
      const commit = await one(client, "show synchronous_commit");
      const count = await one(client, "select count(*)::text from pg_stat_replication where sync_state in ('sync', 'quorum')");
      if (commit === "off") return "asynchronous, also to the primary's own disk (synchronous_commit = off)";
      if (names === "" || commit === "local") return "asynchronous";
      return `synchronous: ${count} ${count === "1" ? "standby" : "standbys"} now (${names}; synchronous_commit = ${commit})`;
    });
  }

  async cleanUp(): Promise<void> {
    await this.#onPrimary(async (client) => {
      await client.query(`drop table if exists ${this.#table}`);
    });
  }

  async close(): Promise<void> {
    this.#pool.close();
    await Promise.resolve();
  }

  async #records(client: Client): Promise<ReadonlyMap<string, string>> {
    const { rows } = await client.query<[string, string]>({ text: `select key, value from ${this.#table}`, rowMode: "array" });
    return new Map(rows);
  }

  /** On a fresh connection. Throws what the server or the network says. */
  async #connected<T>(endpoint: Endpoint, act: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ ...this.#config, host: endpoint.host, port: endpoint.port, connectionTimeoutMillis: 5000, query_timeout: patientMs });
    let lost: Error | null = null;
    client.on("error", (error) => {
      lost = error;
    });
    try {
      await client.connect();
      return await act(client);
    } finally {
      // A connection that is gone has nothing left to end.
      if (lost === null) await client.end().catch(() => undefined);
    }
  }

  /** On a fresh connection to the one host of the route that accepts writes. Error SW6001 when there is none, or more than one. */
  async #onPrimary<T>(act: (client: Client) => Promise<T>): Promise<T> {
    const seen: string[] = [];
    const found = await Promise.all(
      this.#endpoints.map(async (endpoint) => {
        try {
          const writable = await this.#connected(endpoint, async (client) => await acceptsWrites(client));
          seen.push(`${endpointText(endpoint)} ${writable ? "accepts writes" : "is read-only"}`);
          return writable;
        } catch (error) {
          seen.push(`${endpointText(endpoint)}: ${error instanceof Error ? error.message : String(error)}`);
          return false;
        }
      }),
    );
    const writable = this.#endpoints.filter((_, index) => found[index]);
    const [endpoint] = writable;
    if (endpoint === undefined) throw new Unreachable("no host of the route accepts writes", { why: seen });
    if (writable.length > 1) throw new Unreachable(`${String(writable.length)} hosts of the route accept writes`, { why: seen });
    return await this.#connected(endpoint, act);
  }
}

function valuesOf({ kind, key, value, expected }: Attempt): readonly string[] {
  switch (kind) {
    case "insert":
      return [key, value ?? ""];
    case "compare-and-set":
      return [key, value ?? "", expected ?? ""];
    case "delete":
      return [key, expected ?? ""];
  }
}

/** The one value of the one row. */
async function one(client: Client, text: string): Promise<string> {
  const { rows } = await client.query<[string]>({ text, rowMode: "array" });
  const value = rows[0]?.[0];
  if (value === undefined) throw new Unreachable(`no row for: ${text}`);
  return value;
}

/** As libpq's target_session_attrs=read-write sees it: neither in recovery nor read-only by default. */
const acceptsWrites = async (client: Client): Promise<boolean> => (await one(client, "show transaction_read_only")) === "off";
