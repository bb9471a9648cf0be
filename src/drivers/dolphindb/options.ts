// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { SystemKeys } from "../../model/system-keys.ts";
import { roles } from "./facts.ts";

const path = z.string().regex(/^\/.*[^/]$/, "an absolute path without a slash at its end");
const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");
const hostPort = /^[^\s:,/]+:\d{1,5}$/;

export const nodeOptions = z.strictObject({
  role: z.enum(roles),
  /** As cluster.nodes names it. */
  alias: z.string().regex(/^[^\s:,"']+$/, "an alias of cluster.nodes"),
  /** Installation directory: where the binary `dolphindb` is. */
  server: path,
  /** Where config/, data/ and the start scripts are. Default: clusterDemo below `server`. */
  clusterDirectory: path.optional(),
  /** Home directory of the node. Default: data/ALIAS below the cluster directory. */
  home: path.optional(),
});
export const clusterOptions = z.strictObject({
  /** An administrator: what stops nodes and suspends recovery needs one. */
  authorization: z.strictObject({ user: z.string().min(1), password: secret.optional() }).optional(),
  probe: z
    .strictObject({
      /** What the names of the probe's own databases begin with. */
      database: z
        .string()
        .regex(/^dfs:\/\/[A-Za-z0-9_]+$/, "a database: dfs://NAME")
        .optional(),
      /** A table of the operator's that the probe writes to instead. */
      table: z
        .string()
        .regex(/^dfs:\/\/[^\s"]+\/[^\s"/]+$/, "a table: dfs://DATABASE/TABLE")
        .optional(),
      /** How long the clients wait after `<ChunkInTransaction>`; the vendor's API: 10. */
      chunkLockSeconds: z.number().min(0).max(60).optional(),
    })
    .optional(),
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
    for (const [what, key] of [
      ["endpoint", node.endpoint],
      ["alias", parsed.alias],
    ] as const) {
      const other = seen.get(`${what} ${key}`);
      if (other !== undefined) wrong.push(`${at}: ${other} has the same ${what}`);
      seen.set(`${what} ${key}`, node.name);
    }
  }
  if (![...nodes.values()].some(({ role }) => role === "controller")) wrong.push("nodes: no controller is named, so nobody can be asked");
  if (wrong.length > 0 || cluster === null)
    throw new StillwaterError("SW1102", `the cluster file of ${definition.cluster} is wrong`, { object: definition.cluster, why: wrong });
  return { cluster, nodes };
}
