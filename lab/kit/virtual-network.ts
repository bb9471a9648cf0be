import type { VirtualWorld } from "./virtual.ts";
import { NoReply, type Listener, type Network, type Reply, type Request, type Server } from "./network.ts";

/** Any endpoint, in cuts and faults. */
export const ANYBODY = "*";

/** `as`: what the caller is told, and when (at once, or at its time-out). */
export type CallFault =
  | { readonly kind: "lose-request"; readonly as: "closed" | "time-out" }
  | { readonly kind: "lose-reply"; readonly as: "closed" | "time-out" }
  | { readonly kind: "delay"; readonly requestMs?: number; readonly replyMs?: number };

export interface FaultRule {
  /** Endpoint; default: anybody. */
  readonly from?: string;
  readonly to?: string;
  /** Which requests; default: all. */
  readonly matches?: (request: Request) => boolean;
  /** How often it happens; default: until it is removed. */
  readonly times?: number;
  readonly fault: CallFault;
  /** The instant at which it happens: before the request leaves, or after the effect and before the reply leaves. */
  readonly happens?: () => void;
}
export interface ActiveFault {
  /** How often it has happened. */
  readonly hits: () => number;
  remove(): void;
}

interface Listening {
  readonly server: Server;
  /** Each ends one request under way. */
  readonly underWay: Set<() => void>;
}

export interface NetworkOptions {
  /** One way, in milliseconds. */
  readonly latencyMs?: number;
  /** At most this is added to each way, by the world's seed. */
  readonly jitterMs?: number;
}

/** HTTP in memory, on virtual time. */
export class VirtualNetwork implements Network {
  readonly #world: VirtualWorld;
  readonly #latencyMs: number;
  readonly #jitterMs: number;
  readonly #links = new Map<string, number>();
  readonly #cuts = new Set<string>();
  readonly #listening = new Map<string, Listening>();
  #faults: { readonly rule: FaultRule; hits: number }[] = [];

  constructor(world: VirtualWorld, { latencyMs = 0.25, jitterMs = 0 }: NetworkOptions = {}) {
    this.#world = world;
    this.#latencyMs = latencyMs;
    this.#jitterMs = jitterMs;
  }

  /** Latency of one direction of one link, in milliseconds. */
  setLatency(from: string, to: string, ms: number): void {
    this.#links.set(`${from}>${to}`, ms);
  }

  /** What `from` sends to `to` is lost without a word: requests and replies. ANYBODY on either side. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  cutBoth(a: string, b: string): void {
    this.cut(a, b);
    this.cut(b, a);
  }

  heal(from: string, to: string): void {
    this.#cuts.delete(`${from}>${to}`);
  }

  healBoth(a: string, b: string): void {
    this.heal(a, b);
    this.heal(b, a);
  }

  healAll(): void {
    this.#cuts.clear();
  }

  fault(rule: FaultRule): ActiveFault {
    const active = { rule, hits: 0 };
    this.#faults.push(active);
    return {
      hits: () => active.hits,
      remove: () => {
        this.#faults = this.#faults.filter((one) => one !== active);
      },
    };
  }

  isListening(endpoint: string): boolean {
    return this.#listening.has(endpoint);
  }

  listen(endpoint: string, server: Server): Promise<Listener> {
    if (this.#listening.has(endpoint)) return Promise.reject(new Error(`${endpoint}: address already in use`));
    const listening: Listening = { server, underWay: new Set() };
    this.#listening.set(endpoint, listening);
    return Promise.resolve({
      close: () => {
        if (this.#listening.get(endpoint) === listening) this.#listening.delete(endpoint);
        for (const end of listening.underWay) end();
        listening.underWay.clear();
      },
    });
  }

  call(from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      const timeOut = this.#world.after(timeoutMs, () => {
        reject(new NoReply("time-out", to));
      });
      const fail = (failure: "refused" | "closed"): void => {
        timeOut.cancel();
        reject(new NoReply(failure, to));
      };
      const fault = this.#faultOf(from, to, request);
      if (fault?.fault.kind === "lose-request") {
        fault.happens?.();
        if (fault.fault.as === "closed") this.#travel(from, to, 0, () => fail("closed"));
        return;
      }
      const delays = fault?.fault.kind === "delay" ? fault.fault : null;
      if (delays !== null) fault?.happens?.();
      if (this.#isCut(from, to)) return;
      this.#travel(from, to, delays?.requestMs ?? 0, () => {
        const listening = this.#listening.get(to);
        if (listening === undefined) {
          if (!this.#isCut(to, from)) this.#travel(to, from, 0, () => fail("refused"));
          return;
        }
        const end = (): void => {
          if (!this.#isCut(to, from)) this.#travel(to, from, 0, () => fail("closed"));
        };
        listening.underWay.add(end);
        void answer(listening.server, request).then((reply) => {
          // Ended meanwhile: the process is gone, and what it would have said with it.
          if (!listening.underWay.delete(end)) return;
          if (fault?.fault.kind === "lose-reply") {
            fault.happens?.();
            if (fault.fault.as === "closed") end();
            return;
          }
          if (this.#isCut(to, from)) return;
          this.#travel(to, from, delays?.replyMs ?? 0, () => {
            if (reply === null) {
              fail("closed");
              return;
            }
            timeOut.cancel();
            resolve(reply);
          });
        });
      });
    });
  }

  #travel(from: string, to: string, extraMs: number, arrive: () => void): void {
    const latency = this.#links.size === 0 ? this.#latencyMs : (this.#links.get(`${from}>${to}`) ?? this.#latencyMs);
    const jitter = this.#jitterMs > 0 ? this.#jitterMs * this.#world.random() : 0;
    this.#world.after(latency + jitter + extraMs, arrive);
  }

  #isCut(from: string, to: string): boolean {
    const cuts = this.#cuts;
    if (cuts.size === 0) return false;
    return cuts.has(`${from}>${to}`) || cuts.has(`${from}>${ANYBODY}`) || cuts.has(`${ANYBODY}>${to}`);
  }

  #faultOf(from: string, to: string, request: Request): FaultRule | null {
    for (const active of this.#faults) {
      const { rule } = active;
      if (active.hits >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if ((rule.from ?? ANYBODY) !== ANYBODY && rule.from !== from) continue;
      if ((rule.to ?? ANYBODY) !== ANYBODY && rule.to !== to) continue;
      if (rule.matches !== undefined && !rule.matches(request)) continue;
      active.hits += 1;
      return rule;
    }
    return null;
  }
}

async function answer(server: Server, request: Request): Promise<Reply | null> {
  try {
    const reply = await server(request);
    return reply?.parts === undefined ? reply : await whole(reply, reply.parts);
  } catch (error) {
    return { status: 500, body: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** As a caller has it that waits for the end of a chunked answer. */
async function whole(reply: Reply, parts: AsyncIterable<string>): Promise<Reply | null> {
  let body = "";
  try {
    for await (const part of parts) body += part;
  } catch {
    return null;
  }
  return { status: reply.status, ...(reply.headers === undefined ? {} : { headers: reply.headers }), body };
}
