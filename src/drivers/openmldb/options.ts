// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { isHostPort, readSystemKeys, type SystemOptions } from "../../model/read-system-keys.ts";
import type { SystemKeys } from "../../model/system-keys.ts";

const path = z.string().regex(/^\/.*[^/]$/, "an absolute path without a slash at its end");
const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");

export const roles = ["nameserver", "tablet", "apiserver", "taskmanager"] as const;

export const nodeOptions = z.strictObject({
  role: z.enum(roles),
  /** Where bin/ and conf/ are, and where start.sh is called. */
  directory: path,
  /** As start.sh calls it, for a second tablet on one machine: `tablet2`. Default: the role. */
  component: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "a component of start.sh, as `tablet2`")
    .optional(),
  /** How it is started again. Default: as it is found running. */
  start: z.enum(["background", "daemon"]).optional(),
  /** Taskmanager: where the Spark distribution is. Default: `spark.home` of its properties file. */
  sparkHome: path.optional(),
  /** The name by which the cluster knows it when its flags say `--use_name=true`. */
  serverName: z
    .string()
    .regex(/^[^\s/:,]+$/, "a server name")
    .optional(),
});
export const clusterOptions = z.strictObject({
  /** As the flags of the components name it. Absent: the cluster is addressed by its nameservers alone. */
  zookeeper: z
    .strictObject({
      servers: z.string().regex(/^[^\s:,/]+:\d{1,5}(,[^\s:,/]+:\d{1,5})*$/, "HOST:PORT,HOST:PORT"),
      rootPath: path.default("/openmldb"),
      /** Digest `user:password` where `--zk_cert` is set. */
      credentials: secret.optional(),
    })
    .optional(),
  /** For servers with `--skip_grant_tables=false`. Default: the service's own token. */
  authorization: z.strictObject({ user: z.string().min(1), password: secret.optional() }).optional(),
  /** The probe's own database. */
  probe: z.strictObject({ database: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of a database") }).optional(),
});
export const keys: SystemKeys = { node: nodeOptions, cluster: clusterOptions };
export type NodeOptions = z.infer<typeof nodeOptions>;
export type ClusterOptions = z.infer<typeof clusterOptions>;

/** Error SW1102 with one line for each key that is wrong. */
export const parseOptions = (definition: ClusterDefinition): SystemOptions<ClusterOptions, NodeOptions> =>
  readSystemKeys(definition, {
    system: "openmldb",
    cluster: clusterOptions,
    node: nodeOptions,
    wrongNode: ({ endpoint }, options, at) => [
      ...(isHostPort(endpoint) ? [] : [`${at}.endpoint: ${endpoint} is not HOST:PORT`]),
      ...(options?.sparkHome !== undefined && options.role !== "taskmanager" ? [`${at}.sparkHome: only a taskmanager has one`] : []),
    ],
    unique: ({ host, endpoint }, { role, directory, component }) => [
      ["endpoint", endpoint],
      ["component", `${host} ${directory} ${component ?? role}`],
    ],
    wrongTogether: ({ cluster, nodes }) =>
      cluster === null || cluster.zookeeper !== undefined || [...nodes.values()].some(({ role }) => role === "nameserver")
        ? []
        : ["nodes: neither a nameserver nor options.zookeeper is named, so nobody can be asked"],
  });
