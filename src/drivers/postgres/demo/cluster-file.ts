import { stringify } from "yaml";
import type { DemoNode } from "./demo-cluster.ts";

export interface ClusterFileContent {
  readonly cluster: string;
  readonly nodes: readonly DemoNode[];
  /** Who the host helper runs as; null: as ourselves. */
  readonly serverUser: string | null;
  readonly user: string;
  /** File that holds the superuser's password. */
  readonly passwordFile: string;
}

/** `cluster.yaml` as an operator would write it. The password stands in a file of its own. */
export function clusterFile({ cluster, nodes, serverUser, user, passwordFile }: ClusterFileContent): string {
  return stringify(
    {
      version: 1,
      cluster,
      system: "postgres",
      hosts: nodes.map((node) => ({
        name: node.hostName,
        transport: "local",
        ...(serverUser === null ? {} : { user: serverUser }),
        stateDirectory: node.stateDirectory,
      })),
      nodes: nodes.map((node) => ({
        name: node.name,
        host: node.hostName,
        endpoint: node.endpoint,
        options: { dataDirectory: node.dataDirectory, installation: node.installation, logFile: node.logFile },
      })),
      options: { user, password: `@file:${passwordFile}`, database: "postgres" },
    },
    { lineWidth: 0 },
  );
}
