import { NoReply, type Network } from "../../kit/network.ts";
import type { Outcome } from "./acknowledgement-log.ts";

export interface Answered {
  readonly outcome: Outcome;
  /** Null: acknowledged. */
  readonly words: string | null;
}
interface Answer {
  readonly code: number;
  readonly msg?: string;
}

/** No answer that could be read, from any of the APIServers. */
export class CannotRead extends Error {}

/** What a client of the APIServers needs: nothing of the lab's logic, REST alone. */
export class ApiserverClient {
  readonly #network: Network;
  readonly #from: string;
  readonly #timeoutMs: number;

  constructor(network: Network, from: string, timeoutMs: number) {
    this.#network = network;
    this.#from = from;
    this.#timeoutMs = timeoutMs;
  }

  async put(endpoint: string, db: string, table: string, row: readonly unknown[]): Promise<Answered> {
    try {
      const { code, msg = "" } = await this.#call(endpoint, "PUT", `/dbs/${db}/tables/${table}`, { value: [row] });
      return code === 0 ? { outcome: "acknowledged", words: null } : { outcome: refusalOf(code, msg), words: `code ${code}: ${msg}` };
    } catch (error) {
      if (error instanceof NoReply) return { outcome: error.failure === "refused" ? "refused" : "unknown", words: error.message };
      if (error instanceof CannotRead) return { outcome: "unknown", words: error.message };
      throw error;
    }
  }

  /** Asks one APIServer after the other until one answers with code 0. Throws CannotRead with the words of all of them. */
  async sql(endpoints: readonly string[], db: string, sql: string): Promise<readonly (readonly unknown[])[]> {
    const failures: string[] = [];
    for (const endpoint of endpoints) {
      try {
        const answer = await this.#call<{ readonly data?: { readonly data: readonly (readonly unknown[])[] } }>(endpoint, "POST", `/dbs/${db}`, {
          mode: "online",
          sql,
        });
        if (answer.code === 0) return answer.data?.data ?? [];
        failures.push(`${endpoint}: code ${answer.code}: ${answer.msg ?? ""}`);
      } catch (error) {
        if (!(error instanceof NoReply) && !(error instanceof CannotRead)) throw error;
        failures.push(error.message);
      }
    }
    throw new CannotRead(`${sql}: ${failures.join("; ")}`);
  }

  /** Throws CannotRead. */
  async partitions(endpoints: readonly string[], db: string, table: string): Promise<number> {
    const failures: string[] = [];
    for (const endpoint of endpoints) {
      try {
        const answer = await this.#call<{ readonly table?: { readonly partition_num: number } }>(endpoint, "GET", `/dbs/${db}/tables/${table}`, null);
        if (answer.code === 0 && answer.table !== undefined) return answer.table.partition_num;
        failures.push(`${endpoint}: code ${answer.code}: ${answer.msg ?? ""}`);
      } catch (error) {
        if (!(error instanceof NoReply) && !(error instanceof CannotRead)) throw error;
        failures.push(error.message);
      }
    }
    throw new CannotRead(`partitions of ${db}.${table}: ${failures.join("; ")}`);
  }

  async #call<T = unknown>(endpoint: string, method: string, path: string, body: object | null): Promise<Answer & T> {
    const request = { method, path, headers: { "content-type": "application/json" }, body: body === null ? "" : JSON.stringify(body) };
    const reply = await this.#network.call(this.#from, endpoint, request, this.#timeoutMs);
    try {
      if (reply.status === 200) return JSON.parse(reply.body) as Answer & T;
    } catch {
      // Said below.
    }
    throw new CannotRead(`${endpoint}: HTTP ${reply.status} ${reply.body.slice(0, 100)}`);
  }
}

/** A code above 0 is the tablet's own. Of the rest only an answer that was lost between APIServer and tablet leaves the row's fate open. */
function refusalOf(code: number, msg: string): Outcome {
  if (code > 0) return "refused";
  return msg.includes("rpc error") && !msg.endsWith(": refused") ? "unknown" : "refused";
}
