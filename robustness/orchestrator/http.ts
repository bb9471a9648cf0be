// The driver's HTTP over the lab's virtual network.
import { NoReply, type Network, type Reply } from "../../lab/kit/network.ts";
import { Refused, Unreachable } from "../../src/model/errors.ts";
import type { HttpClient, HttpRequest } from "../../src/model/http.ts";
import type { Mortal } from "./process.ts";

export function virtualHttp(network: Network, own: string, process: Mortal): HttpClient {
  return {
    request: ({ method, url, headers = {}, body = "", timeoutMs, signal }: HttpRequest) =>
      process.live(async () => {
        const match = /^http:\/\/([^/]+)(\/.*)?$/.exec(url);
        const to = match?.[1] ?? "";
        if (signal?.aborted === true) throw new Refused(`${to} was not asked: the time for it is over`, { object: to });
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        let reply: Reply;
        try {
          reply = await network.call(own, to, { method, path: match?.[2] ?? "/", headers: lower, body }, timeoutMs);
        } catch (error) {
          if (!(error instanceof NoReply)) throw error;
          if (error.failure === "refused") throw new Refused(`${to} cannot be reached: connection refused`, { object: to });
          throw new Unreachable(`${to} did not answer: ${error.failure}`, { object: to });
        }
        return { status: reply.status, body: reply.body };
      }),
  };
}
