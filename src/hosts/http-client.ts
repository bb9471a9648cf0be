// HTTP to a cluster's own servers, with kept connections and one deadline over the whole exchange.
import type * as Http from "node:http";
import { Refused, Unreachable } from "../model/errors.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../model/http.ts";

/** Nothing of the request can have arrived. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);
const mostBytes = 64 * 1024 * 1024;

/** Loaded with the first request: it takes megabytes, and many systems never need it. */
export function httpClient(): HttpClient & { close(): void } {
  let opened: { readonly http: typeof Http; readonly agent: Http.Agent } | null = null;
  return {
    async request(request) {
      const http = await import("node:http");
      opened ??= { http, agent: new http.Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16, timeout: 60_000 }) };
      return exchange(opened, request);
    },
    close: () => opened?.agent.destroy(),
  };
}

function exchange(
  { http, agent }: { readonly http: typeof Http; readonly agent: Http.Agent },
  { method, url, headers, body, timeoutMs, signal }: HttpRequest,
): Promise<HttpReply> {
  const object = url.replace(/^https?:\/\/([^/]+).*$/, "$1");
  return new Promise((resolve, reject) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    let connected = false;
    const fail = (error: Error & { readonly code?: string }): void => {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : error.message;
      const nothingSent = neverSent.has(error.code ?? "") || !connected;
      const detail = { object, cause: error };
      reject(nothingSent ? new Refused(`${object} cannot be reached: ${why}`, detail) : new Unreachable(`${object} did not answer: ${why}`, detail));
    };
    const outgoing = http.request(
      url,
      {
        method,
        agent,
        headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      },
      (reply) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        reply.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes > mostBytes) outgoing.destroy(new Error(`more than ${mostBytes} bytes`));
          parts.push(part);
        });
        reply.once("end", () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }));
        reply.once("error", fail);
      },
    );
    outgoing.once("socket", (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once("connect", () => (connected = true));
    });
    outgoing.once("error", fail);
    outgoing.end(body);
  });
}
