import type { Listener, Network, Reply, Request, Server } from "../../kit/network.ts";
import { PeerLinks } from "../wire/peer-link.ts";
import { listenOnPort, type Port } from "../wire/port.ts";

/** Sockets: what listens serves nodes and clients; nodes ask each other over one connection for each pair. */
export class PortNetwork implements Network {
  readonly #links = new PeerLinks();
  readonly #port: () => Omit<Port, "http">;

  constructor(port: () => Omit<Port, "http">) {
    this.#port = port;
  }

  listen(endpoint: string, server: Server): Promise<Listener> {
    return listenOnPort(endpoint, { ...this.#port(), http: server });
  }
  call(_from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#links.call(to, request, timeoutMs);
  }
}
