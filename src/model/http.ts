/** HTTP to a cluster's own servers. Bodies are text; a time-out covers the whole exchange. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds, connecting included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}
export interface HttpReply {
  readonly status: number;
  readonly body: string;
}
export interface HttpClient {
  /** Any status is a reply. Throws `Refused` (SW6001) when nothing was sent: no route, connection refused. Throws `Unreachable` when it may have arrived: a time-out, a cut. */
  request(request: HttpRequest): Promise<HttpReply>;
}
