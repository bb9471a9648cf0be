// What passes over the lab's network, seen where servers answer: also when the answer is lost afterwards.
import type { Listener, Network, Reply, Request, Server } from "../../lab/kit/network.ts";

/** One request that a server has answered. */
export interface Heard {
  readonly to: string;
  /** `NameServer/ChangeLeader`. */
  readonly method: string;
  readonly request: Request;
  /** Null: the connection was closed without a word. */
  readonly reply: Reply | null;
}
export interface Ears {
  /** Before the server sees it. */
  readonly arrives?: (to: string, method: string, request: Request) => void;
  readonly answered?: (heard: Heard) => void;
}

/** Passes everything on, and tells who is listening. Only methods that are named are told. */
export class TappedNetwork implements Network {
  readonly #inner: Network;
  readonly #methods: ReadonlySet<string>;
  #ears: readonly Ears[] = [];

  constructor(inner: Network, methods: readonly string[]) {
    this.#inner = inner;
    this.#methods = new Set(methods);
  }
  listenTo(ears: Ears): void {
    this.#ears = [...this.#ears, ears];
  }
  listen(endpoint: string, server: Server): Promise<Listener> {
    return this.#inner.listen(endpoint, async (request) => {
      const method = methodOf(request.path);
      if (!this.#methods.has(method)) return server(request);
      for (const { arrives } of this.#ears) arrives?.(endpoint, method, request);
      const reply = await server(request);
      for (const { answered } of this.#ears) answered?.({ to: endpoint, method, request, reply });
      return reply;
    });
  }
  call(from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#inner.call(from, to, request, timeoutMs);
  }
}

const methodOf = (path: string): string => path.slice(1).replace(/^openmldb\.(nameserver|api)\./, "");
export const bodyOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
};
export const codeOf = (reply: Reply | null): number => (reply === null || reply.status !== 200 ? -1 : Number(bodyOf(reply.body)["code"] ?? -1));
