// From the cluster file to the router and the ways to reach it.
import { setTimeout as pause } from "node:timers/promises";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles, NodeService } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { Host } from "../../model/host.ts";
import type { HttpClient } from "../../model/http.ts";
import type { BackupFiles } from "./backup/files.ts";
import type { Role } from "./facts.ts";
import { parseOptions, type ClusterOptions } from "./options.ts";
import { CdapApi } from "./wire/api.ts";
import { CdapClient } from "./wire/client.ts";
import { Pace } from "./wire/pace.ts";
import { Tokens, type Authorization } from "./wire/tokens.ts";

/** What a test or the lab may give instead of the real thing. */
export interface Ports {
  /** Time to wait before a read is asked again, in ms. */
  readonly wait?: (ms: number) => Promise<void>;
  /** How long a read asks again while a service is not there, in ms. */
  readonly patienceMs?: number;
  /** Of backups. Default: files of this machine. */
  readonly files?: BackupFiles;
}
export interface CdapNode {
  readonly name: string;
  readonly role: Role;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** As the cluster file names it. */
  readonly hostName: string;
  readonly host: Host;
}
export interface CdapCluster {
  readonly cluster: string;
  /** The first is a router: effects over plain HTTP go through its host. */
  readonly nodes: readonly CdapNode[];
  readonly router: CdapNode;
  /** Of the router, without /v3. */
  readonly url: string;
  readonly api: CdapApi;
  readonly tokens: Tokens;
  /** Of all requests. */
  readonly pace: Pace;
  /** Null: all but `system`. */
  readonly namespaces: readonly string[] | null;
  readonly upgrade: NonNullable<ClusterOptions["upgrade"]>;
  readonly checkpoints: NonNullable<ClusterOptions["checkpoints"]>;
  /** Where plans keep their backups, on this machine. */
  readonly backups: string;
  /** What values of secure keys are encrypted with; null: they stay out. */
  backupKey(): Promise<string | null>;
  service(node: string): NodeService | null;
  secret(reference: string): Promise<string>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Files of backups; null: those of this machine. */
  readonly files: BackupFiles | null;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** Error SW1102 for keys that are wrong. */
export function openCluster(definition: ClusterDefinition, handles: Handles, ports: Ports = {}): CdapCluster {
  const { cluster: options, nodes: own } = parseOptions(definition);
  const nodes = definition.nodes
    .map((node): CdapNode => ({
      name: node.name,
      role: own.get(node.name)?.role ?? "router",
      endpoint: node.endpoint,
      hostName: node.host,
      host: handles.host(node.host),
    }))
    .toSorted((a, b) => Number(b.role === "router") - Number(a.role === "router"));
  const router = nodes[0];
  if (router === undefined) throw new StillwaterError("SW1102", "nodes: no router is named, so nobody can be asked", { object: definition.cluster });
  const url = options.url ?? `http://${router.endpoint}`;
  const { api, tokens, pace } = apiOf({ url, host: router.host, handles, authorization: options.authorization, object: definition.cluster }, ports);
  return {
    cluster: definition.cluster,
    nodes,
    router,
    url,
    api,
    tokens,
    pace,
    namespaces: options.namespaces ?? null,
    upgrade: options.upgrade ?? { by: "operator" },
    checkpoints: options.checkpoints ?? {},
    // Files of this machine, wherever the router's host is.
    backups: options.backups ?? `${handles.stateDirectory ?? "/var/lib/stillwater"}/backups/${definition.cluster}`,
    backupKey: async () => (options.backupKey === undefined ? null : handles.secret(options.backupKey)),
    service: (node) => handles.service?.(node) ?? null,
    secret: (reference) => handles.secret(reference),
    now: () => handles.now(),
    files: ports.files ?? null,
    wait: ports.wait ?? ((ms) => pause(ms)),
  };
}

interface Reach {
  readonly url: string;
  /** Null: reads only. */
  readonly host: Host | null;
  readonly handles: Pick<Handles, "http" | "secret" | "now">;
  readonly authorization: ClusterOptions["authorization"];
  readonly object: string;
}
export function apiOf(
  { url, host, handles, authorization, object }: Reach,
  ports: Ports = {},
): { readonly api: CdapApi; readonly tokens: Tokens; readonly pace: Pace } {
  const http: HttpClient | undefined = handles.http?.();
  if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP", { object });
  const tokens = new Tokens(authorizationOf(authorization, handles), http, () => handles.now());
  const wait = ports.wait ?? ((ms: number) => pause(ms));
  const pace = new Pace({ now: () => handles.now(), wait });
  const client = new CdapClient({
    pace,
    http,
    url,
    host,
    tokens,
    wait: ports.wait ?? ((ms) => pause(ms)),
    // Appfabric needs some 20 s after its start.
    patienceMs: ports.patienceMs ?? 30_000,
  });
  return { api: new CdapApi(client), tokens, pace };
}

function authorizationOf(authorization: ClusterOptions["authorization"], handles: Pick<Handles, "secret">): Authorization {
  if (authorization === undefined) return { by: "nobody" };
  if ("token" in authorization) {
    return { by: "token", read: () => handles.secret(authorization.token), renewable: authorization.token.startsWith("@command:") };
  }
  const { user, password, server } = authorization;
  return { by: "password", user, password: () => handles.secret(password), server: server ?? null };
}
