// Operations that failed since a baseline, with what the logs of nameserver and tablets say of them (OM-17): the vendor's page sends people to those
// logs by hand.
import type { Trouble } from "../../model/driver.ts";
import type { OmCluster, OmNode } from "./cluster.ts";
import type { OmFacts, OmOperation } from "./facts.ts";

/** Of each log; what is older has been told before, or is of no use. */
const linesOfEach = 6;

export const failedSince = (before: OmFacts, now: readonly OmOperation[]): readonly OmOperation[] =>
  now.filter(({ id, status }) => status === "kFailed" && id > before.now.lastOperation);

/** Never fails for a log that cannot be read: that is one of the lines. */
export async function troubles(cluster: OmCluster, before: OmFacts, after: OmFacts): Promise<readonly Trouble[]> {
  const found: Trouble[] = [];
  for (const operation of failedSince(before, after.now.operations)) {
    const lines = await Promise.all(logsOf(cluster, after, operation).map(({ node, pattern }) => matching(node, pattern)));
    found.push({
      object: `${operation.db}.${operation.name}${operation.pid === null ? "" : `/${String(operation.pid)}`}`,
      what: `operation ${String(operation.id)} (${operation.type}) is kFailed${operation.task === "-" ? "" : ` at ${operation.task}`}`,
      lines: lines.flat(),
    });
  }
  return found;
}

/** The nameservers know it by its number, the tablets only by table and partition. */
function logsOf(
  cluster: OmCluster,
  facts: OmFacts,
  { id, db, name, pid }: OmOperation,
): readonly { readonly node: OmNode; readonly pattern: string }[] {
  const partition = Object.values(facts.now.partitions).find((each) => each.table === `${db}.${name}` && each.pid === pid);
  return cluster.nodes.flatMap((node) => {
    if (node.role === "nameserver") return [{ node, pattern: `op_?id[^0-9]{0,3}${String(id)}([^0-9]|$)` }];
    if (node.role !== "tablet" || partition === undefined || !partition.replicas.some(({ endpoint }) => endpoint === node.endpoint)) return [];
    return [{ node, pattern: `tid[^0-9]{0,3}${String(partition.tid)}[^0-9].*pid[^0-9]{0,3}${String(partition.pid)}([^0-9]|$)` }];
  });
}

/** glog keeps ROLE.INFO as a link to the newest file, in which the worse lines stand too. */
async function matching(node: OmNode, pattern: string): Promise<readonly string[]> {
  const files = [...new Set([node.role, node.component])].map((name) => `${node.directory}/logs/${name}.INFO`);
  try {
    const { code, stdout } = await node.host.query(["grep", "-hsE", pattern, ...files]);
    // 1: no line matches. 2: one of the files is not there, which says nothing when another one had lines.
    if (code > 1 && stdout === "") return [`${node.name}: ${files.join(", ")} cannot be read`];
    const lines = stdout.split("\n").filter((line) => line.trim() !== "");
    return lines.slice(-linesOfEach).map((line) => `${node.name}: ${line.trim()}`);
  } catch (error) {
    return [`${node.name}: its log cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
