/** HTTP between the lab's nodes, and from whoever asks them. An endpoint is `HOST:PORT`. */
export interface Request {
  readonly method: string;
  /** With the query, from the first slash on. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Instead of `body`: what is no text. */
  readonly bytes?: Uint8Array;
  /** Instead of `body`: a chunked answer, as it is made; the status line is sent before the first part. Where it throws, the connection is cut. */
  readonly parts?: AsyncIterable<string>;
}
/** Null: the connection is closed without a word. */
export type Server = (request: Request) => Promise<Reply | null>;

/** `refused`: nobody listens, so nothing arrived. `closed`, `time-out`: it may have arrived. */
export class NoReply extends Error {
  readonly failure: "refused" | "closed" | "time-out";
  constructor(failure: "refused" | "closed" | "time-out", endpoint: string) {
    super(`${endpoint}: ${failure}`);
    this.failure = failure;
  }
}

export interface Network {
  /** Error when the endpoint is taken. */
  listen(endpoint: string, server: Server): Promise<Listener>;
  /** Throws NoReply. `from` is the endpoint of the caller, so that links can be cut in one direction. */
  call(from: string, to: string, request: Request, timeoutMs: number): Promise<Reply>;
}
export interface Listener {
  /** At once: requests under way are cut. */
  close(): void;
}
