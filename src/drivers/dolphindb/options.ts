// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { isHostPort, readSystemKeys, type SystemOptions } from "../../model/read-system-keys.ts";
import type { SystemKeys } from "../../model/system-keys.ts";
import { roles } from "./facts.ts";

const path = z.string().regex(/^\/.*[^/]$/, "an absolute path without a slash at its end");
const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");

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

/** Error SW1102 with one line for each key that is wrong. */
export const parseOptions = (definition: ClusterDefinition): SystemOptions<ClusterOptions, NodeOptions> =>
  readSystemKeys(definition, {
    system: "dolphindb",
    cluster: clusterOptions,
    node: nodeOptions,
    wrongNode: ({ endpoint }, _, at) => (isHostPort(endpoint) ? [] : [`${at}.endpoint: ${endpoint} is not HOST:PORT`]),
    unique: ({ endpoint }, { alias }) => [
      ["endpoint", endpoint],
      ["alias", alias],
    ],
    wrongTogether: ({ nodes }) =>
      [...nodes.values()].some(({ role }) => role === "controller") ? [] : ["nodes: no controller is named, so nobody can be asked"],
  });
