// The HTTP that a driver is given, on the lab's network: straight, or sent by the helper of a host that refuses an older claim.
import type { Host } from "../../../src/model/host.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../../../src/model/http.ts";
import { NoReply, type Network } from "../../kit/network.ts";

/** Makes the errors of whoever asks: the lab does not know their class. */
export interface HttpErrors {
  /** Nothing was sent. */
  refused(message: string, object: string): Error;
  /** It may have arrived. */
  unreachable(message: string, object: string): Error;
}
/** The helper's own script ends with it when nobody listens (`src/hosts`). */
export const NOT_CONNECTED = 97;

/** `own`: the endpoint that its requests come from. */
export function memoryHttpClient(network: Network, own: string, errors: HttpErrors): HttpClient {
  return {
    async request(request) {
      const { host: object, hostname, port, protocol } = new URL(request.url);
      if (protocol !== "http:") throw errors.refused(`${request.url}: the lab in memory speaks http only`, object);
      const endpoint = `${hostname}:${port === "" ? "80" : port}`;
      if (request.through !== undefined) return throughHost(request, request.through.host, endpoint, errors);
      try {
        const { status, headers = {}, body, bytes } = await network.call(own, endpoint, messageOf(request), request.timeoutMs);
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        if (request.wants === "bytes") return { status, headers: lower, body: "", bytes: bytes ?? new TextEncoder().encode(body) };
        return { status, headers: lower, body: bytes === undefined ? body : new TextDecoder().decode(bytes) };
      } catch (error) {
        if (!(error instanceof NoReply)) throw error;
        throw error.failure === "refused"
          ? errors.refused(`${object} cannot be reached: connection refused`, object)
          : errors.unreachable(`${object} did not answer: ${error.failure}`, object);
      }
    },
  };
}

const messageOf = ({ method, url, headers = {}, body = "" }: HttpRequest) => {
  const { pathname, search } = new URL(url);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path: `${pathname}${search}`, headers: lower, body };
};

/** As the helper is told: the request on its standard input, the reply on its standard output. */
async function throughHost(request: HttpRequest, host: Host, endpoint: string, errors: HttpErrors): Promise<HttpReply> {
  if (request.through === undefined) throw new Error("not through a host");
  const { method, path, headers, body } = messageOf(request);
  const lines = [`${method} ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const colon = endpoint.lastIndexOf(":");
  const argv = ["bash", "-c", "", "stillwater-http", endpoint.slice(0, colon), endpoint.slice(colon + 1)];
  const said = await host.run(request.through.fence, argv, { timeoutMs: request.timeoutMs, input: `${lines.join("\r\n")}\r\n\r\n${body}` });
  if (said.code === NOT_CONNECTED) throw errors.refused(`${endpoint} cannot be reached from ${host.name}: connection refused`, endpoint);
  const end = said.stdout.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3})/.exec(said.stdout)?.[1];
  if (said.code !== 0 || end < 0 || status === undefined) throw errors.unreachable(`${endpoint} did not answer ${host.name}`, endpoint);
  return { status: Number(status), body: said.stdout.slice(end + 4) };
}
