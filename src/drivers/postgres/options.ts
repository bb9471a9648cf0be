// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { readSystemKeys, type SystemOptions } from "../../model/read-system-keys.ts";
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

/** Error SW1102 with one line for each key that is wrong. */
export const parseOptions = (definition: ClusterDefinition): SystemOptions<ClusterOptions, NodeOptions> =>
  readSystemKeys(definition, {
    system: "postgres",
    cluster: clusterOptions,
    node: nodeOptions,
    wrongNode({ endpoint }, options, at) {
      const address = options?.replicationAddress;
      return [
        ...(address !== undefined && endpointOf(address) === null ? [`${at}.replicationAddress: ${address} is not HOST:PORT`] : []),
        ...(endpointOf(endpoint) === null ? [`${at}.endpoint: ${endpoint} is not HOST:PORT`] : []),
      ];
    },
  });

/** `host:port`, also `[::1]:5432`. */
export function endpointOf(endpoint: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(endpoint);
  const port = Number(match?.[3] ?? 0);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
