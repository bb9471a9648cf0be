// One connection of the probe, and what may be said about a statement that was sent on it.
import { Socket } from "node:net";
import { Client, type ClientConfig } from "pg";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}
export const endpointText = ({ host, port }: Endpoint): string => `${host}:${String(port)}`;

export interface Statement {
  /** The server parses it once for each connection. */
  readonly name: string;
  readonly text: string;
}

export type Answer =
  /** The server is ready for the next statement after this one: it is committed. `warning`: what the server said about the commit. */
  | { readonly is: "done"; readonly rows: readonly unknown[][]; readonly count: number; readonly warning: string | null }
  /** The server said no and is ready for the next statement: this one was rolled back. */
  | { readonly is: "error"; readonly code: string; readonly message: string }
  /** The connection ended before the server was ready again: nothing is known, whatever it said before. */
  | { readonly is: "broken"; readonly why: string };

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;

/** 57014: a wait for a standby was cancelled; 57P01: it was ended by a shutdown. The row is committed here and perhaps nowhere else. */
const commitWarnings = new Set(["57014", "57P01"]);

export class Session {
  readonly endpoint: Endpoint;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #onEnd: (session: Session) => void;
  #ended = false;
  #endedBecause = "the connection was closed";
  #settle: ((answer: Answer) => void) | null = null;
  /** An error that waits for the server to be ready again. */
  #said: { readonly code: string; readonly message: string } | null = null;
  #warning: string | null = null;

  private constructor(endpoint: Endpoint, client: Client, socket: Socket, onEnd: (session: Session) => void) {
    this.endpoint = endpoint;
    this.#client = client;
    this.#socket = socket;
    this.#onEnd = onEnd;
    client.on("error", (error) => this.#end(textOf(error)));
    client.on("end", () => this.#end("the connection was closed"));
    client.on("drain", () => {
      const said = this.#said;
      this.#said = null;
      if (said !== null) this.#answer({ is: "error", ...said });
    });
    client.on("notice", (notice) => {
      if (notice.code !== undefined && commitWarnings.has(notice.code)) this.#warning = notice.message ?? notice.code;
    });
  }

  /** Throws what the server or the network says. `onEnd` is called once, also when we end the connection ourselves. */
  static async open(config: ClientConfig, endpoint: Endpoint, onEnd: (session: Session) => void): Promise<Session> {
    const socket = new Socket();
    const client = new Client({ ...config, host: endpoint.host, port: endpoint.port, stream: () => socket });
    const session = new Session(endpoint, client, socket, onEnd);
    try {
      await client.connect();
    } catch (error) {
      session.destroy();
      throw error;
    }
    return session;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** One statement at a time. Never throws. */
  async run({ name, text }: Statement, values: readonly string[]): Promise<Answer> {
    if (this.#ended) return { is: "broken", why: this.#endedBecause };
    this.#warning = null;
    return await new Promise((resolve) => {
      this.#settle = resolve;
      // With a callback: an error and the server's readiness after it often come in one packet, and a promise would hear of them in the wrong order.
      this.#client.query({ name, text, values: [...values], rowMode: "array" }, (error: unknown, result) => {
        const code = codeOf(error);
        if (error === null || error === undefined) {
          this.#answer({ is: "done", rows: result.rows, count: result.rowCount ?? 0, warning: this.#warning });
        } else if (code === null || this.#ended) {
          this.#answer({ is: "broken", why: textOf(error) });
        } else {
          // A refusal only once the server is ready again; a connection that ends instead was ended with the transaction in whatever state.
          this.#said = { code, message: textOf(error) };
        }
      });
    });
  }

  /** At once, without a word to the server: it may be one that does not listen any more. */
  destroy(why = "we closed the connection"): void {
    this.#end(why);
    this.#socket.destroy();
  }

  #answer(answer: Answer): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(answer);
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endedBecause = this.#said === null ? why : this.#said.message;
    this.#said = null;
    this.#answer({ is: "broken", why: this.#endedBecause });
    this.#onEnd(this);
  }
}
