// From the cluster file to the installation and the ways to reach it.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { DpCluster, DpNode } from "./cluster.ts";
import type { Role } from "./facts.ts";
import { parseOptions, type ClusterOptions } from "./options.ts";
import { caller } from "./wire/caller.ts";
import type { OpenApi } from "./wire/openapi.ts";
import { signedOpenApi } from "./wire/signed.ts";
import { zone } from "./wire/time.ts";

/** What a test or the lab may give instead of the real thing. */
export interface Ports {
  readonly openApi?: OpenApi;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Where the vendor is at home. */
export const usualTimeZone = "Asia/Shanghai";

/** Error SW1102 for keys that are wrong. */
export function openCluster(definition: ClusterDefinition, handles: Handles, ports: Ports = {}): DpCluster {
  const options = parseOptions(definition);
  const http = handles.http?.();
  if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP", { object: definition.cluster });
  const nodes = definition.nodes.map((node): DpNode => {
    const own = options.nodes.get(node.name);
    if (!own) throw new StillwaterError("SW1102", `${node.name} is not complete`, { object: node.name });
    const url = (own.url ?? `http://${node.endpoint}`).replace(/\/+$/, "");
    return { name: node.name, role: own.role, endpoint: node.endpoint, url, hostName: node.host, host: handles.host(node.host) };
  });
  const first = (role: Role): DpNode | null => nodes.find((node) => node.role === role) ?? null;
  const application = first("application");
  if (!application) throw new StillwaterError("SW1102", "no node has the role application", { object: definition.cluster });
  const { openapi, projects, environment, timeZone, upgrade, records, alerts, watch, declared } = options.cluster;
  const openApi = ports.openApi ?? signedOpenApi(accessOf(openapi, application, handles));
  return {
    cluster: definition.cluster,
    nodes,
    application,
    manager: first("manager"),
    gateway: first("gateway"),
    realtime: first("realtime"),
    logonUrl: options.nodes.get(application.name)?.logon ?? application.url,
    api: caller({
      openApi,
      tenantId: openapi.tenantId,
      now: () => handles.now(),
      ...(ports.sleep === undefined ? {} : { sleep: ports.sleep }),
    }),
    http,
    environment: environment ?? "PROD",
    projects: projects ?? null,
    zone: zone(timeZone ?? usualTimeZone),
    upgrade: upgrade ?? { by: "operator" },
    records: records ?? null,
    alertPolicy: alerts?.policy ?? "queue",
    watch: watch ?? null,
    declared: declared ?? {},
    secret: (reference) => handles.secret(reference),
    now: () => handles.now(),
  };
}

export function accessOf(
  openapi: ClusterOptions["openapi"],
  application: Pick<DpNode, "endpoint" | "url">,
  handles: Pick<Handles, "secret">,
): Parameters<typeof signedOpenApi>[0] {
  return {
    endpoint: openapi.endpoint ?? application.endpoint,
    protocol: application.url.startsWith("https:") ? "https" : "http",
    keys: async () => ({ id: await handles.secret(openapi.accessKeyId), secret: await handles.secret(openapi.accessKeySecret) }),
  };
}
