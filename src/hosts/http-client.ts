// HTTP to a cluster's own servers, with kept connections and one deadline over the whole exchange.
import type * as Http from "node:http";
import type * as Https from "node:https";
import { Refused, Unreachable } from "../model/errors.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../model/http.ts";

/** Nothing of the request can have arrived. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);
const mostBytes = 64 * 1024 * 1024;

/**
 * Loaded with the first request: it takes megabytes, and many systems never need it. Not by `import`: that reads every export of a module of Node, and one
 * of these is a browser's WebSocket, for which Node loads a second HTTP client of 13 MB.
 */
export function httpClient(): HttpClient & { close(): void } {
  const opened: { plain: Opened | null; tls: Opened | null } = { plain: null, tls: null };
  return {
    async request(request) {
      // Loaded with the first effect, as node:http is with the first request.
      if (request.through !== undefined)
        return (await import("./http-through-host.ts")).requestThroughHost(request.through.host, request.through.fence, request);
      const kept = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16, timeout: 60_000 };
      if (request.url.startsWith("https:")) {
        const https = process.getBuiltinModule("node:https");
        return exchange((opened.tls ??= { request: https.request, agent: new https.Agent(kept) }), request);
      }
      const http = process.getBuiltinModule("node:http");
      return exchange((opened.plain ??= { request: http.request, agent: new http.Agent(kept) }), request);
    },
    close: () => {
      opened.plain?.agent.destroy();
      opened.tls?.agent.destroy();
    },
  };
}
interface Opened {
  readonly request: typeof Http.request | typeof Https.request;
  readonly agent: Http.Agent | Https.Agent;
}

function exchange({ request, agent }: Opened, { method, url, headers, body, timeoutMs, signal, wants }: HttpRequest): Promise<HttpReply> {
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
    const outgoing = request(
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
          if (!finish()) return;
          const whole = Buffer.concat(parts);
          const answer = { status: reply.statusCode ?? 0, headers: headersOf(reply.headers) };
          resolve(wants === "bytes" ? { ...answer, body: "", bytes: whole } : { ...answer, body: whole.toString("utf8") });
        });
        reply.once("error", fail);
        // Cut before its end: neither `end` nor always an error follows.
        reply.once("aborted", () => fail(new Error("the answer was cut off")));
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

const headersOf = (headers: Http.IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
