import { z } from "zod";

// The form of cluster.yaml as people write it. What a system adds to it (keys of a node, `options:`) is checked by its driver's SystemKeys.
// docs/schemas/cluster.json is made from this.

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
const name = z.string().regex(nameForm, "is not a name: letters, digits and . _ : @ - only, a letter or digit first, at most 128");
const text = z.string().min(1);
const argv = z
  .array(z.string(), {
    error: (issue) => (issue.input === undefined ? undefined : "must be a list of arguments: [program, argument, ...]; no shell reads it"),
  })
  .min(1)
  .describe("Program and arguments; no shell reads it.");

const host = z.strictObject({
  transport: z.enum(["local", "openssh"]).optional().describe("How the host is reached. Default: openssh."),
  address: text.optional().describe("openssh: user@host, or an alias of ssh_config. Default: the name of the host."),
  user: text.optional().describe("local: run as this user when Stillwater itself is root."),
  stateDirectory: text
    .optional()
    .describe(
      "Where Stillwater keeps its record and staged artefacts on the host. Default: /var/lib/stillwater; local and not root: ~/.local/state/stillwater.",
    ),
  domain: text.optional().describe("Failure domain: hosts of one domain may go together."),
});

const service = z.discriminatedUnion("manager", [
  z.strictObject({ manager: z.literal("systemd"), unit: text }),
  z.strictObject({ manager: z.literal("command"), start: argv, stop: argv, status: argv.optional() }),
]);

/** The keys of a node that every system has. */
export const nodeKeys = {
  host: text.describe("A name under hosts."),
  endpoint: text.describe("Where Stillwater and its probe reach the node, HOST:PORT unless the system says otherwise."),
  service: service.nullable().optional().describe("How the node is started and stopped, where the driver does not do it itself."),
} as const;

const route = z
  .strictObject({
    hosts: z.array(text).min(1).optional().describe("Endpoints that the probe tries in turn, as a client with several hosts does."),
    address: text.optional().describe("One address in front of the nodes: a proxy, a virtual address."),
  })
  .describe("The way of the users, one of hosts and address. Default: every node that serves clients.");

const continuity = z.strictObject({
  enabled: z.boolean().optional().describe("Default: true."),
  route: route.optional(),
  rate: z.number().positive().max(10_000).optional().describe("Attempts per second. Default: 200."),
  minAcks: z.int().min(1).optional().describe("Acknowledgements that each risk window must hold. Default: 20."),
  verifyAfterS: z.number().min(0).optional().describe("Seconds after the last node has rejoined until everything is read again. Default: 10."),
});

export const fileSchema = z.strictObject({
  version: z.literal(1, { error: (issue) => (issue.input === undefined ? undefined : "is not known: this release reads version 1") }),
  cluster: name.describe("The name of the cluster."),
  system: text.describe("The driver."),
  lab: z.literal(true).optional().describe("Its servers are simulated: plans and reports say so."),
  hosts: z.record(name, host.nullable()).describe("Machines by name."),
  nodes: z.record(name, z.looseObject(nodeKeys)).describe("Processes by name, with the keys of the system."),
  policy: z.strictObject({ maxUnavailable: z.int().min(1).optional().describe("Nodes that may be down at once. Default: 1.") }).nullish(),
  hooks: z
    .strictObject({
      pauseTraffic: argv.nullish().describe("Run before a role moves."),
      resumeTraffic: argv.nullish().describe("Run when it has moved."),
      alert: argv.nullish().describe("Gets each alert as JSON on standard input."),
    })
    .nullish()
    .describe("Commands on the machine of Stillwater."),
  continuity: continuity.nullish(),
  options: z.record(z.string(), z.unknown()).nullish().describe("Keys of the system."),
});
export type ClusterFile = z.infer<typeof fileSchema>;

/** docs/schemas/cluster.json. */
export function clusterJsonSchema(): unknown {
  return { title: "cluster.yaml of Stillwater, version 1", ...z.toJSONSchema(fileSchema, { target: "draft-2020-12", io: "input" }) };
}
