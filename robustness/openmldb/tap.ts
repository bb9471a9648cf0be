// What passes over the lab's network: requests as they leave, and replies where servers give them, also when they are lost afterwards.
import type { Reply, Request } from "../../lab/kit/network.ts";
import type { VirtualNetwork } from "../../lab/kit/virtual-network.ts";

/** One request that a server has answered. */
export interface Answered {
  readonly to: string;
  /** `NameServer/ChangeLeader`. */
  readonly method: string;
  readonly request: Request;
  /** Null: the connection was closed without a word. */
  readonly reply: Reply | null;
}

/** Tells of every answer to one of these methods from now on: servers that listen already are not heard. */
export function hearAnswers(network: VirtualNetwork, methods: ReadonlySet<string>, heard: (answered: Answered) => void): void {
  const listen = network.listen.bind(network);
  network.listen = (endpoint, server) =>
    listen(endpoint, async (request) => {
      const method = methodOf(request.path);
      const reply = await server(request);
      if (methods.has(method)) heard({ to: endpoint, method, request, reply });
      return reply;
    });
}
/** Tells of every request from there as it leaves. Faults that are set meanwhile are in time for that request. */
export function seeRequests(network: VirtualNetwork, from: string, see: (method: string, request: Request) => void): void {
  const matches = (request: Request): boolean => {
    see(methodOf(request.path), request);
    return false;
  };
  network.fault({ from, matches, fault: { kind: "delay" } });
}

const methodOf = (path: string): string => path.slice(1).replace(/^openmldb\.(nameserver|api)\./, "");
export const bodyOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
};
export const codeOf = (reply: Reply | null): number => (reply === null || reply.status !== 200 ? -1 : Number(bodyOf(reply.body)["code"] ?? -1));
