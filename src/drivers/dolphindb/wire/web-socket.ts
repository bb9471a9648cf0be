// Messages over WebSocket (facts 3.2): a request is one binary message, so is its answer. One request at a time.
import { connect } from "node:net";
import { Refused, Unreachable } from "../../../model/errors.ts";
import { Malformed, NoConnection } from "./errors.ts";
import { isPrinted } from "./messages.ts";
import type { Connection, Transport } from "./transport.ts";

export const webSocketTransport: Transport = {
  async open(address, timeoutMs) {
    const socket = new WebSocket(`ws://${address}`);
    socket.binaryType = "arraybuffer";
    const opened = await new Promise<"open" | "failed" | "late">((resolve) => {
      const timer = setTimeout(() => resolve("late"), timeoutMs);
      const say = (what: "open" | "failed") => () => {
        clearTimeout(timer);
        resolve(what);
      };
      socket.addEventListener("open", say("open"), { once: true });
      socket.addEventListener("error", say("failed"), { once: true });
    });
    if (opened === "open") return new WebSocketConnection(address, socket);
    socket.close();
    if (opened === "late") throw new NoConnection(address, `it took no connection within ${String(timeoutMs)} ms`);
    throw await whyNot(address, timeoutMs);
  },
};

/** A WebSocket that fails does not say why: whether anybody listens at all is asked of the port. */
function whyNot(address: string, timeoutMs: number): Promise<Unreachable> {
  const colon = address.lastIndexOf(":");
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon).replaceAll(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)), timeout: timeoutMs });
    const end = (error: Unreachable) => () => {
      socket.destroy();
      resolve(error);
    };
    socket.once("connect", end(new Malformed(address, "it listens and does not take the connection of a DolphinDB client")));
    socket.once("timeout", end(new NoConnection(address, `it took no connection within ${String(timeoutMs)} ms`)));
    socket.once("error", (error: Error & { readonly code?: string }) => {
      const closed = error.code === "ECONNREFUSED";
      end(
        closed
          ? new Refused(`${address} cannot be reached: ${error.message}`, { object: address, cause: error })
          : new NoConnection(address, error.message, error),
      )();
    });
  });
}

class WebSocketConnection implements Connection {
  readonly #address: string;
  readonly #socket: WebSocket;
  #waiting: { readonly take: (message: Uint8Array) => void; readonly fail: (error: Unreachable) => void } | null = null;
  #closed = false;

  constructor(address: string, socket: WebSocket) {
    this.#address = address;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (!(data instanceof ArrayBuffer)) return this.#end(new Malformed(address, "a text where a message of bytes was due"));
      const message = new Uint8Array(data);
      if (isPrinted(message)) return;
      this.#waiting?.take(message);
    });
    // Without a listener an error would be one that nobody handles; what follows it is the end of the connection.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => this.#end(new Unreachable(`${address} closed the connection before its answer`, { object: address })));
  }
  get closed(): boolean {
    return this.#closed;
  }

  request(message: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.#closed) throw new Refused(`the connection to ${this.#address} is closed`, { object: this.#address });
    if (this.#waiting !== null) throw new Refused(`${this.#address} is still asked something else`, { object: this.#address });
    return new Promise((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      // The answer to this request may still come, and would be taken for that of the next one.
      const timer = setTimeout(
        () => this.#end(new Unreachable(`${this.#address} did not answer within ${String(timeoutMs)} ms`, { object: this.#address })),
        timeoutMs,
      );
      this.#waiting = {
        take: (answer) => {
          over();
          resolve(answer);
        },
        fail: (error) => {
          over();
          reject(error);
        },
      };
      this.#socket.send(message);
    });
  }

  close(): void {
    this.#end(new Unreachable(`the connection to ${this.#address} was closed before its answer`, { object: this.#address }));
  }
  #end(error: Unreachable): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#socket.close();
    }
    this.#waiting?.fail(error);
  }
}
