// Plays expected exchanges against a cluster (in memory, processes, or a real one) and tells what differs.
import { readFile } from "node:fs/promises";
import { NoReply, type Reply, type Request } from "../../kit/network.ts";
import { isCommand, type CommandExchange, type Exchange, type ExchangeFile, type HttpExchange, type Party } from "./exchange.ts";
import { differences, fill, pointed } from "./match.ts";
import { tableDifferences } from "./printed-table.ts";

/** The cluster that is asked. It must be fresh (no user table), with two nameservers or more where exchanges with a standby shall be played. */
export interface Scene {
  /** Throws NoReply. A kit Network bound to a caller's endpoint will do. */
  call(endpoint: string, request: Request): Promise<Reply>;
  /** The `openmldb` command; null: the cluster has none. */
  readonly command: ((argv: readonly string[]) => Promise<{ readonly code: number; readonly stdout: string }>) | null;
  /** Virtual or real milliseconds. */
  sleep(ms: number): Promise<void>;
  readonly nameservers: readonly string[];
  readonly tablets: readonly string[];
  readonly apiservers: readonly string[];
  readonly zkCluster: string;
  readonly zkRootPath: string;
  /** Version that every component says it has. */
  readonly release: string;
  /** Value of the header that authenticates. */
  readonly authorization: string;
}
export interface Difference {
  readonly exchange: string;
  readonly fact: string;
  readonly wrong: readonly string[];
}
export interface Played {
  readonly played: number;
  readonly differences: readonly Difference[];
  /** What the cluster did not have what they need for. */
  readonly leftOut: readonly string[];
}

export const exchangeFiles = ["conventions", "nameserver", "tablet", "apiserver", "leader-change", "replicas", "command"] as const;
export type ExchangeFileName = (typeof exchangeFiles)[number];
export async function exchangesOf(name: ExchangeFileName): Promise<ExchangeFile> {
  return JSON.parse(await readFile(new URL(`${name}.json`, import.meta.url), "utf8")) as ExchangeFile;
}

const RETRY_MS = 200;

/** Plays the files in order on one cluster: later exchanges build on earlier ones. */
export async function playExchanges(scene: Scene, files: readonly ExchangeFile[]): Promise<Played> {
  const player = new Player(scene);
  for (const file of files) for (const exchange of file.exchanges) await player.play(exchange);
  return { played: player.played, differences: player.differences, leftOut: player.leftOut };
}

class Player {
  readonly differences: Difference[] = [];
  readonly leftOut: string[] = [];
  played = 0;
  readonly #scene: Scene;
  readonly #variables = new Map<string, string | number>();

  constructor(scene: Scene) {
    this.#scene = scene;
    const { zkCluster, zkRootPath, release, authorization, tablets } = scene;
    this.#set({ zkCluster, zkRootPath, release, authorization });
    tablets.forEach((tablet, i) => this.#variables.set(`tablet${i + 1}`, tablet));
  }
  #set(values: Readonly<Record<string, string | number>>): void {
    for (const [name, value] of Object.entries(values)) this.#variables.set(name, value);
  }

  async play(exchange: Exchange): Promise<void> {
    if (!(await this.#has(exchange))) {
      this.leftOut.push(exchange.name);
      return;
    }
    this.played++;
    let wrong: readonly string[] = ["not tried"];
    for (let spent = 0; ; spent += RETRY_MS) {
      wrong = await this.#once(exchange);
      if (wrong.length === 0 || spent >= (exchange.withinMs ?? 0)) break;
      await this.#scene.sleep(RETRY_MS);
    }
    if (wrong.length > 0) this.differences.push({ exchange: exchange.name, fact: exchange.fact, wrong });
    if (exchange.learn === true) await this.#learn();
  }
  async #has(exchange: Exchange): Promise<boolean> {
    if (isCommand(exchange)) return this.#scene.command !== null;
    if (exchange.to === "standby" || exchange.needs === "standby") return this.#scene.nameservers.length > 1;
    return exchange.needs !== "authentication" || this.#scene.authorization !== "";
  }
  async #once(exchange: Exchange): Promise<readonly string[]> {
    try {
      return await (isCommand(exchange) ? this.#command(exchange) : this.#http(exchange));
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  async #command(exchange: CommandExchange): Promise<readonly string[]> {
    const argv = exchange.argv.map((each) => String(fill(each, this.#variables)));
    const { code, stdout } = (await this.#scene.command?.(argv)) ?? { code: -1, stdout: "" };
    const expected = fill(exchange.expect, this.#variables) as CommandExchange["expect"];
    const { lines = [], table, stdout: whole } = expected;
    const printed = stdout.split("\n");
    const wrong = code === 0 ? [] : [`exit code ${code}; the vendor's command ends with 0 always`];
    lines.forEach((line, i) => {
      if (!new RegExp(`^(?:${line})$`).test(printed[i] ?? "")) wrong.push(`line ${i + 1}: want ${line}, have ${JSON.stringify(printed[i])}`);
    });
    if (table) wrong.push(...tableDifferences(table, printed.slice(lines.length)));
    if (whole !== undefined && !new RegExp(whole, "s").test(stdout)) wrong.push(`want ${whole}, have ${JSON.stringify(stdout.slice(0, 400))}`);
    return wrong;
  }

  async #http(exchange: HttpExchange): Promise<readonly string[]> {
    const request = requestOf(exchange, this.#variables);
    const { expect } = exchange;
    let reply: Reply;
    try {
      reply = await this.#scene.call(await this.#endpoint(exchange.to), request);
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      return "closed" in expect && error.failure === "closed" ? [] : [`no reply: ${error.failure}`];
    }
    if ("closed" in expect) return [`want the connection closed, have ${reply.status} ${reply.body.slice(0, 200)}`];
    const wrong = reply.status === expect.status ? [] : [`status: want ${expect.status}, have ${reply.status} ${reply.body.slice(0, 200)}`];
    const pattern = fill(expect, this.#variables) as Exclude<typeof expect, { closed: true }>;
    if (pattern.text !== undefined && !new RegExp(pattern.text).test(reply.body))
      wrong.push(`want ${pattern.text}, have ${reply.body.slice(0, 200)}`);
    if (pattern.headers) wrong.push(...differences(pattern.headers, reply.headers ?? {}, "header "));
    if (pattern.body === undefined) return wrong;
    const body: unknown = JSON.parse(reply.body);
    wrong.push(...differences(pattern.body, body));
    if (wrong.length === 0) this.#capture(exchange, body);
    return wrong;
  }
  #capture({ capture = {} }: HttpExchange, body: unknown): void {
    for (const [name, pointer] of Object.entries(capture)) {
      const value = pointed(body, pointer);
      if (typeof value === "string" || typeof value === "number") this.#variables.set(name, value);
    }
  }

  async #endpoint(party: Party): Promise<string> {
    switch (party) {
      case "nameserver":
        return this.#nameserver(true);
      case "standby":
        return this.#nameserver(false);
      case "apiserver":
        return this.#scene.apiservers[0] ?? "";
      case "leader":
      case "follower":
        return String(fill(`{{${party}}}`, this.#variables));
    }
  }
  async #nameserver(leads: boolean): Promise<string> {
    for (const endpoint of this.#scene.nameservers) {
      const { code } = await this.#ask(endpoint, "ConfGet", {});
      if ((code === 0) === leads && (leads || code === 300)) {
        if (leads) this.#variables.set("nameserver", endpoint);
        return endpoint;
      }
    }
    throw new Error(leads ? "no nameserver leads" : "no nameserver is a standby");
  }
  async #ask(endpoint: string, method: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.#scene.call(endpoint, {
      method: "POST",
      path: `/NameServer/${method}`,
      headers: { authorization: this.#scene.authorization },
      body: JSON.stringify(body),
    });
    return JSON.parse(reply.body) as Readonly<Record<string, unknown>>;
  }
  /** Where partition 0 of the table is: `leader`, `follower`, `elsewhere` (a tablet without it), `tid`. */
  async #learn(): Promise<void> {
    const answer = await this.#ask(await this.#nameserver(true), "ShowTable", { db: "test", name: "t1" });
    const metas = pointed(answer, "/table_info/0/table_partition/0/partition_meta");
    const rows = Array.isArray(metas) ? (metas as { endpoint: string; is_leader: boolean; is_alive?: boolean }[]) : [];
    const leader = rows.find((row) => row.is_leader && row.is_alive !== false)?.endpoint;
    const follower = rows.find((row) => row.endpoint !== leader)?.endpoint;
    const elsewhere = this.#scene.tablets.find((tablet) => !rows.some((row) => row.endpoint === tablet));
    const tid = pointed(answer, "/table_info/0/tid");
    this.#set({ ...(leader === undefined ? {} : { leader }), ...(follower === undefined ? {} : { follower }) });
    this.#set({ ...(elsewhere === undefined ? {} : { elsewhere }), ...(typeof tid === "number" ? { tid } : {}) });
  }
}

function requestOf({ request }: HttpExchange, variables: ReadonlyMap<string, string | number>): Request {
  const headers = fill(request.headers ?? { authorization: "{{authorization}}" }, variables) as Readonly<Record<string, string>>;
  const body = fill(request.body ?? "", variables);
  return {
    method: request.method ?? "POST",
    path: String(fill(request.path, variables)),
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}
