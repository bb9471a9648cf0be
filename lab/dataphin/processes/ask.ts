import { setTimeout as after } from "node:timers/promises";
import { RealNetwork } from "../../kit/real-network.ts";
import type { Reply } from "../../kit/network.ts";
import type { UpgradeRecord } from "../logic/manager/record.ts";
import type { LabFile } from "./lab-file.ts";

const PATIENCE_MS = 30_000;
const POLL_MS = 100;

/** Asks the components of a lab; not through its OpenAPI. */
export class LabClient {
  readonly #network = new RealNetwork();
  readonly #lab: LabFile;

  constructor(lab: LabFile) {
    this.#lab = lab;
  }

  /** Null: it does not answer. */
  async ask(endpoint: string, method: "GET" | "POST", path: string, body?: unknown): Promise<Reply | null> {
    const text = body === undefined ? "" : JSON.stringify(body);
    try {
      return await this.#network.call("lab:0", endpoint, { method, path, headers: { "content-type": "application/json" }, body: text }, 10_000);
    } catch {
      return null;
    }
  }
  /** Null: it does not answer, or not with what is asked for. */
  async json<T>(endpoint: string, path: string): Promise<T | null> {
    const reply = await this.ask(endpoint, "GET", path);
    return reply?.status === 200 ? (JSON.parse(reply.body) as T) : null;
  }
  async records(): Promise<readonly UpgradeRecord[] | null> {
    return (await this.json<{ readonly records: readonly UpgradeRecord[] }>(this.#lab.endpoints.manager, "/lab/manager"))?.records ?? null;
  }
  /** Error with its words when the Manager refuses, or does not answer. */
  async control(what: string, body: object): Promise<void> {
    const reply = await this.ask(this.#lab.endpoints.manager, "POST", `/lab/manager/${what}`, body);
    if (reply === null) throw new Error("Dataphin Manager does not answer");
    if (reply.status !== 200) throw new Error((JSON.parse(reply.body) as { readonly message?: string }).message ?? reply.body);
  }

  /** Error with what is waited for when it does not come in time. */
  async until(what: string, holds: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
    const end = Date.now() + patienceMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${String(patienceMs / 1_000)} s`);
      await after(POLL_MS);
    }
  }
  close(): void {
    this.#network.close();
  }
}
