import type { ZodType } from "zod";
import type { ClusterDefinition, NodeDefinition } from "./cluster.ts";
import { StillwaterError } from "./errors.ts";

/** The keys of one system in a cluster file, as its schemas give them. */
export interface SystemOptions<Cluster, Node> {
  readonly cluster: Cluster;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Node>;
}
export interface SystemKeysReader<Cluster, Node> {
  readonly system: string;
  readonly cluster: ZodType<Cluster>;
  readonly node: ZodType<Node>;
  /** What the schemas cannot tell of one node; `at` is where it stands: `nodes.NAME`. */
  wrongNode?(node: NodeDefinition, options: Node | null, at: string): readonly string[];
  /** What must be unique among the nodes, as [what it is, its value]. */
  unique?(node: NodeDefinition, options: Node): readonly (readonly [what: string, value: string])[];
  /** What the nodes lack together. */
  wrongTogether?(options: SystemOptions<Cluster | null, Node>): readonly string[];
}

/** Error SW1102 with one line for each key that is wrong. Pure. */
export function readSystemKeys<Cluster, Node>(definition: ClusterDefinition, reader: SystemKeysReader<Cluster, Node>): SystemOptions<Cluster, Node> {
  const wrong: string[] = [];
  const check = <T>(schema: ZodType<T>, value: unknown, at: string): T | null => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) wrong.push(`${[at, ...issue.path].join(".")}: ${issue.message}`);
    return null;
  };
  const cluster = check(reader.cluster, definition.options, "options");
  const nodes = new Map<string, Node>();
  const seen = new Map<string, string>();
  for (const node of definition.nodes) {
    const at = `nodes.${node.name}`;
    const options = check(reader.node, node.options, at);
    wrong.push(...(reader.wrongNode?.(node, options, at) ?? []));
    if (options === null) continue;
    nodes.set(node.name, options);
    for (const [what, value] of reader.unique?.(node, options) ?? []) {
      const key = `${what} ${value}`;
      const other = seen.get(key);
      if (other !== undefined) wrong.push(`${at}: ${other} has the same ${what}`);
      seen.set(key, node.name);
    }
  }
  wrong.push(...(reader.wrongTogether?.({ cluster, nodes }) ?? []));
  if (cluster === null || wrong.length > 0)
    throw new StillwaterError("SW1102", `The cluster file is not valid for ${reader.system}: ${wrong[0] ?? ""}`, {
      object: definition.cluster,
      why: wrong,
    });
  return { cluster, nodes };
}

const hostPort = /^[^\s:,/]+:\d{1,5}$/;
/** HOST:PORT, without brackets. */
export function isHostPort(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(":") + 1));
  return hostPort.test(text) && port >= 1 && port <= 65_535;
}
