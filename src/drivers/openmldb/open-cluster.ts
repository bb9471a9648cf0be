// From the cluster file to the nodes and the ways to reach them.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { OmCluster, OmNode } from "./cluster.ts";
import { parseOptions } from "./options.ts";
import { WireRpc } from "./wire/wire-rpc.ts";
import { electedNameservers, type ZooKeeperPort } from "./wire/zookeeper.ts";

/** What a test or the lab may give instead of the real thing. */
export interface Ports {
  readonly zookeeper?: ZooKeeperPort;
}
/** The cluster with what only inspect and the checks need. */
export interface OpenedCluster extends OmCluster {
  /** Null: the cluster file names no ZooKeeper. */
  readonly zookeeperPort: ZooKeeperPort | null;
  /** The machine under a node's host: two names of one machine are the same, as all local ones are. */
  machineOf(node: string): string;
}

const defaultProbeDatabase = "stillwater_probe";

/** Error SW1102 for keys that are wrong. */
export function openCluster(definition: ClusterDefinition, handles: Handles, ports: Ports = {}): OpenedCluster {
  const options = parseOptions(definition);
  const http = handles.http?.();
  if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP", { object: definition.cluster });
  const { zookeeper: named, authorization, probe } = options.cluster;
  const zookeeper = named === undefined ? null : { servers: named.servers.split(","), rootPath: named.rootPath };
  const zookeeperPort = zookeeper === null ? null : (ports.zookeeper ?? lazyZooKeeper(zookeeper.servers, secretOf(handles, named?.credentials)));
  const nodes = definition.nodes.map((node): OmNode => {
    const own = options.nodes.get(node.name);
    if (!own) throw new StillwaterError("SW1102", `${node.name} is not complete`, { object: node.name });
    const stateDirectory = definition.hosts.find(({ name }) => name === node.host)?.stateDirectory ?? "/var/lib/stillwater";
    return {
      name: node.name,
      role: own.role,
      endpoint: own.serverName ?? node.endpoint,
      address: node.endpoint,
      host: handles.host(node.host),
      directory: own.directory,
      component: own.component ?? own.role,
      start: own.start ?? null,
      sparkHome: own.sparkHome ?? null,
      archives: `${stateDirectory}/artefacts`,
      backups: `${stateDirectory}/backups/${definition.cluster}`,
    };
  });
  const secret = authorization?.password;
  const rpc = new WireRpc({
    http,
    credentials: authorization === undefined ? null : { user: authorization.user, password: secretOf(handles, secret) ?? (async () => "") },
    servers: nodes,
    nameserversElsewhere: zookeeper === null || zookeeperPort === null ? null : () => electedNameservers(zookeeperPort, zookeeper.rootPath),
    now: () => handles.now(),
  });
  const machines = new Map(definition.nodes.map(({ name, host }) => [name, machineOf(definition, host)]));
  return {
    cluster: definition.cluster,
    maxUnavailable: definition.policy.maxUnavailable,
    nodes,
    rpc,
    zookeeper,
    zookeeperPort,
    machineOf: (node) => machines.get(node) ?? node,
    probeDatabase: probe?.database ?? defaultProbeDatabase,
    traffic: handles.traffic?.() ?? null,
    service: (node) => handles.service?.(node) ?? null,
    secret: (reference) => handles.secret(reference),
    now: () => handles.now(),
    node: (name) => {
      const found = nodes.find((node) => node.name === name);
      if (!found) throw new StillwaterError("SW9999", `the cluster has no node ${name}`, { object: name });
      return found;
    },
    at: (endpoint) => nodes.find((node) => node.endpoint === endpoint || node.address === endpoint) ?? null,
  };
}

function machineOf(definition: ClusterDefinition, host: string): string {
  const found = definition.hosts.find(({ name }) => name === host);
  if (!found) return host;
  return found.transport === "local" ? "this machine" : (found.address ?? host).replace(/^[^@]*@/, "");
}
const secretOf = (handles: Handles, reference: string | undefined): (() => Promise<string>) | null =>
  reference === undefined ? null : () => handles.secret(reference);

/** The client library is loaded when ZooKeeper is asked for the first time. */
function lazyZooKeeper(servers: readonly string[], credentials: (() => Promise<string>) | null): ZooKeeperPort {
  const load = async (): Promise<ZooKeeperPort> => (await import("./wire/zookeeper-client.ts")).zooKeeperClient(servers, credentials);
  return {
    visit: async (read) => (await load()).visit(read),
    word: async (server, word) => (await load()).word(server, word),
  };
}
