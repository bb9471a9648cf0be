// Questions to a lab's router from outside: what the platform tells everybody, and the lab's own pages.
import { setTimeout as after } from "node:timers/promises";
import { NoReply, type Reply } from "../../kit/network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { operator, type LabFile } from "./lab-file.ts";

const TIMEOUT_MS = 20_000;

export class LabClient {
  readonly #network = new RealNetwork();
  readonly #lab: LabFile;
  #token: string | null = null;

  constructor(lab: LabFile) {
    this.#lab = lab;
  }
  close(): void {
    this.#network.close();
  }

  /** As the operator. Null: nothing answers. */
  async call(method: string, path: string, body?: unknown): Promise<Reply | null> {
    const first = await this.#send(method, path, body);
    if (first?.status !== 401 || this.#lab.authentication === null) return first;
    const basic = Buffer.from(`${operator.user}:${operator.password}`).toString("base64");
    const reply = await this.#network.call(
      "lab",
      this.#lab.authentication,
      { method: "GET", path: "/token", headers: { authorization: `Basic ${basic}` }, body: "" },
      TIMEOUT_MS,
    );
    this.#token = (JSON.parse(reply.body) as { readonly access_token: string }).access_token;
    return this.#send(method, path, body);
  }
  /** Null: nothing answers, or not with 200. */
  async json<T>(path: string): Promise<T | null> {
    const reply = await this.call("GET", path);
    return reply?.status === 200 ? (JSON.parse(reply.body) as T) : null;
  }
  /** A page of the lab alone. Null: nothing answers. Error with what it says when it refuses. */
  async page<T>(name: string, body: unknown): Promise<T | null> {
    const reply = await this.#send("POST", `/lab/${name}`, body);
    if (reply !== null && reply.status !== 200) throw new Error(`/lab/${name}: ${reply.body}`);
    return reply === null ? null : (JSON.parse(reply.body === "ok" ? "null" : reply.body) as T);
  }
  /** Error with `what` when it does not hold within that time, in milliseconds. */
  async until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${String(Math.round(withinMs / 1_000))} s: ${what}`);
      await after(50);
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<Reply | null> {
    const headers = { "content-type": "application/json", ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }) };
    const text = body === undefined ? "" : JSON.stringify(body);
    try {
      return await this.#network.call("lab", this.#lab.endpoint, { method, path, headers, body: text }, TIMEOUT_MS);
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }
}
