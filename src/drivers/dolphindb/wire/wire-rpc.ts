// What the driver asks of the servers of one cluster: a session to each, the leader found by asking.
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { HttpClient } from "../../../model/http.ts";
import type { Role } from "../facts.ts";
import type { Rpc, Value } from "../rpc.ts";
import { NoConnection, ServerRefused } from "./errors.ts";
import { sendScript } from "./json-api.ts";
import { Session, type Credentials } from "./session.ts";
import type { Transport } from "./transport.ts";

/** Milliseconds; a controller that aggregates millions of chunks is given its own. */
export const readTimeoutMs = 10_000;
export const effectTimeoutMs = 20_000;

export interface KnownServer {
  /** As the cluster file names it. */
  readonly name: string;
  readonly role: Role;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
}
export interface WireOptions {
  readonly servers: readonly KnownServer[];
  readonly transport: Transport;
  readonly http: HttpClient;
  /** Null: as a guest. */
  readonly credentials: Credentials | null;
  /** Milliseconds since 1970. */
  now(): number;
}

const roleWords: Readonly<Record<Role, string>> = { controller: "controller", agent: "agent", datanode: "data node", computenode: "compute node" };
export const serverWords = ({ name, role, endpoint }: Pick<KnownServer, "name" | "role" | "endpoint">): string =>
  `${roleWords[role]} ${name} (${endpoint})`;

export class WireRpc implements Rpc {
  readonly #options: WireOptions;
  readonly #sessions = new Map<string, Promise<Session>>();
  #lastLeader: string | null = null;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  call(node: string, name: string, args: readonly Value[] = [], timeoutMs: number = readTimeoutMs): Promise<Value> {
    return this.#read(node, (session) => session.call(name, args, timeoutMs), timeoutMs);
  }
  script(node: string, text: string, timeoutMs: number = readTimeoutMs): Promise<Value> {
    return this.#read(node, (session) => session.script(text, timeoutMs), timeoutMs);
  }

  async leader(): Promise<string> {
    const controllers = this.#options.servers.filter(({ role }) => role === "controller");
    const remembered = controllers.filter(({ name }) => name === this.#lastLeader);
    const toAsk = [...remembered, ...controllers.filter(({ name }) => name !== this.#lastLeader)];
    const why: string[] = [];
    const asked = new Set<string>();
    for (let next = toAsk.shift(); next !== undefined; next = toAsk.shift()) {
      const candidate = next;
      if (asked.has(candidate.name)) continue;
      asked.add(candidate.name);
      const named = await this.#namedBy(candidate, why);
      if (named === null) continue;
      if (named === candidate.name) return (this.#lastLeader = candidate.name);
      const leader = controllers.find(({ name }) => name === named);
      // A follower may name one that has just gone: it leads if it says so itself.
      if (leader !== undefined && !asked.has(leader.name)) toAsk.unshift(leader);
    }
    this.#lastLeader = null;
    throw new Unreachable("no controller leads the cluster now", {
      object: "controllers",
      why,
      remedy: "An election takes 8 to 16 seconds (raftElectionTick); if it stays so, look at the controllers' logs.",
    });
  }
  /** The controller that this one names as leader; null: it does not say. */
  async #namedBy(controller: KnownServer, why: string[]): Promise<string | null> {
    const { servers } = this.#options;
    try {
      const alias = await this.call(controller.name, "getActiveMaster", [], readTimeoutMs);
      const named = servers.find((each) => each.role === "controller" && each.alias === alias);
      const other = named === undefined && typeof alias === "string" ? ", which the cluster file does not have" : "";
      why.push(`${controller.name} names ${typeof alias === "string" ? alias : "none"}${other}`);
      if (named !== undefined) return named.name;
      // Without Raft there is one controller, which may name nobody.
      const isAlone = servers.filter(({ role }) => role === "controller").length === 1;
      return isAlone && (alias === null || alias === "") ? controller.name : null;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      why.push(`${controller.name}: ${error.message}`);
      if (!(error instanceof ServerRefused) || error.leaderAddress === null) return null;
      const address = error.leaderAddress;
      return servers.find((each) => each.role === "controller" && each.endpoint === address)?.name ?? null;
    }
  }

  async effect(node: string, text: string, through: Parameters<Rpc["effect"]>[2], timeoutMs: number = effectTimeoutMs): Promise<Value> {
    const server = this.#server(node);
    const { http, credentials } = this.#options;
    return sendScript({ http, address: server.endpoint, server: serverWords(server), credentials, script: text, through, timeoutMs });
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    for (const each of sessions) if (each.status === "fulfilled") each.value.close();
  }

  /** A session that broke meanwhile is opened again once: reading twice does no harm. */
  async #read<T>(node: string, ask: (session: Session) => Promise<T>, timeoutMs: number): Promise<T> {
    const kept = this.#sessions.has(node);
    const began = this.#options.now();
    const session = await this.#session(node, timeoutMs);
    try {
      return await ask(session);
    } catch (error) {
      const cut = error instanceof Unreachable && session.closed && this.#options.now() - began < timeoutMs / 2;
      if (!kept || !cut) throw error;
      return ask(await this.#session(node, timeoutMs));
    }
  }
  async #session(node: string, timeoutMs: number): Promise<Session> {
    const known = this.#sessions.get(node);
    if (known !== undefined) {
      const session = await known.catch(() => null);
      if (session !== null && !session.closed) return session;
      if (this.#sessions.get(node) === known) this.#sessions.delete(node);
      else return this.#session(node, timeoutMs);
    }
    const server = this.#server(node);
    const { transport, credentials } = this.#options;
    const opening = Session.open({ transport, address: server.endpoint, server: serverWords(server), credentials, timeoutMs });
    this.#sessions.set(node, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#sessions.get(node) === opening) this.#sessions.delete(node);
      if (error instanceof NoConnection) throw new NoConnection(serverWords(server), error.message, error);
      if (error instanceof Refused && !(error instanceof ServerRefused))
        throw new Refused(`${serverWords(server)} cannot be reached: ${error.message}`, { object: node, cause: error });
      throw error;
    }
  }
  #server(node: string): KnownServer {
    const found = this.#options.servers.find(({ name }) => name === node);
    if (!found) throw new StillwaterError("SW9999", `the cluster has no node ${node}`, { object: node });
    return found;
  }
}
