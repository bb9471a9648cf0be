// What nodes ask each other in processes: many small requests for each write of a client. One connection between two nodes carries them as frames, which
// costs a tenth of an HTTP request; what is asked and answered is the same.
import { connect, type Socket } from "node:net";
import { NoReply, type Reply, type Request, type Server } from "../../kit/network.ts";
import { splitEndpoint } from "../../kit/real-network.ts";

/** The first bytes on a connection between nodes. */
export const PEER_GREETING = "LAB1";
const LENGTH_BYTES = 4;

interface Asked extends Request {
  readonly id: number;
}
/** `reply` null: the server says nothing, and for the asker the connection is closed. */
interface Answered {
  readonly id: number;
  readonly reply: Reply | null;
}

function frame(value: Asked | Answered): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const whole = Buffer.allocUnsafe(LENGTH_BYTES + text.length);
  whole.writeUInt32LE(text.length, 0);
  text.copy(whole, LENGTH_BYTES);
  return whole;
}

/** Whole frames of what comes in pieces. */
function framesOf(socket: Socket, take: (value: unknown) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    held = held.length === 0 ? data : Buffer.concat([held, data]);
    let at = 0;
    while (held.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + held.readUInt32LE(at);
      if (end > held.length) break;
      take(JSON.parse(held.toString("utf8", at + LENGTH_BYTES, end)));
      at = end;
    }
    held = held.subarray(at);
  });
}

/** Serves a connection that began with the greeting, which is still to be read. */
export function servePeer(socket: Socket, server: Server): void {
  const greeting = socket.read(PEER_GREETING.length) as Buffer | null;
  if (greeting === null) {
    socket.once("readable", () => {
      servePeer(socket, server);
    });
    return;
  }
  framesOf(socket, (value) => {
    const { id, ...request } = value as Asked;
    void answerTo(server, request).then((reply) => {
      if (!socket.destroyed) socket.write(frame({ id, reply }));
    });
  });
}

async function answerTo(server: Server, request: Request): Promise<Reply | null> {
  try {
    return await server(request);
  } catch (error) {
    return { status: 500, body: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

interface Pending {
  resolve(reply: Reply): void;
  reject(error: NoReply): void;
}

/** The connections of one process to others; each is made when it is needed. */
export class PeerLinks {
  readonly #links = new Map<string, PeerLink>();

  /** Throws NoReply. */
  call(to: string, request: Request, timeoutMs: number): Promise<Reply> {
    let link = this.#links.get(to);
    if (link === undefined || link.isOver) {
      link = new PeerLink(to);
      this.#links.set(to, link);
    }
    return link.call(request, timeoutMs);
  }
}

class PeerLink {
  readonly #to: string;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #ids = 0;
  #failure: "refused" | "closed" = "refused";

  constructor(to: string) {
    this.#to = to;
    const { host, port } = splitEndpoint(to);
    this.#socket = connect(port, host);
    this.#socket.setNoDelay(true);
    // Nobody stays alive for a connection.
    this.#socket.unref();
    this.#socket.write(PEER_GREETING);
    this.#socket.once("connect", () => {
      this.#failure = "closed";
    });
    this.#socket.on("error", (error) => {
      if (!("code" in error && error.code === "ECONNREFUSED")) this.#failure = "closed";
    });
    this.#socket.once("close", () => {
      for (const pending of this.#pending.values()) pending.reject(new NoReply(this.#failure, to));
    });
    framesOf(this.#socket, (value) => {
      const { id, reply } = value as Answered;
      const pending = this.#pending.get(id);
      if (reply === null) pending?.reject(new NoReply("closed", to));
      else pending?.resolve(reply);
    });
  }

  get isOver(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded;
  }

  call(request: Request, timeoutMs: number): Promise<Reply> {
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        settle(() => {
          reject(new NoReply("time-out", this.#to));
        });
      }, timeoutMs);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
        then();
      };
      this.#pending.set(id, {
        resolve: (reply) => {
          settle(() => {
            resolve(reply);
          });
        },
        reject: (error) => {
          settle(() => {
            reject(error);
          });
        },
      });
      this.#socket.write(frame({ id, ...request }));
    });
  }
}
