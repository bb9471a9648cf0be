// The probe's way into the cluster: the operator's APIServers in turn, and what each of their answers says about a write.
import type { AttemptOutcome } from "../../model/continuity.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpClient, HttpReply } from "../../model/http.ts";
import { RpcRefused } from "./rpc.ts";
import { sqlReply } from "./wire/replies.ts";

export type SqlRow = readonly (string | number | boolean | null)[];
type Sql = (statement: string) => Promise<readonly SqlRow[]>;
interface Write {
  readonly method: "PUT" | "POST";
  /** Below the database. */
  readonly path: string;
  readonly body: unknown;
}

/** The attempt's own deadline is its signal; this one only bounds what the signal may forget. */
const attemptMs = 10_000;
const patientMs = 30_000;

/**
 * Answers after which the row is certainly not there: codes of the tablet (facts 2.7) and, where the APIServer gives its general code instead, the tablet's
 * words. Everything else (a time-out towards the tablet, a failure after the send) leaves it open.
 */
const refusing = new Set([100, 103, 104, 160, 453, 802, 1101]);
const refusingWords =
  /table is (?:a )?follower|is follower cluster|table (?:is )?not (?:exist|found)|does not exist|table is loading|exceed.{0,12}max memory/i;

export class ProbeRoute {
  readonly #http: HttpClient;
  readonly #servers: readonly string[];
  readonly #database: string;
  #next = 0;

  constructor(http: HttpClient, servers: readonly string[], database: string) {
    this.#http = http;
    this.#servers = servers;
    this.#database = database;
  }

  /** Never throws. An APIServer that cannot be connected to has got nothing, so the next one is asked. */
  async attempt(write: Write, signal: AbortSignal): Promise<AttemptOutcome> {
    const refusals: string[] = [];
    for (const server of this.#inTurn()) {
      if (signal.aborted)
        return refusals.length === 0 ? { is: "refused", why: "never sent: its time was over" } : { is: "refused", why: refusals.join("; ") };
      try {
        return outcomeOf(await this.#send(server, write, attemptMs, signal));
      } catch (error) {
        if (!(error instanceof Unreachable)) return { is: "unknown", why: error instanceof Error ? error.message : String(error) };
        if (!(error instanceof Refused)) return { is: "unknown", why: error.message };
        refusals.push(error.message);
      }
    }
    return { is: "refused", why: `never sent: ${refusals.join("; ")}` };
  }

  /** Through the first APIServer that answers. Throws RpcRefused for an answer that refuses, Unreachable when none answers. */
  async sql(statement: string): Promise<readonly SqlRow[]> {
    return this.#first((server) => this.#ask(server, statement));
  }

  /** All statements through one APIServer, whose picture of who leads was made anew. */
  async onFresh<T>(act: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#first(async (server) => {
      await this.#refresh(server);
      return act((statement) => this.#ask(server, statement));
    });
  }

  /** Those that answer; the others read it when they start. */
  async refreshAll(): Promise<void> {
    const refreshed = await Promise.allSettled(this.#servers.map((server) => this.#refresh(server)));
    if (refreshed.every(({ status }) => status === "rejected")) await this.#first((server) => this.#refresh(server));
  }

  async #first<T>(act: (server: string) => Promise<T>): Promise<T> {
    const silent: string[] = [];
    for (const server of this.#inTurn()) {
      try {
        return await act(server);
      } catch (error) {
        if (!(error instanceof Unreachable) || error instanceof RpcRefused) throw error;
        silent.push(error.message);
      }
    }
    throw new Unreachable("no APIServer of the route answers", { why: silent, remedy: "Check continuity.route of the cluster file." });
  }

  #inTurn(): readonly string[] {
    const start = this.#next++ % this.#servers.length;
    return [...this.#servers.slice(start), ...this.#servers.slice(0, start)];
  }

  async #refresh(server: string): Promise<void> {
    await this.#http.request({ method: "POST", url: `http://${server}/refresh`, body: "", timeoutMs: patientMs });
  }

  async #ask(server: string, sql: string): Promise<readonly SqlRow[]> {
    const reply = await this.#send(server, { method: "POST", path: "", body: { mode: "online", sql } }, patientMs);
    const parsed = parse(reply);
    if (parsed === null)
      throw new Unreachable(`${server} answered with something that is no answer of an APIServer (HTTP status ${String(reply.status)})`);
    if (parsed.code !== 0)
      throw new RpcRefused(parsed.code, `${server} refused: code ${String(parsed.code)}, ${parsed.msg}`, { object: server, why: [sql] });
    return parsed.data?.data ?? [];
  }

  #send(server: string, { method, path, body }: Write, timeoutMs: number, signal?: AbortSignal): Promise<HttpReply> {
    return this.#http.request({
      method,
      url: `http://${server}/dbs/${encodeURIComponent(this.#database)}${path}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

function outcomeOf(reply: HttpReply): AttemptOutcome {
  const parsed = parse(reply);
  if (parsed === null) return { is: "unknown", why: `no answer of an APIServer: HTTP status ${String(reply.status)}` };
  const { code, msg } = parsed;
  if (code === 0) return { is: "acknowledged" };
  const why = `code ${String(code)}${msg === "" ? "" : `, ${msg}`}`;
  return refusing.has(code) || refusingWords.test(msg) ? { is: "refused", why } : { is: "unknown", why };
}

function parse(reply: HttpReply): ReturnType<typeof sqlReply.parse> | null {
  if (reply.status !== 200) return null;
  try {
    const parsed = sqlReply.safeParse(JSON.parse(reply.body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
