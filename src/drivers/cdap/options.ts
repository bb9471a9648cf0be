// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { isHostPort, readSystemKeys, type SystemOptions } from "../../model/read-system-keys.ts";
import type { SystemKeys } from "../../model/system-keys.ts";
import { roles } from "./facts.ts";

const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");
const url = z.string().regex(/^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*[^\s/?#])?$/, "http://HOST:PORT or https://HOST[/PATH], without a slash at its end");
const namespace = z.string().regex(/^[A-Za-z0-9_]+$/, "a namespace: letters, digits and underscores");

export const nodeOptions = z.strictObject({
  /** `master`: a host whose packages are replaced. */
  role: z.enum(roles),
});
export const clusterOptions = z.strictObject({
  /** Of the router, without /v3. Default: http://ENDPOINT of the first router. */
  url: url.optional(),
  authorization: z
    .union([
      z.strictObject({ user: z.string().min(1), password: secret, /** Default: the one that a 401 names. */ server: url.optional() }),
      /** Read again whenever it is refused, so `@command:` renews it. */
      z.strictObject({ token: secret }),
    ])
    .optional(),
  /** Default: all but `system`. */
  namespaces: z.array(namespace).min(1).optional(),
  /** How CDAP itself is replaced. Default: an operator does it, and Stillwater waits and checks. */
  upgrade: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("operator"), instruction: z.string().min(1).optional() }),
      z.strictObject({ by: z.literal("command"), command: z.array(z.string().min(1)).min(1) }),
      z.strictObject({
        by: z.literal("kubernetes"),
        namespace: z.string().min(1),
        resource: z.string().min(1),
        /** IMAGE without a tag; the goal's version becomes the tag. */
        image: z.string().min(1).optional(),
        userInterfaceImage: z.string().min(1).optional(),
      }),
    ])
    .optional(),
  /** Directory on the machine of Stillwater where plans keep their backups. Default: backups/CLUSTER below the state directory of Stillwater, as of `stillwater backup`. */
  backups: z
    .string()
    .regex(/^\/.*[^/]$/, "an absolute path without a slash at its end")
    .optional(),
  /** Encrypts values of secure keys in backups, and opens them for a restore. Absent: backups have their names only. */
  backupKey: secret.optional(),
  /** What nobody can read: where checkpoints lie, and how to copy them. */
  checkpoints: z.strictObject({ directory: z.string().min(1).optional(), copy: z.array(z.string().min(1)).min(1).optional() }).optional(),
});
export const keys: SystemKeys = { node: nodeOptions, cluster: clusterOptions };
export type NodeOptions = z.infer<typeof nodeOptions>;
export type ClusterOptions = z.infer<typeof clusterOptions>;

/** Error SW1102 with one line for each key that is wrong. */
export const parseOptions = (definition: ClusterDefinition): SystemOptions<ClusterOptions, NodeOptions> =>
  readSystemKeys(definition, {
    system: "cdap",
    cluster: clusterOptions,
    node: nodeOptions,
    wrongNode: ({ endpoint }, _, at) => (isHostPort(endpoint) ? [] : [`${at}.endpoint: ${endpoint} is not HOST:PORT`]),
    unique: ({ endpoint, host }, { role }) => [[`endpoint and role ${role}`, `${endpoint} on ${host}`]],
    wrongTogether: ({ nodes }) =>
      [...nodes.values()].some(({ role }) => role === "router") ? [] : ["nodes: no router is named, so nobody can be asked"],
  });
