// The rpcs of one cluster over HTTP.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpClient } from "../../../model/http.ts";
import { readTimeoutMs, type NameserverEffects, type NameserverReads, type Rpc } from "../rpc.ts";
import { versionOfPage } from "../release-version.ts";
import { querySql } from "./apiserver.ts";
import { Exchange, type Credentials } from "./exchange.ts";
import { LeadingNameserver, type Nameserver } from "./leader.ts";
import { NameserverClient } from "./nameserver.ts";
import { taskmanagerVersionReply } from "./replies.ts";
import { TabletClient } from "./tablet.ts";

/** A server of the cluster file. */
export interface KnownServer {
  readonly name: string;
  readonly role: "nameserver" | "tablet" | "apiserver" | "taskmanager";
  /** As the cluster's metadata names it. */
  readonly endpoint: string;
  /** HOST:PORT where it listens. */
  readonly address: string;
  /** Where effects for it are sent from; absent: from here, without a fence. */
  readonly host?: Host;
}
export interface WireOptions {
  readonly http: HttpClient;
  readonly credentials: Credentials;
  readonly servers: readonly KnownServer[];
  /** Asked when the cluster file names no nameserver; null: nobody could tell. */
  readonly nameserversElsewhere: (() => Promise<readonly { readonly endpoint: string; readonly address: string }[]>) | null;
  readonly now: () => number;
}

export class WireRpc implements Rpc {
  readonly nameserver: NameserverReads & NameserverEffects;
  readonly #options: WireOptions;
  readonly #exchange: Exchange;
  readonly #leader: LeadingNameserver;
  /** Endpoint of the metadata to where it listens, as ShowTablet told it last. */
  readonly #realEndpoints = new Map<string, string>();
  readonly #tablets = new Map<string, TabletClient>();

  constructor(options: WireOptions) {
    this.#options = options;
    this.#exchange = new Exchange(options.http, options.credentials, options.now, (address) => {
      // What the cluster file does not name is reached from a host that it does: the claim stands on each of them.
      const server = options.servers.find((each) => each.address === address) ?? options.servers[0];
      return server?.host ?? null;
    });
    this.#leader = new LeadingNameserver(this.#exchange, () => this.#nameservers());
    this.nameserver = new NameserverClient(this.#exchange, this.#leader, (tablets) => {
      for (const { endpoint, real_endpoint: real } of tablets) if (real !== undefined && real !== "") this.#realEndpoints.set(endpoint, real);
    });
  }

  tablet(endpoint: string): TabletClient {
    const known = this.#tablets.get(endpoint);
    if (known) return known;
    const client = new TabletClient(this.#exchange, () => this.#where(endpoint));
    this.#tablets.set(endpoint, client);
    return client;
  }

  async version(endpoint: string): Promise<string | null> {
    const server = this.#options.servers.find((each) => each.endpoint === endpoint || each.address === endpoint);
    const address = server?.address ?? endpoint;
    try {
      const page = await this.#exchange.page(address, "/version", readTimeoutMs);
      const version = page.status === 200 ? versionOfPage(page.body) : null;
      if (version !== null || server?.role !== "taskmanager") return version;
      const reply = await this.#exchange.read({
        address,
        server: `taskmanager ${server.name} (${address})`,
        service: "openmldb.taskmanager.TaskManagerServer",
        method: "GetVersion",
        body: {},
        reply: taskmanagerVersionReply,
      });
      return versionOfPage(reply.taskmanager_version ?? reply.taskmanagerVersion ?? "");
    } catch (error) {
      if (error instanceof Unreachable) return null;
      throw error;
    }
  }

  async leader(): Promise<string | null> {
    return (await this.#leader.ask())?.endpoint ?? null;
  }

  sql(database: string, sql: string): ReturnType<Rpc["sql"]> {
    const apiservers = this.#options.servers.filter(({ role }) => role === "apiserver");
    return querySql(
      this.#options.http,
      apiservers.map(({ name, address }) => ({ server: `apiserver ${name} (${address})`, address })),
      database,
      sql,
    );
  }

  async #nameservers(): Promise<readonly Nameserver[]> {
    const known = this.#options.servers.filter(({ role }) => role === "nameserver");
    if (known.length > 0) return known.map(({ name, endpoint, address }) => ({ server: `nameserver ${name} (${address})`, endpoint, address }));
    const found = (await this.#options.nameserversElsewhere?.()) ?? [];
    if (found.length === 0)
      throw new Refused("no nameserver is known: the cluster file names none, and none is registered in ZooKeeper", {
        object: "nameserver",
        remedy: "Start the nameservers, or name them in the cluster file.",
      });
    return found.map(({ endpoint, address }) => ({ server: `nameserver ${address}`, endpoint, address }));
  }

  async #where(endpoint: string): Promise<{ readonly server: string; readonly address: string }> {
    const node = this.#options.servers.find((each) => each.endpoint === endpoint);
    if (node) return { server: `tablet ${node.name} (${node.address})`, address: node.address };
    if (!this.#realEndpoints.has(endpoint) && !endpoint.includes(":")) await this.nameserver.showTablet();
    const address = this.#realEndpoints.get(endpoint) ?? endpoint;
    if (!address.includes(":"))
      throw new Refused(`where the tablet ${endpoint} listens is not known`, {
        object: endpoint,
        remedy: `Give the node of the cluster file \`serverName: ${endpoint}\`.`,
      });
    return { server: `tablet ${address}`, address };
  }
}
