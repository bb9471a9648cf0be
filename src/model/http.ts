import type { Fence } from "./fence.ts";
import type { Host } from "./host.ts";

/** HTTP or HTTPS to a cluster's own servers. A time-out covers the whole exchange. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds, connecting included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** `bytes`: the reply has its body as it came; `body` is empty then. Default: text. Not `through` a host. */
  readonly wants?: "bytes";
  /** An effect: the helper on that host sends it, and refuses (SW3010) once a newer claim is recorded there. Only `http:`. */
  readonly through?: { readonly host: Host; readonly fence: Fence };
}
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** Names in lower case; absent where the way has none to tell. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Uint8Array;
}
export interface HttpClient {
  /** Any status is a reply. Throws `Refused` (SW6001) when nothing was sent: no route, connection refused. Throws `Unreachable` when it may have arrived: a time-out, a cut. */
  request(request: HttpRequest): Promise<HttpReply>;
}
