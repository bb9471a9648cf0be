import { Document, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { ClusterDefinition, ContinuityDefinition, HostDefinition, NodeDefinition } from "../model/cluster.ts";
import { nodeKeys } from "./file-schema.ts";

/**
 * The text of a cluster file that reads back as this definition. Says the defaults too, with comments, because it is written for somebody
 * who will change it. Throws a TypeError for a node whose system keys have the name of a key that every node has.
 */
export function writeClusterFile(definition: ClusterDefinition): string {
  const document = new Document({
    version: 1,
    cluster: definition.cluster,
    system: definition.system,
    ...(definition.lab === true ? { lab: true } : {}),
    hosts: Object.fromEntries(definition.hosts.map((host) => [host.name, hostEntry(host)])),
    nodes: Object.fromEntries(definition.nodes.map((node) => [node.name, nodeEntry(node)])),
    policy: definition.policy,
    ...hooksEntry(definition.hooks),
    continuity: continuityEntry(definition.continuity),
    ...(Object.keys(definition.options).length === 0 ? {} : { options: definition.options }),
  });
  document.commentBefore =
    " A cluster as Stillwater knows it. All keys: docs/cluster-file.md\n Secrets are references: @env:NAME, @file:/path, @command:program arguments";
  comment(document, ["hosts"], "Machines and how they are reached. A failure domain (domain: rack1) groups hosts that may go together.", true);
  comment(document, ["nodes"], "One process each.", true);
  comment(document, ["policy"], "How many nodes may be down at once.", true);
  comment(
    document,
    ["hooks"],
    "Commands on the machine of Stillwater: lists of program and arguments, no shell. alert gets the alert as JSON on standard input.",
    true,
  );
  comment(
    document,
    ["continuity"],
    "The probe: a client of its own that writes while nodes restart, and where a system has nothing to write, tries its features.",
    true,
  );
  comment(document, ["continuity", "rate"], "Attempts per second.");
  comment(document, ["continuity", "minAcks"], "Acknowledgements that each risk window must hold.");
  comment(document, ["continuity", "verifyAfterS"], "Seconds after the last node has rejoined until everything is read again.");
  comment(document, ["options"], `Keys of ${definition.system}.`, true);
  argvInOneLine(document.contents);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function hostEntry(host: HostDefinition): Readonly<Record<string, unknown>> {
  return {
    transport: host.transport,
    ...(host.address === null ? {} : { address: host.address }),
    ...(host.user === null ? {} : { user: host.user }),
    stateDirectory: host.stateDirectory,
    ...(host.domain === null ? {} : { domain: host.domain }),
  };
}

function nodeEntry(node: NodeDefinition): Readonly<Record<string, unknown>> {
  const taken = Object.keys(node.options).find((key) => Object.hasOwn(nodeKeys, key));
  if (taken !== undefined) throw new TypeError(`node ${node.name}: ${taken} cannot be a key of the system, every node has it`);
  const { service } = node;
  return {
    host: node.host,
    endpoint: node.endpoint,
    ...(service === null ? {} : { service: service.manager === "command" && service.status === null ? { ...service, status: undefined } : service }),
    ...node.options,
  };
}

function hooksEntry(hooks: ClusterDefinition["hooks"]): { readonly hooks?: object } {
  const given = Object.entries(hooks).filter(([, argv]) => argv !== null);
  return given.length === 0 ? {} : { hooks: Object.fromEntries(given) };
}

function continuityEntry(continuity: ContinuityDefinition): Readonly<Record<string, unknown>> {
  const { route, ...rest } = continuity;
  // Left out where it is the default: a node that is added later belongs to the route without a second change.
  return { enabled: rest.enabled, ...(route === null ? {} : { route }), rate: rest.rate, minAcks: rest.minAcks, verifyAfterS: rest.verifyAfterS };
}

function comment(document: Document, path: readonly string[], text: string, spaced = false): void {
  const parent = document.getIn(path.slice(0, -1), true);
  const key = isMap(parent) ? pairOf(parent, path.at(-1) ?? "")?.key : undefined;
  if (!isScalar(key)) return;
  key.commentBefore = ` ${text}`;
  key.spaceBefore = spaced;
}
function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Lists of texts, which are mostly argument vectors, stay on one line. */
function argvInOneLine(node: unknown): void {
  if (isSeq(node)) {
    if (node.items.every((item) => isScalar(item))) node.flow = true;
    else for (const item of node.items) argvInOneLine(item);
  }
  if (isMap(node)) for (const pair of node.items) argvInOneLine(pair.value);
}
