// The keys that a cluster file may have for this system.
import { z } from "zod";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { isHostPort, readSystemKeys, type SystemOptions } from "../../model/read-system-keys.ts";
import type { SystemKeys } from "../../model/system-keys.ts";
import { apiClasses, roles } from "./facts.ts";

const secret = z.string().regex(/^@(env|file|command):./, "a reference: @env:NAME, @file:PATH or @command:COMMAND");
const url = z.string().regex(/^https?:\/\/[^\s/]+[^\s]*$/, "an address: http://... or https://...");
/** Up to 64 bits, in digits: YAML would make a number of it and lose the last ones. */
const id = z.string().regex(/^\d{1,20}$/, 'digits in quotation marks: "300001011"');
const argv = z.array(z.string().min(1)).min(1, "a command: a list of its name and arguments");
const source = z.string().min(1, "who says so: a page, a ticket, a name");
const timeZone = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}, "a time zone: Asia/Shanghai, Europe/Berlin, UTC");

export const nodeOptions = z.strictObject({
  role: z.enum(roles),
  /** Where it is reached. Default: http://ENDPOINT. */
  url: url.optional(),
  /** Of the application: the page where users log on. Default: its `url`. */
  logon: url.optional(),
});

/** An application of DataService, as its clients call with it. */
const caller = z.strictObject({ appKey: z.string().min(1), appSecret: secret });
const watchedApi = z.strictObject({
  /** Of the API; `path` where the gateway names it otherwise than /list/ID. */
  id,
  path: z.string().startsWith("/").optional(),
});
const watch = z.strictObject({
  caller,
  /** One published API of each class to be called. */
  apis: z.partialRecord(z.enum(apiClasses), watchedApi).optional(),
  /** An application without any grant. */
  ungranted: caller.optional(),
  /** A field that `caller` has no grant for, of an API that it may call. */
  withheld: watchedApi.extend({ field: z.string().min(1) }).optional(),
  /** An API whose grant expires, and the application that has it. */
  expiring: watchedApi.extend({ caller }).optional(),
  /** An API with a limit; `perSecond` calls are above it. */
  throttled: watchedApi.extend({ perSecond: z.number().int().min(1).max(1_000) }).optional(),
});

export const alertScopes = ["offline", "realtime", "api"] as const;
/** What no API tells, each with who says so (facts 3.2: there is none for alert rules). */
const declared = z.strictObject({
  alertRules: z.array(z.strictObject({ scope: z.enum(alertScopes), rules: z.number().int().min(0), source })).optional(),
  /** APIs with field-level grants that the lists do not show. */
  fieldGrants: z.array(z.strictObject({ api: id, fields: z.array(z.string().min(1)).min(1), source })).optional(),
  /** The class of an API whose document does not tell it. */
  apis: z.record(id, z.strictObject({ class: z.enum(apiClasses), source })).optional(),
  /** Whether failed instances are run again by the platform itself. */
  autoRerun: z.strictObject({ on: z.boolean(), source }).optional(),
  /** Nodes that must not be run again by themselves once they were killed: a person decides. */
  notIdempotent: z.array(z.strictObject({ node: z.string().min(1), source })).optional(),
  /** The version of a release that does not tell it (before 6.0). */
  version: z.strictObject({ is: z.string().min(1), source }).optional(),
  /** Longest time that the cache of field grants protects; default 300 s (facts 2.4). */
  fieldCacheSeconds: z.strictObject({ seconds: z.number().int().min(0), source }).optional(),
});

export const clusterOptions = z.strictObject({
  openapi: z.strictObject({
    accessKeyId: z.string().min(1),
    accessKeySecret: secret,
    tenantId: id,
    /** HOST:PORT. Default: the endpoint of the application. */
    endpoint: z.string().optional(),
  }),
  /** Names or ids. Default: all. */
  projects: z.array(z.string().min(1)).optional(),
  environment: z.enum(["PROD", "DEV"]).optional(),
  /** By which Dataphin's own clock shows its times. */
  timeZone: timeZone.optional(),
  upgrade: z
    .discriminatedUnion("by", [z.strictObject({ by: z.literal("operator") }), z.strictObject({ by: z.literal("command"), command: argv })])
    .optional(),
  /** A command on the manager's host that prints its open upgrade records as JSON: `[{"status": "Configuring", "target": "V6.3.1"}]`. */
  records: argv.optional(),
  /** What becomes of alert events that the platform drops. Default: queue. */
  alerts: z.strictObject({ policy: z.enum(["queue", "drop", "deliver"]) }).optional(),
  watch: watch.optional(),
  declared: declared.optional(),
});
export const keys: SystemKeys = { node: nodeOptions, cluster: clusterOptions };
export type NodeOptions = z.infer<typeof nodeOptions>;
export type ClusterOptions = z.infer<typeof clusterOptions>;
export type Declared = z.infer<typeof declared>;
export type WatchOptions = z.infer<typeof watch>;

/** Error SW1102 with one line for each key that is wrong. */
export const parseOptions = (definition: ClusterDefinition): SystemOptions<ClusterOptions, NodeOptions> =>
  readSystemKeys(definition, {
    system: "dataphin",
    cluster: clusterOptions,
    node: nodeOptions,
    wrongNode: ({ endpoint }, _, at) => (isHostPort(endpoint) ? [] : [`${at}.endpoint: ${endpoint} is not HOST:PORT`]),
    unique: ({ endpoint }, { role }) => [["endpoint", `${endpoint} (${role})`]],
    wrongTogether: ({ cluster, nodes }) => {
      const count = (role: NodeOptions["role"]): number => [...nodes.values()].filter((node) => node.role === role).length;
      const endpoint = cluster?.openapi.endpoint;
      return [
        ...(count("application") === 1 ? [] : ["nodes: exactly one of role application, where the OpenAPI is"]),
        ...(count("manager") > 1 ? ["nodes: more than one of role manager"] : []),
        ...(endpoint === undefined || isHostPort(endpoint) ? [] : [`options.openapi.endpoint: ${endpoint} is not HOST:PORT`]),
      ];
    },
  });
