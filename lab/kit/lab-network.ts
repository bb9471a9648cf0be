import { setTimeout as after } from "node:timers/promises";
import { NoReply, type Listener, type Network, type Reply, type Request, type Server } from "./network.ts";

/** What can be done to the network of one process. */
export type NetworkFault =
  /** Nothing goes out to that peer or comes in from it; `*`: nobody at all, clients and tools included. */
  | { readonly kind: "cut"; readonly peer: string }
  /** The next `count` requests with that in their path, or in what a client's message asks, are served, and their answers lost. */
  | { readonly kind: "lose-reply"; readonly path: string; readonly count: number }
  /** Every request waits so long before it is served, in milliseconds. */
  | { readonly kind: "delay"; readonly ms: number };

/** POST a NetworkFault there, or `null` to take all back. No authentication, and it answers through every cut. */
export const NETWORK_PAGE = "/lab/network";
/** From node to node, so that a cut between two of them is seen at both ends. */
const SENDER = "x-lab-from";

/** The network of one process, with what is done to it by faults, and an end that lets requests under way finish. */
export class LabNetwork implements Network {
  readonly #inner: Network;
  #faults: NetworkFault[] = [];
  #underWay = 0;
  #draining: (() => void) | null = null;

  constructor(inner: Network) {
    this.#inner = inner;
  }

  listen(endpoint: string, server: Server): Promise<Listener> {
    return this.#inner.listen(endpoint, async (request) => {
      if (request.path === NETWORK_PAGE) return this.#page(request);
      if (this.#draining !== null) return { status: 503, body: "the server is stopping" };
      this.#underWay += 1;
      try {
        return await this.#serve(server, request);
      } finally {
        this.#underWay -= 1;
        if (this.#underWay === 0) this.#drained();
      }
    });
  }

  async call(from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    if (this.#isCut(to)) {
      await after(timeoutMs);
      throw new NoReply("time-out", to);
    }
    return this.#inner.call(from, to, { ...request, headers: { ...request.headers, [SENDER]: from } }, timeoutMs);
  }

  /** What comes another way than HTTP suffers the same. `words`: what was asked; a lost answer never comes. */
  async around<T>(words: string, work: () => Promise<T>): Promise<T> {
    if (this.#isCut("")) return new Promise(() => {});
    const slow = this.#faults.find((fault) => fault.kind === "delay");
    if (slow?.kind === "delay") await after(slow.ms);
    const lost = this.#takesReply(words);
    const answer = await work();
    return lost ? new Promise(() => {}) : answer;
  }

  /** New requests get 503; resolves when those under way are answered. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#draining = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  #drained(): void {
    // The answer itself is still to be written.
    if (this.#draining !== null) setImmediate(this.#draining);
  }

  async #serve(server: Server, request: Request): Promise<Reply | null> {
    if (this.#isCut(request.headers[SENDER] ?? "")) return new Promise(() => {});
    const slow = this.#faults.find((fault) => fault.kind === "delay");
    if (slow?.kind === "delay") await after(slow.ms);
    const lost = this.#takesReply(request.path);
    const reply = await server(request);
    return lost ? null : reply;
  }

  #isCut(peer: string): boolean {
    return this.#faults.some((fault) => fault.kind === "cut" && (fault.peer === "*" || fault.peer === peer));
  }

  #takesReply(path: string): boolean {
    const index = this.#faults.findIndex((fault) => fault.kind === "lose-reply" && path.includes(fault.path));
    const fault = this.#faults[index];
    if (fault?.kind !== "lose-reply") return false;
    if (fault.count > 1) this.#faults[index] = { ...fault, count: fault.count - 1 };
    else this.#faults.splice(index, 1);
    return true;
  }

  #page({ body }: Request): Reply {
    const fault = JSON.parse(body) as NetworkFault | null;
    if (fault === null) this.#faults = [];
    else this.#faults.push(fault);
    return { status: 200, body: "ok" };
  }
}
