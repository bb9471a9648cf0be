// A cluster that knows only what the probe asks, with every fault that its verdict must see. Talks in bytes.
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Rpc, Table, Value } from "../rpc.ts";
import { decodeObject } from "../wire/decode.ts";
import { encodeObject, type Argument } from "../wire/encode.ts";
import { ServerRefused } from "../wire/errors.ts";
import type { Connection, Transport } from "../wire/transport.ts";

export interface StoredRow {
  readonly seq: number;
  readonly attempt: number;
  readonly lane: number;
  readonly writer: string;
  readonly key: string;
  readonly value: string;
}
/** What becomes of one appended row. */
export type AppendFault =
  /** An answer without an error, and nothing stored. */
  | { readonly is: "skips" }
  /** Acknowledged, and forgotten by every replica. */
  | { readonly is: "forgets" }
  /** Acknowledged, and not stored by that data node. */
  | { readonly is: "forgets on"; readonly alias: string }
  | { readonly is: "stores twice" }
  | { readonly is: "damages" }
  /** The connection ends; stored before that, or not. */
  | { readonly is: "cuts"; readonly stored: boolean }
  | { readonly is: "never answers"; readonly stored: boolean }
  | { readonly is: "answers"; readonly line: string };
export interface Append {
  readonly site: string;
  readonly row: StoredRow;
  /** How many rows were appended before, by anybody. */
  readonly count: number;
}

const lanePlacement = (lane: number, aliases: readonly string[]): readonly string[] =>
  [0, 1].map((replica) => aliases[(lane + replica) % aliases.length] ?? "");

export class FakeProbeCluster implements Transport {
  /** HOST:PORT to alias. */
  readonly sites: ReadonlyMap<string, string>;
  /** Consulted for each row. */
  fault: (append: Append) => AppendFault | null = () => null;
  /** What a new connection is answered with; null: welcome. */
  welcome: (site: string) => "not listening" | "not initialized" | "wrong password" | null = () => null;
  /** Of getClusterPerf. */
  readonly connectionNum = new Map<string, number>();
  leaderless = false;
  clockAheadMs = 0;
  /** The operator's table: columns of its own in place of the probe's. */
  columns: readonly (readonly [name: string, type: string])[] | null = null;
  /** Versions that differ from the controller's: `alias/lane`. */
  readonly behind = new Set<string>();
  /** Copies that are on a node and not in the controller's map. */
  readonly stale: { readonly alias: string; readonly lane: number; readonly version: number; readonly rows: number }[] = [];
  readonly states = new Map<number, string>();
  /** Rows that each data node has only in its cache until it is told to write them out. */
  uncounted = 0;
  readonly scripts: string[] = [];
  readonly opened: string[] = [];
  /** Milliseconds since 1970. */
  now: () => number = Date.now;
  readonly #rows = new Map<string, StoredRow[]>();
  readonly #connections = new Set<FakeConnection>();
  #database: string | null = null;
  #appends = 0;

  constructor(sites: readonly string[] = ["10.0.0.1:8902", "10.0.0.2:8902", "10.0.0.3:8902"]) {
    this.sites = new Map(sites.map((site, index) => [site, `dn${String(index + 1)}`]));
    for (const alias of this.sites.values()) this.#rows.set(alias, []);
  }
  get aliases(): readonly string[] {
    return [...this.sites.values()];
  }
  get exists(): boolean {
    return this.#database !== null;
  }
  get appends(): number {
    return this.#appends;
  }
  rowsOn(alias: string): StoredRow[] {
    return this.#rows.get(alias) ?? [];
  }
  /** What a query sees: of each lane, the rows of its first replica. */
  get visible(): readonly StoredRow[] {
    return this.aliases.flatMap((alias) => this.rowsOn(alias).filter(({ lane }) => lanePlacement(lane, this.aliases)[0] === alias));
  }
  /** As when a process ends. */
  cut(site: string): void {
    for (const connection of this.#connections) if (connection.site === site) connection.close();
  }

  open(address: string, timeoutMs: number): Promise<Connection> {
    const said = this.welcome(address);
    if (said === "not listening") return Promise.reject(new Refused(`${address} cannot be reached: connect ECONNREFUSED`, { object: address }));
    if (!this.sites.has(address)) return Promise.reject(new Refused(`${address} did not take a connection within ${String(timeoutMs)} ms`));
    this.opened.push(address);
    const connection = new FakeConnection(address, (message) => this.#answer(address, message));
    this.#connections.add(connection);
    return Promise.resolve(connection);
  }

  async #answer(site: string, message: Uint8Array): Promise<Uint8Array | null> {
    const bytes = Buffer.from(message);
    const end = bytes.indexOf(10);
    const length = Number(/^API2 \S+ (\d+) /.exec(bytes.toString("latin1", 0, end))?.[1]);
    const [command = "", name = ""] = bytes.toString("utf8", end + 1, end + 1 + length).split("\n");
    const rest = bytes.subarray(end + 1 + length);
    try {
      if (command === "connect") {
        if (this.welcome(site) === "wrong password") throw new ServerError("The user name or password is incorrect.");
        return ok(true);
      }
      if (command === "script") return ok(this.#script(bytes.toString("utf8", end + 1 + "script\n".length, end + 1 + length)));
      if (name.startsWith("tableInsert{")) return await this.#append(site, decodeObject(rest));
      return ok(this.#function(site, name));
    } catch (error) {
      if (error instanceof ServerError) return Buffer.from(`1 0 1\n${error.message}\n`);
      throw error;
    }
  }

  #function(site: string, name: string): Argument {
    switch (name) {
      case "isNodeInitialized":
        return this.welcome(site) !== "not initialized";
      case "existsDatabase":
      case "existsTable":
        return this.#database !== null;
      case "dropDatabase":
        this.#database = null;
        for (const rows of this.#rows.values()) rows.length = 0;
        return null;
      default:
        throw new ServerError(`Cannot recognize the token ${name}. RefId: S00015`);
    }
  }

  #script(text: string): Argument {
    this.scripts.push(text);
    if (text === "rpc(getControllerAlias(), getClusterPerf)") return this.#perf();
    if (text.startsWith("db = database(")) {
      this.#database = /directory="([^"]+)"/.exec(text)?.[1] ?? null;
      return null;
    }
    if (text.startsWith("schema(")) {
      const columns = this.columns ?? [];
      return table([
        ["name", columns.map(([name]) => name)],
        ["typeString", columns.map(([, type]) => type)],
      ]);
    }
    if (this.#database === null && this.columns === null) throw new ServerError("The table does not exist. RefId: S01044");
    const key = /recordKey = "([^"]+)"$/.exec(text)?.[1];
    const writer = /^delete from \S+ \S+ where writer = "([^"]+)"$/.exec(text)?.[1];
    if (text.startsWith("delete from ")) {
      for (const [alias, rows] of this.#rows)
        this.#rows.set(
          alias,
          rows.filter((row) => (key === undefined ? row.writer !== writer : row.key !== key)),
        );
      return null;
    }
    const ofWriter = /writer = "([^"]+)"/.exec(text)?.[1];
    const lane = /lane = (\d+)/.exec(text)?.[1];
    const [from, to] = [/seq >= (\d+)/.exec(text)?.[1], /seq <= (\d+)/.exec(text)?.[1]];
    const rows = this.visible.filter(
      (row) =>
        (lane === undefined || row.lane === Number(lane)) &&
        (text.startsWith("delete") || ofWriter === undefined || row.writer === ofWriter) &&
        (key === undefined || row.key === key) &&
        row.seq >= Number(from ?? 0) &&
        row.seq <= Number(to ?? Infinity),
    );
    if (text.startsWith("select count(*) as n, max(seq)")) {
      const highest = rows.length === 0 ? null : Math.max(...rows.map(({ seq }) => seq));
      return table([
        ["n", [rows.length]],
        ["hi", [highest]],
      ]);
    }
    if (text.startsWith("select count(*) as n")) return table([["n", [rows.length]]]);
    if (text.startsWith("select recordKey, recordValue"))
      return table([
        ["recordKey", rows.map((row) => row.key)],
        ["recordValue", rows.map((row) => row.value)],
      ]);
    throw new ServerError(`Syntax Error: ${text}`);
  }

  async #append(site: string, argument: Value): Promise<Uint8Array | null> {
    const rows = rowsIn(argument);
    if (rows.length === 0) throw new ServerError("an empty table");
    if (this.#database === null && this.columns === null) throw new ServerError("The table does not exist. RefId: S01044");
    // Rows that are appended together share what becomes of their request; what becomes of a row is its own.
    const faults = rows.map((row) => this.fault({ site, row, count: this.#appends++ }));
    const store = (row: StoredRow, except: string | null = null): void => {
      for (const alias of lanePlacement(row.lane, this.aliases)) if (alias !== except) this.rowsOn(alias).push(row);
    };
    const whole = faults.find((fault) => fault !== null && ["skips", "cuts", "never answers", "answers"].includes(fault.is));
    if (whole?.is === "skips") return ok(0);
    if (whole?.is === "answers") throw new ServerError(whole.line);
    if (whole?.is === "cuts" || whole?.is === "never answers") {
      if (whole.stored) for (const row of rows) store(row);
      return whole.is === "cuts" ? null : await new Promise(() => undefined);
    }
    for (const [index, row] of rows.entries()) {
      const fault = faults[index];
      if (fault?.is === "forgets") continue;
      store(fault?.is === "damages" ? { ...row, value: `${row.value}?` } : row, fault?.is === "forgets on" ? fault.alias : null);
      if (fault?.is === "stores twice") store(row);
    }
    return ok(rows.length);
  }

  #perf(): Argument {
    if (this.leaderless) throw new ServerError("<ControllerNotAvail>the controller is not available");
    const sites = [...this.sites];
    return table([
      ["host", ["10.0.0.1", ...sites.map(([site]) => site.split(":")[0] ?? "")]],
      ["port", [8900, ...sites.map(([site]) => Number(site.split(":")[1]))]],
      ["mode", [2, ...sites.map(() => 0)]],
      ["state", [1, ...sites.map(() => 1)]],
      ["connectionNum", [0, ...sites.map(([, alias]) => this.connectionNum.get(alias) ?? 0)]],
      ["workerNum", [4, ...sites.map(() => 4)]],
      ["executorNum", [0, ...sites.map(() => 0)]],
    ]);
  }

  /** What the driver's own questions are answered with; `names`: node to alias. */
  rpc(names: ReadonlyMap<string, string>): Rpc {
    const down = (alias: string): boolean => [...this.sites].some(([site, each]) => each === alias && this.welcome(site) === "not listening");
    return {
      leader: () => (this.leaderless ? Promise.reject(new Unreachable("no controller leads the cluster now")) : Promise.resolve("c1")),
      call: (node, name) => {
        const alias = names.get(node);
        if (name === "getConfig") return Promise.resolve("2");
        if (alias === undefined || down(alias)) return Promise.reject(new Refused(`${node} cannot be reached`));
        if (name === "flushTSDBCache") {
          this.uncounted = 0;
          return Promise.resolve(null);
        }
        if (name === "getTabletsMeta") return Promise.resolve(this.#tablets(alias));
        return Promise.reject(new ServerRefused(node, name, `Cannot recognize the token ${name}. RefId: S00015`));
      },
      script: (node, text) => {
        const alias = names.get(node);
        if (text === "gmtime(now())")
          return alias !== undefined && down(alias)
            ? Promise.reject(new Refused(`${node} cannot be reached`))
            : Promise.resolve(this.now() + this.clockAheadMs);
        return Promise.resolve(this.#chunks());
      },
      effect: () => Promise.reject(new StillwaterError("SW9999", "the probe has no effects on hosts")),
      close: () => Promise.resolve(),
    };
  }
  get #lanes(): readonly number[] {
    return [...new Set([...this.#rows.values()].flat().map(({ lane }) => lane))];
  }
  #tablets(alias: string): Table {
    const lanes = this.#lanes.filter((lane) => lanePlacement(lane, this.aliases).includes(alias));
    const stale = this.stale.filter((each) => each.alias === alias);
    const rowsOf = (lane: number): number => this.rowsOn(alias).filter((row) => row.lane === lane).length - this.uncounted;
    return decoded([
      ["chunkId", [...lanes, ...stale.map(({ lane }) => lane)].map((lane) => `chunk-${String(lane)}`)],
      ["version", [...lanes.map((lane) => (this.behind.has(`${alias}/${String(lane)}`) ? 6 : 7)), ...stale.map(({ version }) => version)]],
      ["rowNum", [...lanes.map(rowsOf), ...stale.map(({ rows }) => rows)]],
    ]);
  }
  #chunks(): Table {
    const lanes = this.#lanes;
    const root = (this.#database ?? "dfs://db").slice("dfs:/".length);
    return decoded([
      ["chunkId", ["domain", ...lanes.map((lane) => `chunk-${String(lane)}`)]],
      ["file", [`${root}/domain`, ...lanes.map((lane) => `${root}/${String(lane)}/a`)]],
      ["version", [1, ...lanes.map(() => 7)]],
      ["state", ["COMPLETE", ...lanes.map((lane) => this.states.get(lane) ?? "COMPLETE")]],
      [
        "replicas",
        [
          "dn1:1:0,dn2:1:0",
          ...lanes.map((lane) =>
            lanePlacement(lane, this.aliases)
              .map((alias) => `${alias}:7:0`)
              .join(","),
          ),
        ],
      ],
      ["replicaCount", [2, ...lanes.map(() => 2)]],
    ]);
  }
}

class ServerError extends Error {}

class FakeConnection implements Connection {
  readonly site: string;
  readonly #answer: (message: Uint8Array) => Promise<Uint8Array | null>;
  #end: (error: Unreachable) => void = () => undefined;
  closed = false;

  constructor(site: string, answer: (message: Uint8Array) => Promise<Uint8Array | null>) {
    this.site = site;
    this.#answer = answer;
  }
  async request(message: Uint8Array): Promise<Uint8Array> {
    if (this.closed) throw new Refused(`the connection to ${this.site} is closed`);
    const ended = new Promise<never>((_, reject) => {
      this.#end = reject;
    });
    const answer = await Promise.race([this.#answer(message), ended]);
    if (answer !== null) return answer;
    this.closed = true;
    throw new Unreachable(`${this.site} closed the connection before its answer`);
  }
  close(): void {
    this.closed = true;
    this.#end(new Unreachable(`${this.site} closed the connection before its answer`));
  }
}

const ok = (value: Argument): Uint8Array => Buffer.concat([Buffer.from("1 1 1\nOK\n"), encodeObject(value)]);
type Columns = readonly (readonly [name: string, items: readonly (string | number | null)[]])[];
const table = (columns: Columns): Argument => ({
  is: "typed table",
  columns: columns.map(([name, items]) => ({ name, type: items.some((item) => typeof item === "string") ? "string" : "long", items })),
});
const decoded = (columns: Columns): Table => ({ is: "table", columns: columns.map(([name]) => name), data: columns.map(([, items]) => items) });

function rowsIn(argument: Value): readonly StoredRow[] {
  if (argument === null || typeof argument !== "object" || !("is" in argument) || argument.is !== "table") return [];
  const { columns, data } = argument;
  const column = (name: string): readonly Value[] => data[columns.findIndex((each) => each.toLowerCase() === name.toLowerCase())] ?? [];
  const text = (name: string, index: number): string => {
    const value = column(name)[index];
    return typeof value === "string" ? value : "";
  };
  return column("seq").map((seq, index) => ({
    seq: Number(seq),
    attempt: Number(column("attempt")[index] ?? 1),
    lane: Number(column("lane")[index] ?? 0),
    writer: text("writer", index),
    key: text("recordKey", index),
    value: text("recordValue", index),
  }));
}
