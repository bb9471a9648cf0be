import type { Listener, Network, Reply, Request, Server } from "../../kit/network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { listenOnPort, type Port } from "../wire/port.ts";

/** HTTP over sockets as RealNetwork has it; on what listens, clients of the binary protocol are served, too. */
export class PortNetwork implements Network {
  readonly #inner = new RealNetwork();
  readonly #port: () => Omit<Port, "http">;

  constructor(port: () => Omit<Port, "http">) {
    this.#port = port;
  }

  listen(endpoint: string, server: Server): Promise<Listener> {
    return listenOnPort(endpoint, { ...this.#port(), http: server });
  }
  call(from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#inner.call(from, to, request, timeoutMs);
  }
}
