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
      hosts: Object.fromEntries(
        nodes.map((node) => [
          node.hostName,
          { transport: "local", ...(serverUser === null ? {} : { user: serverUser }), stateDirectory: node.stateDirectory },
        ]),
      ),
      nodes: Object.fromEntries(
        nodes.map((node) => [
          node.name,
          { host: node.hostName, endpoint: node.endpoint, dataDirectory: node.dataDirectory, installation: node.installation, logFile: node.logFile },
        ]),
      ),
      // Short, so that a tour of a minute sees the second read too.
      continuity: { verifyAfterS: 2 },
      options: { user, password: `@file:${passwordFile}`, database: "postgres" },
    },
    { lineWidth: 0 },
  );
}
