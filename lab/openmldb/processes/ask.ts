// Questions to a lab's nodes from outside, over the doors that OpenMLDB has.
import { setTimeout as after } from "node:timers/promises";
import { NoReply } from "../../kit/network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import type { LabFile, LabNode, Role } from "./lab-file.ts";

interface Answer {
  readonly code: number;
  readonly msg?: string;
}

export const nodesOf = ({ nodes }: LabFile, role: Role): readonly LabNode[] => nodes.filter((node) => node.role === role);

export class LabClient {
  readonly #network = new RealNetwork();
  readonly #lab: LabFile;

  constructor(lab: LabFile) {
    this.#lab = lab;
  }

  close(): void {
    this.#network.close();
  }

  /** Null: no answer. Error for an answer that is not 200. */
  async call<T extends Answer>(endpoint: string, method: string, request: object): Promise<T | null> {
    const text = await this.post(endpoint, `/${method}`, JSON.stringify(request));
    return text === null ? null : (JSON.parse(text) as T);
  }

  async post(endpoint: string, path: string, body: string): Promise<string | null> {
    const headers = { authorization: "sdefault", "content-type": "application/json" };
    try {
      const reply = await this.#network.call("lab", endpoint, { method: "POST", path, headers, body }, 20_000);
      if (reply.status !== 200) throw new Error(`${endpoint}${path}: HTTP ${String(reply.status)} ${reply.body}`);
      return reply.body;
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }

  /** Endpoint of the nameserver that leads; null: none does. */
  async leader(): Promise<string | null> {
    for (const { endpoint } of nodesOf(this.#lab, "nameserver"))
      if ((await this.call(endpoint, "NameServer/ShowTablet", {}))?.code === 0) return endpoint;
    return null;
  }

  /** To the nameserver that leads. Error unless the code is 0. */
  async ask<T extends Answer>(method: string, request: object = {}): Promise<T> {
    const leader = await this.leader();
    if (leader === null) throw new Error(`${method}: no nameserver leads`);
    const answer = await this.call<T>(leader, `NameServer/${method}`, request);
    if (answer?.code !== 0) throw new Error(`${method}: ${answer === null ? "no answer" : `code ${String(answer.code)} ${answer.msg ?? ""}`}`);
    return answer;
  }

  /** Error with `what` when it does not hold within that time, in milliseconds. */
  async until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${String(Math.round(withinMs / 1000))} s: ${what}`);
      await after(50);
    }
  }
}
