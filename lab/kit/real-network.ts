import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { NoReply, type Listener, type Network, type Reply, type Request, type Server } from "./network.ts";

export const splitEndpoint = (endpoint: string): { readonly host: string; readonly port: number } => {
  const colon = endpoint.lastIndexOf(":");
  const port = Number(endpoint.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(`${endpoint}: not HOST:PORT`);
  return { host: endpoint.slice(0, colon), port };
};

/** HTTP over sockets, with connections kept open between requests. */
export class RealNetwork implements Network {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16 });

  listen(endpoint: string, server: Server): Promise<Listener> {
    const { host, port } = splitEndpoint(endpoint);
    const sockets = new Set<Socket>();
    const http = createServer((incoming, outgoing) => {
      void serve(server, incoming, outgoing);
    });
    http.keepAliveTimeout = 60_000;
    http.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    return new Promise((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, host, () => {
        http.off("error", reject);
        resolve({
          close: () => {
            http.close();
            for (const socket of sockets) socket.destroy();
          },
        });
      });
    });
  }

  call(_from: string, to: string, request: Request, timeoutMs: number): Promise<Reply> {
    const { host, port } = splitEndpoint(to);
    return new Promise((resolve, reject) => {
      let over = false;
      const body = Buffer.from(request.body);
      const outgoing = httpRequest(
        {
          host,
          port,
          method: request.method,
          path: request.path,
          agent: this.#agent,
          headers: { ...request.headers, "content-length": body.length },
        },
        (incoming) => {
          text(incoming).then(
            (received) => {
              finish(() => {
                resolve({ status: incoming.statusCode ?? 0, headers: flat(incoming), body: received });
              });
            },
            () => {
              finish(() => {
                reject(new NoReply("closed", to));
              });
            },
          );
        },
      );
      const timer = setTimeout(() => {
        finish(() => {
          reject(new NoReply("time-out", to));
        });
        outgoing.destroy();
      }, timeoutMs);
      const finish = (settle: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        settle();
      };
      outgoing.on("error", (error) => {
        finish(() => {
          if ("code" in error && error.code === "ECONNREFUSED") {
            reject(new NoReply("refused", to));
            return;
          }
          reject(new NoReply("closed", to));
        });
      });
      outgoing.end(body);
    });
  }

  /** Connections that are kept open would keep the process alive. */
  close(): void {
    this.#agent.destroy();
  }
}

/** One request of a socket; `null` closes it. */
export async function serve(server: Server, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let reply: Reply | null;
  try {
    const body = await text(incoming);
    reply = await server({ method: incoming.method ?? "GET", path: incoming.url ?? "/", headers: flat(incoming), body });
  } catch (error) {
    reply = { status: 500, body: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  if (reply === null) {
    incoming.socket.destroy();
    return;
  }
  if (reply.parts !== undefined) {
    outgoing.writeHead(reply.status, reply.headers);
    try {
      for await (const part of reply.parts) outgoing.write(part);
      outgoing.end();
    } catch {
      incoming.socket.destroy();
    }
    return;
  }
  const body = reply.bytes ?? Buffer.from(reply.body);
  outgoing.writeHead(reply.status, { ...reply.headers, "content-length": body.length });
  outgoing.end(body);
}

async function text(stream: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

const flat = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
