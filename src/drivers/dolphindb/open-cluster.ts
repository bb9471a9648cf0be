// From the cluster file to the nodes and the ways to reach them.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { DdCluster, DdNode } from "./cluster.ts";
import { parseOptions } from "./options.ts";
import type { Credentials } from "./wire/session.ts";
import type { Transport } from "./wire/transport.ts";
import { webSocketTransport } from "./wire/web-socket.ts";
import { WireRpc } from "./wire/wire-rpc.ts";

/** What a test or the lab may give instead of the real thing. */
export interface Ports {
  readonly transport?: Transport;
}
/** The cluster with what opens sessions of its own, as the probe does. */
export interface OpenedCluster extends DdCluster {
  readonly transport: Transport;
  /** Null: as a guest. */
  readonly credentials: Credentials | null;
  readonly maxUnavailable: number;
  /** The operator's table for the probe, and its clients' wait after `<ChunkInTransaction>`. */
  readonly probe: { readonly table: string | null; readonly chunkLockMs: number | null };
  /** The machine under a host of the cluster file: two names of one machine are the same, as all local ones are. */
  machineOf(hostName: string): string;
}

const defaultProbeDatabase = "dfs://stillwater_probe";

/** Error SW1102 for keys that are wrong. */
export function openCluster(definition: ClusterDefinition, handles: Handles, ports: Ports = {}): OpenedCluster {
  const options = parseOptions(definition);
  const http = handles.http?.();
  if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP", { object: definition.cluster });
  const nodes = definition.nodes.map((node): DdNode => {
    const own = options.nodes.get(node.name);
    if (!own) throw new StillwaterError("SW1102", `${node.name} is not complete`, { object: node.name });
    const stateDirectory = definition.hosts.find(({ name }) => name === node.host)?.stateDirectory ?? "/var/lib/stillwater";
    const clusterDirectory = own.clusterDirectory ?? `${own.server}/clusterDemo`;
    return {
      name: node.name,
      role: own.role,
      alias: own.alias,
      endpoint: node.endpoint,
      hostName: node.host,
      host: handles.host(node.host),
      server: own.server,
      clusterDirectory,
      home: own.home ?? `${clusterDirectory}/data/${own.alias}`,
      archives: `${stateDirectory}/artefacts`,
      backups: `${stateDirectory}/backups/${definition.cluster}`,
    };
  });
  const { authorization, probe } = options.cluster;
  const credentials = authorization === undefined ? null : credentialsOf(authorization, handles);
  const transport = ports.transport ?? webSocketTransport;
  return {
    cluster: definition.cluster,
    maxUnavailable: definition.policy.maxUnavailable,
    nodes,
    rpc: new WireRpc({ servers: nodes, transport, http, credentials, now: () => handles.now() }),
    transport,
    credentials,
    probeDatabase: probe?.database ?? defaultProbeDatabase,
    probe: { table: probe?.table ?? null, chunkLockMs: probe?.chunkLockSeconds === undefined ? null : probe.chunkLockSeconds * 1000 },
    traffic: handles.traffic?.() ?? null,
    service: (node) => handles.service?.(node) ?? null,
    secret: (reference) => handles.secret(reference),
    now: () => handles.now(),
    machineOf: (hostName) => machineOf(definition, hostName),
    node: (name) => {
      const found = nodes.find((node) => node.name === name);
      if (!found) throw new StillwaterError("SW9999", `the cluster has no node ${name}`, { object: name });
      return found;
    },
    aliased: (alias) => nodes.find((node) => node.alias === alias) ?? null,
  };
}

export function credentialsOf(authorization: { readonly user: string; readonly password?: string | undefined }, handles: Handles): Credentials {
  const { user, password } = authorization;
  return { user, password: async () => (password === undefined ? "" : handles.secret(password)) };
}
function machineOf(definition: ClusterDefinition, host: string): string {
  const found = definition.hosts.find(({ name }) => name === host);
  if (!found) return host;
  return found.transport === "local" ? "this machine" : (found.address ?? host).replace(/^[^@]*@/, "");
}
