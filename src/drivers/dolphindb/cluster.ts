// The nodes of one cluster with the ways to reach them: what every part of this driver works with.
import type { NodeService, TrafficHooks } from "../../model/driver.ts";
import type { Host } from "../../model/host.ts";
import type { Role } from "./facts.ts";
import type { Rpc } from "./rpc.ts";

export interface DdNode {
  readonly name: string;
  readonly role: Role;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** As the cluster file names it. */
  readonly hostName: string;
  readonly host: Host;
  /** Installation directory, `.../server`. */
  readonly server: string;
  /** `.../server/clusterDemo`, or where the scripts and config/ and data/ are: working directory of controller and agent. */
  readonly clusterDirectory: string;
  /** Home directory of the node: `data/<alias>` below the cluster directory unless its configuration says otherwise. */
  readonly home: string;
  /** Where uploaded packages are kept on the host. */
  readonly archives: string;
  /** Where backups are kept on the host: never inside the installation. */
  readonly backups: string;
}
export interface DdCluster {
  readonly cluster: string;
  readonly nodes: readonly DdNode[];
  readonly rpc: Rpc;
  /** `dfs://...` of the probe. */
  readonly probeDatabase: string;
  readonly traffic: TrafficHooks | null;
  service(node: string): NodeService | null;
  secret(reference: string): Promise<string>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Error SW9999 for a name that the cluster does not have. */
  node(name: string): DdNode;
  /** Null: the cluster file has no node of that alias. */
  aliased(alias: string): DdNode | null;
}
