// One TCP port for all that clients speak (facts 3.2): the first bytes tell. `API`: the binary protocol as a stream. Else HTTP: the JSON API, and WebSocket
// with one message for each request. Nodes of the lab ask each other here, too.
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Listener, Server } from "../../kit/network.ts";
import { serve, splitEndpoint } from "../../kit/real-network.ts";
import type { Evaluator } from "../logic/node.ts";
import { type Answered, Conversation } from "./conversation.ts";
import { PEER_GREETING, servePeer } from "./peer-link.ts";
import { NotARequest, readRequest } from "./request.ts";

/** No request of a client is larger: bytes. */
const LARGEST_REQUEST = 64 * 1024 * 1024;

/** Of a request that faults look at: bytes. */
const LONGEST_TEXT = 4096;

export interface Port {
  readonly evaluator: Evaluator;
  readonly http: Server;
  /** Around each request of a binary conversation: faults. `request`: its text, as far as it is one. Never resolving, the answer is lost. */
  around(request: string, serve: () => Promise<Answered>): Promise<Answered>;
}

/** Error when the endpoint is taken. */
export function listenOnPort(endpoint: string, port: Port): Promise<Listener> {
  const { host, port: number } = splitEndpoint(endpoint);
  const sockets = new Set<Socket>();
  const http = createHttpServer((incoming, outgoing) => {
    void serve(port.http, incoming, outgoing);
  });
  http.keepAliveTimeout = 60_000;
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_REQUEST });
  http.on("upgrade", (request, socket, head) => {
    webSockets.handleUpgrade(request, socket, head, (client) => {
      converseByMessages(client, port);
    });
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    sniff(socket, (language) => {
      if (language === "binary") converseByStream(socket, port);
      else if (language === "peer") servePeer(socket, port.http);
      else http.emit("connection", socket);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(number, host, () => {
      server.off("error", reject);
      resolve({
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

type Language = "binary" | "peer" | "http";
const begins = (bytes: Buffer, greeting: string): boolean => {
  const length = Math.min(bytes.length, greeting.length);
  return bytes.toString("latin1", 0, length) === greeting.slice(0, length);
};

function sniff(socket: Socket, found: (language: Language) => void): void {
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) {
      socket.once("readable", look);
      return;
    }
    socket.unshift(bytes);
    found(begins(bytes, "API") ? "binary" : begins(bytes, PEER_GREETING) ? "peer" : "http");
  };
  socket.once("readable", look);
}

/** Requests of one connection are served one after the other. */
function inOrder(): (work: () => Promise<void>) => void {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work);
  };
}

function converseByMessages(client: WebSocket, port: Port): void {
  const conversation = new Conversation(port.evaluator);
  const next = inOrder();
  client.on("error", () => {
    client.terminate();
  });
  client.on("close", () => {
    conversation.end();
  });
  client.on("message", (data) => {
    const bytes = new Uint8Array(data as Buffer);
    next(async () => {
      const answered = await served(port, bytes, () => conversation.message(bytes));
      if (answered === null) {
        client.terminate();
        return;
      }
      client.send(answered.bytes);
      if (answered.close) client.close();
    });
  });
}

function converseByStream(socket: Socket, port: Port): void {
  const conversation = new Conversation(port.evaluator);
  socket.on("close", () => {
    conversation.end();
  });
  const next = inOrder();
  let held: Uint8Array = new Uint8Array();
  socket.on("data", (data: Buffer) => {
    held = held.length === 0 ? new Uint8Array(data) : Buffer.concat([held, data]);
    for (;;) {
      let request;
      try {
        request = readRequest(held);
      } catch (error) {
        if (!(error instanceof NotARequest)) throw error;
        socket.destroy();
        return;
      }
      if (request === null) break;
      const { command, end } = request;
      const bytes = held.subarray(0, end);
      held = command.kind === "wrong" && command.lost ? new Uint8Array() : held.subarray(end);
      next(async () => {
        const answered = await served(port, bytes, () => conversation.command(command));
        if (answered === null) {
          socket.destroy();
          return;
        }
        socket.write(answered.bytes);
        if (answered.close) socket.end();
      });
    }
    if (held.length > LARGEST_REQUEST) socket.destroy();
  });
}

/** What is wrong in the lab itself ends the connection, and is seen in the process's output. */
async function served(port: Port, bytes: Uint8Array, work: () => Promise<Answered>): Promise<Answered> {
  try {
    return await port.around(Buffer.from(bytes.subarray(0, LONGEST_TEXT)).toString("latin1"), work);
  } catch (error) {
    process.stderr.write(`lab: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return null;
  }
}
