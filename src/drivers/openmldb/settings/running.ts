// What a running component can be asked for about its settings, and what it cannot.
import type { OmCluster, OmNode } from "../cluster.ts";
import { Unreachable } from "../../../model/errors.ts";
import { readConfig } from "./config-file.ts";

export interface RunningValue {
  readonly key: string;
  /** Null: no entry, so the component's own default. Never shown for a secret. */
  readonly value: string | null;
  /** False: it stands in the file that the component is started with, and nobody can say more. */
  readonly proved: boolean;
  readonly evidence: string;
}

const notProvable = "not provable: as in the file; OpenMLDB does not tell which flags it runs with";

/**
 * The taskmanager runs with the copy of its file that start.sh made (facts 3.2). The nameserver's `auto_failover` counts only until the first one has
 * written it to ZooKeeper (facts 2.4), where ConfGet reads it. The rest is not told.
 */
export async function runningValues(cluster: OmCluster, node: OmNode, keys: readonly string[]): Promise<readonly RunningValue[]> {
  const text = await node.host.readText(`${node.directory}/conf/${node.component}.${node.role === "taskmanager" ? "properties" : "flags"}`);
  const file = readConfig(node, text ?? "");
  const copy = node.role === "taskmanager" ? await node.host.readText(`${node.directory}/${node.component}/conf/${node.component}.properties`) : null;
  return Promise.all(
    keys.map(async (key): Promise<RunningValue> => {
      const name = node.role === "taskmanager" ? key : key.replaceAll("-", "_");
      const value = file.get(name) ?? null;
      if (copy !== null) {
        const copied = readConfig(node, copy).get(name) ?? null;
        return {
          key,
          value: copied,
          proved: true,
          evidence: `${copied === value ? "proved" : "not yet"}: ${node.component}/conf/${node.component}.properties, the copy that it was started with`,
        };
      }
      if (node.role === "nameserver" && name === "auto_failover") return { key, value, proved: false, evidence: await autoFailover(cluster) };
      return { key, value, proved: false, evidence: notProvable };
    }),
  );
}

async function autoFailover(cluster: OmCluster): Promise<string> {
  const first = "not provable: the flag is only the first value; what counts is in ZooKeeper";
  try {
    return `${first}, and ConfGet says ${String(await cluster.rpc.nameserver.autoFailover())}`;
  } catch (error) {
    if (error instanceof Unreachable) return `${first}, and no nameserver answers ConfGet`;
    throw error;
  }
}
