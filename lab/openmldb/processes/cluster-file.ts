import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { LabFile } from "./lab-file.ts";

/** `cluster.yaml` as an operator would write it: all hosts are this machine, one for each node. Returns its path. */
export function writeClusterFile(lab: LabFile, name = "lab"): string {
  const path = join(lab.directory, "cluster.yaml");
  const host = (node: string): string => `${node}-host`;
  const state = (node: string): string => join(lab.directory, "hosts", node);
  for (const node of lab.nodes) mkdirSync(state(node.name), { recursive: true });
  const content = {
    version: 1,
    cluster: name,
    system: "openmldb",
    lab: true,
    hosts: Object.fromEntries(lab.nodes.map((node) => [host(node.name), { transport: "local", stateDirectory: state(node.name) }])),
    nodes: Object.fromEntries(
      lab.nodes.map((node) => [
        node.name,
        {
          host: host(node.name),
          endpoint: node.endpoint,
          role: node.role,
          directory: node.directory,
          ...(node.component === node.role ? {} : { component: node.component }),
        },
      ]),
    ),
    continuity: { verifyAfterS: 2 },
    options: { zookeeper: { servers: lab.zookeeper.endpoint, rootPath: lab.zookeeper.rootPath } },
  };
  writeFileSync(path, `# Stillwater lab: simulated components\n${stringify(content, { lineWidth: 0 })}`);
  return path;
}
