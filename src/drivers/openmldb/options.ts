// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { SystemKeys } from "../../model/system-keys.ts";

const path = z.string().regex(/^\/.*[^/]$/, "an absolute path without a slash at its end");
const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");
const hostPort = /^[^\s:,/]+:\d{1,5}$/;

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

export interface ParsedOptions {
  readonly cluster: ClusterOptions;
  readonly nodes: ReadonlyMap<string, NodeOptions>;
}

export const isHostPort = (text: string): boolean => {
  const port = Number(text.slice(text.lastIndexOf(":") + 1));
  return hostPort.test(text) && port >= 1 && port <= 65_535;
};

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
  const seen = new Map<string, string>();
  for (const node of definition.nodes) {
    const at = `nodes.${node.name}`;
    const parsed = check(nodeOptions, node.options, at);
    if (!isHostPort(node.endpoint)) wrong.push(`${at}.endpoint: ${node.endpoint} is not HOST:PORT`);
    if (parsed === null) continue;
    nodes.set(node.name, parsed);
    if (parsed.sparkHome !== undefined && parsed.role !== "taskmanager") wrong.push(`${at}.sparkHome: only a taskmanager has one`);
    for (const [what, key] of [
      ["endpoint", node.endpoint],
      ["component", `${node.host} ${parsed.directory} ${parsed.component ?? parsed.role}`],
    ] as const) {
      const other = seen.get(`${what} ${key}`);
      if (other !== undefined) wrong.push(`${at}: ${other} has the same ${what}`);
      seen.set(`${what} ${key}`, node.name);
    }
  }
  const nameservers = [...nodes.values()].some(({ role }) => role === "nameserver");
  if (cluster !== null && cluster.zookeeper === undefined && !nameservers)
    wrong.push("nodes: neither a nameserver nor options.zookeeper is named, so nobody can be asked");
  if (cluster === null || wrong.length > 0)
    throw new StillwaterError("SW1102", `The cluster file is not valid for openmldb: ${wrong[0] ?? ""}`, { object: definition.cluster, why: wrong });
  return { cluster, nodes };
}
