// The nodes of one cluster with the ways to reach them: what every operation of this driver works with.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles, NodeService, TrafficHooks } from "../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import type { Host } from "../../model/host.ts";
import { Connections, type Access } from "./connections.ts";
import { HandOver } from "./hand-over.ts";
import { readHost, readServer, type HostSnapshot, type ReleaseOnHost, type ServerOnHost } from "./host-snapshot.ts";
import { endpointOf, parseOptions, type ClusterOptions } from "./options.ts";
import { versionOfBinary } from "./version.ts";

export interface PgNode {
  readonly name: string;
  readonly host: Host;
  readonly address: string;
  readonly port: number;
  readonly endpoint: string;
  /** Where standbys connect to it. */
  readonly replication: { readonly host: string; readonly port: number };
  readonly dataDirectory: string;
  readonly installation: string;
  readonly logFile: string;
  /** Where uploaded archives are kept on the host. */
  readonly archives: string;
}

/** Identity and role of a server, by the cheapest question. */
export interface RoleRow {
  readonly recovery: boolean;
  readonly version: string;
  /** When the server started: tells two of its lives apart. */
  readonly started: string;
}

const roleSql = `select pg_is_in_recovery() as recovery, current_setting('server_version') as version, extract(epoch from pg_postmaster_start_time())::text as started`;

export class Servers {
  readonly cluster: string;
  readonly maxUnavailable: number;
  readonly options: ClusterOptions;
  readonly nodes: readonly PgNode[];
  readonly sql: Connections;
  readonly now: () => number;
  readonly traffic: TrafficHooks | null;
  readonly #handles: Handles;
  /** By node: what the last look of a step on its host saw, for the step that comes next. */
  readonly seen: HandOver<HostSnapshot>;
  /** Host and directory to the release found in it: what is staged does not change. */
  readonly roots = new Map<string, string>();
  /** By the identity of the file: a version is read once for each binary. */
  readonly #versions = new Map<string, string | null>();

  constructor(definition: ClusterDefinition, handles: Handles) {
    const options = parseOptions(definition);
    this.cluster = definition.cluster;
    this.maxUnavailable = definition.policy.maxUnavailable;
    this.options = options.cluster;
    this.#handles = handles;
    this.now = () => handles.now();
    this.seen = new HandOver(this.now);
    this.traffic = handles.traffic?.() ?? null;
    const access = new Map<string, Access>();
    this.nodes = definition.nodes.map((node): PgNode => {
      const own = options.nodes.get(node.name);
      const at = endpointOf(node.endpoint);
      if (!own || !at) throw new StillwaterError("SW1102", `${node.name} is not complete`, { object: node.name });
      const stateDirectory = definition.hosts.find(({ name }) => name === node.host)?.stateDirectory ?? "/var/lib/stillwater";
      const { user, password, database, tls } = options.cluster;
      access.set(node.name, { ...at, user, database, tls, password: password === undefined ? null : async () => handles.secret(password) });
      return {
        name: node.name,
        host: handles.host(node.host),
        address: at.host,
        port: at.port,
        endpoint: node.endpoint,
        replication: (own.replicationAddress === undefined ? null : endpointOf(own.replicationAddress)) ?? at,
        dataDirectory: own.dataDirectory,
        installation: own.installation,
        logFile: own.logFile ?? `${stateDirectory}/postgres-${node.name}.log`,
        archives: `${stateDirectory}/artefacts`,
      };
    });
    this.sql = new Connections(access);
  }

  node(name: string): PgNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found) throw new StillwaterError("SW9999", `the cluster has no node ${name}`, { object: name });
    return found;
  }
  /** The node that standbys would reach at this address. */
  at(host: string, port: number): PgNode | null {
    const matches = (node: PgNode): boolean =>
      (node.replication.host === host && node.replication.port === port) || (node.address === host && node.port === port);
    return this.nodes.find(matches) ?? null;
  }
  others(name: string): readonly PgNode[] {
    return this.nodes.filter((node) => node.name !== name);
  }
  service(name: string): NodeService | null {
    return this.#handles.service?.(name) ?? null;
  }
  secret(reference: string): Promise<string> {
    return this.#handles.secret(reference);
  }
  async replicationPassword(): Promise<string | null> {
    const reference = this.options.replicationPassword;
    return reference === undefined ? null : this.#handles.secret(reference);
  }

  snapshot(name: string): Promise<HostSnapshot> {
    const node = this.node(name);
    return readHost(node.host, node);
  }

  /** What the step before has seen, if it is fresh; else what the host says now. */
  async handed(name: string): Promise<HostSnapshot> {
    return this.seen.take(name) ?? this.seen.ask(() => this.snapshot(name));
  }

  /** Process, control file and signal files only. */
  onHost(name: string): Promise<ServerOnHost> {
    const node = this.node(name);
    return readServer(node.host, node);
  }

  /** Null: the binary does not run, or is no postgres. */
  async versionOf(node: PgNode, release: ReleaseOnHost): Promise<string | null> {
    const key = `${node.host.name} ${release.binary}`;
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const result = await node.host.query([`${release.root}/bin/postgres`, "--version"], { timeoutMs: 10_000 });
    const version = result.code === 0 ? versionOfBinary(result.stdout) : null;
    if (version !== null) this.#versions.set(key, version);
    return version;
  }
  /** Throws Refused while the server does not accept connections. */
  async role(name: string): Promise<RoleRow> {
    return this.sql.one<RoleRow>(name, roleSql, [], { name: "role" });
  }

  /**
   * Who serves as primary now: every node is asked, and one that has a process but does not answer hides who leads. Throws Unreachable then, because a
   * role chosen without it could make a second primary. `except`: nodes that are known to be down, or are asked anyway.
   */
  async leader(...except: readonly string[]): Promise<string | null> {
    const asked = this.nodes.filter(({ name }) => !except.includes(name));
    const roles = await Promise.all(
      asked.map(async ({ name }) => {
        try {
          return { name, recovery: (await this.role(name)).recovery };
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error;
          const { process } = await this.onHost(name);
          if (process === null) return { name, recovery: null };
          throw new Unreachable(`${name} runs but does not answer, so who leads is not known: ${error.message}`, { object: name, cause: error });
        }
      }),
    );
    const leaders = roles.filter(({ recovery }) => recovery === false);
    if (leaders.length > 1)
      throw new Unreachable(`two primaries: ${leaders.map(({ name }) => name).join(" and ")}`, {
        object: this.cluster,
        remedy: "Stop the one that the clients do not write to; nothing is done until then.",
      });
    return leaders[0]?.name ?? null;
  }

  close(): Promise<void> {
    return this.sql.close();
  }
}
