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
      // Loaded with the first effect, as node:http is with the first request.
      if (request.through !== undefined)
        return (await import("./http-through-host.ts")).requestThroughHost(request.through.host, request.through.fence, request);
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
    let connected = false;
    let over = false;
    // Timers and listeners that are taken away again: a signal made for each request lives as long as its time-out, which at hundreds of requests a second
    // is most of the memory of a probe.
    const finish = (): boolean => {
      if (over) return false;
      over = true;
      clearTimeout(deadline);
      signal?.removeEventListener("abort", aborted);
      return true;
    };
    const fail = (error: Error & { readonly code?: string }): void => {
      if (!finish()) return;
      const nothingSent = neverSent.has(error.code ?? "") || !connected;
      const detail = { object, cause: error };
      reject(
        nothingSent
          ? new Refused(`${object} cannot be reached: ${error.message}`, detail)
          : new Unreachable(`${object} did not answer: ${error.message}`, detail),
      );
    };
    const end = (why: string): void => {
      fail(new Error(why));
      outgoing.destroy();
    };
    const aborted = (): void => end("its time was over");
    const outgoing = http.request(
      url,
      { method, agent, headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) } },
      (reply) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        reply.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes > mostBytes) end(`more than ${mostBytes} bytes`);
          else parts.push(part);
        });
        reply.once("end", () => {
          if (finish()) resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") });
        });
        reply.once("error", fail);
      },
    );
    const deadline = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
    outgoing.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => (connected = true));
      else connected = true;
    });
    outgoing.on("error", fail);
    if (signal?.aborted === true) aborted();
    else {
      signal?.addEventListener("abort", aborted, { once: true });
      outgoing.end(body);
    }
  });
}
