// A session on one server: connected, logged in, one question after another.
import type { Value } from "../rpc.ts";
import { Malformed, ServerRefused } from "./errors.ts";
import type { Argument } from "./encode.ts";
import { connectRequest, functionRequest, parseAnswer, scriptRequest } from "./messages.ts";
import type { Connection, Transport } from "./transport.ts";

export interface Credentials {
  readonly user: string;
  password(): Promise<string>;
}
export interface SessionOptions {
  readonly transport: Transport;
  /** HOST:PORT. */
  readonly address: string;
  /** How people know the server: `data node P1-node1 (10.0.0.1:8902)`. */
  readonly server: string;
  /** Null: as a guest. */
  readonly credentials: Credentials | null;
  readonly timeoutMs: number;
}

/** Errors: those of `Transport`, `ServerRefused` for an error of the server, `Malformed` for what is none of its answers. */
export class Session {
  readonly #server: string;
  readonly #connection: Connection;
  #id = "0";
  #last: Promise<unknown> = Promise.resolve();

  private constructor(server: string, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
  }

  static async open({ transport, address, server, credentials, timeoutMs }: SessionOptions): Promise<Session> {
    const login = credentials === null ? null : { user: credentials.user, password: await credentials.password() };
    const connection = await transport.open(address, timeoutMs);
    const session = new Session(server, connection);
    try {
      await session.#ask(connectRequest(login), login === null ? "a connection" : `a connection as user ${login.user}`, timeoutMs);
      return session;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#connection.closed;
  }
  call(name: string, args: readonly Argument[], timeoutMs: number): Promise<Value> {
    return this.#inTurn(() => this.#ask(functionRequest(this.#id, name, args), name, timeoutMs));
  }
  script(text: string, timeoutMs: number): Promise<Value> {
    return this.#inTurn(() => this.#ask(scriptRequest(this.#id, text), shortened(text), timeoutMs));
  }
  close(): void {
    this.#connection.close();
  }

  /** A connection answers one question at a time. */
  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(ask, ask);
    this.#last = mine;
    return mine;
  }
  async #ask(message: Uint8Array, asked: string, timeoutMs: number): Promise<Value> {
    const answer = parseAnswer(await this.#connection.request(message, timeoutMs));
    switch (answer.is) {
      case "value":
        this.#id = answer.session;
        return answer.value;
      case "error":
        this.#id = answer.session;
        throw new ServerRefused(this.#server, asked, answer.line);
      case "malformed":
        this.#connection.close();
        throw new Malformed(this.#server, answer.what);
    }
  }
}

const shortened = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
};
