import { Lifetime } from "../../../kit/lifetime.ts";
import { NoReply, type Listener, type Reply, type Request } from "../../../kit/network.ts";
import type { Component, RunningNode, Surroundings } from "../node.ts";
import { RpcFailure } from "../brpc.ts";
import type { Caller } from "../sdk/rpc.ts";
import { NoTabletLeads, Sdk, TabletRefused } from "../sdk/sdk.ts";
import { authorizationOf } from "./authorization.ts";
import { Executor } from "./execute.ts";
import { rowOf } from "./rows.ts";
import { statementOf } from "./statement.ts";
import { SqlError } from "./tokens.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const SESSION_TIMEOUT_MS = 2_000;

/**
 * The APIServer (facts 2.9): an SDK behind REST. It needs a nameserver that leads and a tablet to start, registers nothing, wants no Authorization
 * header, and answers HTTP 200 with `code` and `msg` whatever happens. `code` of an insert that was not acknowledged: the tablet's own, when it has
 * refused the row; -1 otherwise, and the row may be there.
 */
export class ApiServer implements RunningNode {
  readonly #component: Component;
  readonly #surroundings: Surroundings;
  readonly #life: Lifetime;
  readonly #sdk: Sdk;
  readonly #executor: Executor;
  #listener: Listener | null = null;

  constructor(component: Component, surroundings: Surroundings) {
    this.#component = component;
    this.#surroundings = surroundings;
    this.#life = new Lifetime(surroundings);
    const { flags, endpoint, durations } = component;
    const { network, clock, zookeeper } = this.#life;
    const timeoutMs = Number(flags["request_timeout_ms"] ?? REQUEST_TIMEOUT_MS);
    const caller: Caller = { network, from: endpoint, authorization: authorizationOf(flags), timeoutMs };
    const rootPath = flags["zk_root_path"] ?? "/openmldb";
    this.#sdk = new Sdk({
      caller,
      clock,
      zookeeper,
      rootPath,
      sessionTimeoutMs: Number(flags["zk_session_timeout"] ?? SESSION_TIMEOUT_MS),
      catalogRefreshMs: durations.catalogRefresh,
      log: (line) => {
        surroundings.log("WARNING", line);
      },
    });
    this.#executor = new Executor(this.#sdk, caller, clock, rootPath);
  }

  async start(): Promise<void> {
    const { endpoint } = this.#component;
    try {
      await this.#sdk.connect();
      const { code, msg, tablets = [] } = await this.#sdk.nameserver.call<ShowTabletAnswer>("ShowTablet", {});
      if (code !== 0) throw new Error(msg ?? `code ${code}`);
      if (!tablets.some(({ state }) => state === "kHealthy")) throw new Error("no tablet");
    } catch (error) {
      this.#exit(`Fail to connect to db: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    try {
      this.#listener = await this.#life.network.listen(endpoint, (request) => this.#serve(request));
    } catch (error) {
      this.#exit(`Fail to start server: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#surroundings.log("INFO", `start apiserver on endpoint ${endpoint} with version ${this.#component.release}`);
  }

  kill(): void {
    this.#life.end();
    this.#listener?.close();
  }

  #exit(why: string): void {
    this.#surroundings.log("ERROR", why);
    this.#life.end();
    this.#surroundings.exit(1, why);
  }

  async #serve({ method, path, body }: Request): Promise<Reply> {
    const [where = ""] = path.split("?");
    if (where === "/health") return text("OK");
    if (where === "/version") return text(this.#component.release);
    if (where === "/status") return text(`version: ${this.#component.release}\n`);
    try {
      const answer = await this.#route(method, where.split("/").slice(1).map(decodeURIComponent), body);
      if (answer !== null) return json({ code: 0, msg: "ok", ...answer });
      return json({ code: -1, msg: "Invalid path" });
    } catch (error) {
      return json(failure(error));
    }
  }

  /** What the answer holds beside code and msg; null: there is no such path. */
  async #route(method: string, parts: readonly string[], body: string): Promise<object | null> {
    if (method === "POST" && parts.length === 1 && parts[0] === "refresh") {
      await this.#sdk.refresh();
      return {};
    }
    const [root, db, tables, table, ...more] = parts;
    if (root !== "dbs" || more.length > 0 || (tables !== undefined && tables !== "tables")) return null;
    if (method === "GET") return await this.#get(db, tables, table);
    if (method === "PUT" && db !== undefined && table !== undefined) return await this.#put(db, table, body);
    if (method === "POST" && db !== undefined && tables === undefined) return await this.#query(db, body);
    return null;
  }

  async #get(db: string | undefined, tables: string | undefined, table: string | undefined): Promise<object | null> {
    if (db === undefined || db === "") return { dbs: await this.#executor.databases() };
    if (tables === undefined) return null;
    if (table !== undefined) return { table: this.#executor.table(db, table).info };
    return { tables: this.#sdk.catalog.of(db).map(({ info }) => info) };
  }

  async #put(db: string, name: string, body: string): Promise<object> {
    const value = field(parsed(body), "value");
    const [row, ...more] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (!Array.isArray(row) || more.length > 0) throw new SqlError("Invalid value in body, only support to put one row");
    const table = this.#executor.table(db, name);
    await this.#executor.put(table, rowOf(table, null, row));
    return {};
  }

  async #query(db: string, body: string): Promise<object> {
    const request = parsed(body);
    const sql = field(request, "sql");
    const mode = field(request, "mode");
    if (typeof sql !== "string" || sql === "" || typeof mode !== "string") throw new SqlError("Invalid query: mode and sql are needed");
    if (mode !== "online") throw new SqlError(`Invalid mode: the lab knows online, not ${mode}`);
    const result = await this.#executor.run(db, statementOf(sql));
    return result === null ? {} : { data: { schema: result.schema, data: result.data } };
  }
}

interface ShowTabletAnswer {
  readonly code: number;
  readonly msg?: string;
  readonly tablets?: readonly { readonly endpoint: string; readonly state: string }[];
}

const text = (body: string): Reply => ({ status: 200, headers: { "content-type": "text/plain" }, body });
const json = (body: object): Reply => ({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SqlError("Json parse failed");
  }
}
const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

function failure(error: unknown): { readonly code: number; readonly msg: string } {
  if (error instanceof TabletRefused) return { code: error.code, msg: `fail: ${error.message}` };
  if (error instanceof NoTabletLeads) return { code: -1, msg: `fail to get tablet client: ${error.message}` };
  if (error instanceof NoReply || error instanceof RpcFailure) return { code: -1, msg: `rpc error: ${error.message}` };
  return { code: -1, msg: error instanceof Error ? error.message : String(error) };
}
