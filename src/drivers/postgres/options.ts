// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { SystemKeys } from "../../model/system-keys.ts";

const path = z.string().regex(/^\/.*[^/]$/, "an absolute path without a slash at its end");

export const nodeOptions = z.strictObject({
  /** PGDATA. */
  dataDirectory: path,
  /** Directory with bin/, lib/ and share/, or a symbolic link to one. */
  installation: path,
  /** What the server writes before its own log is open. Default: in the state directory of the host. */
  logFile: path.optional(),
  /** HOST:PORT at which the other nodes reach it, where that is not the endpoint. */
  replicationAddress: z.string().min(1).optional(),
});
export const clusterOptions = z.strictObject({
  /** A superuser: slots, checkpoints and the whole of pg_settings need one. */
  user: z.string().min(1),
  /** A reference (`@env:`, `@file:`, `@command:`); absent: none is sent. */
  password: z.string().min(1).optional(),
  database: z.string().min(1).default("postgres"),
  /** Where no standby's present connection says it. */
  replicationUser: z.string().min(1).optional(),
  replicationPassword: z.string().min(1).optional(),
  tls: z.enum(["off", "require", "verify"]).default("off"),
});
export const keys: SystemKeys = { node: nodeOptions, cluster: clusterOptions };
export type NodeOptions = z.infer<typeof nodeOptions>;
export type ClusterOptions = z.infer<typeof clusterOptions>;

export interface ParsedOptions {
  readonly cluster: ClusterOptions;
  readonly nodes: ReadonlyMap<string, NodeOptions>;
}

/** Error SW1102 with one line for each key that is wrong. */
export function parseOptions(definition: ClusterDefinition): ParsedOptions {
  const wrong: string[] = [];
  const check = <T>(schema: z.ZodType<T>, value: unknown, at: string): T | null => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) wrong.push(`${[at, ...issue.path].join(".")}: ${issue.message}`);
    return null;
  };
  const cluster = check(clusterOptions, definition.options, "options");
  const nodes = new Map<string, NodeOptions>();
  for (const node of definition.nodes) {
    const parsed = check(nodeOptions, node.options, `nodes.${node.name}.options`);
    if (parsed) nodes.set(node.name, parsed);
    const address = parsed?.replicationAddress;
    if (address !== undefined && endpointOf(address) === null)
      wrong.push(`nodes.${node.name}.options.replicationAddress: ${address} is not HOST:PORT`);
    if (endpointOf(node.endpoint) === null) wrong.push(`nodes.${node.name}.endpoint: ${node.endpoint} is not HOST:PORT`);
  }
  if (cluster === null || wrong.length > 0)
    throw new StillwaterError("SW1102", `The cluster file is not valid for postgres: ${wrong[0] ?? ""}`, { object: definition.cluster, why: wrong });
  return { cluster, nodes };
}

/** `host:port`, also `[::1]:5432`. */
export function endpointOf(endpoint: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(endpoint);
  const port = Number(match?.[3] ?? 0);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
