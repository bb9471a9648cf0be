// The nodes of one cluster with the ways to reach them: what every part of this driver works with.
import type { NodeService, TrafficHooks } from "../../model/driver.ts";
import type { Host } from "../../model/host.ts";
import type { OmProcess, Role, StartMode } from "./facts.ts";
import type { Rpc } from "./rpc.ts";

export interface OmNode {
  readonly name: string;
  readonly role: Role;
  /** As the cluster's metadata names it: HOST:PORT, or the server name under `--use_name=true`. */
  readonly endpoint: string;
  /** HOST:PORT where it listens. */
  readonly address: string;
  readonly host: Host;
  /** Working directory: bin/, conf/, data beside them. */
  readonly directory: string;
  /** As start.sh calls it. */
  readonly component: string;
  /** Null: as it is found running. */
  readonly start: StartMode | null;
  /** Taskmanager only. */
  readonly sparkHome: string | null;
  /** Where uploaded archives are kept on the host. */
  readonly archives: string;
  /** Where backups are kept on the host: never inside the working directory. */
  readonly backups: string;
}

export interface OmCluster {
  readonly cluster: string;
  readonly maxUnavailable: number;
  readonly nodes: readonly OmNode[];
  readonly rpc: Rpc;
  /** Null: the cluster is addressed by its nameservers alone. */
  readonly zookeeper: { readonly servers: readonly string[]; readonly rootPath: string } | null;
  /** The probe's own database. */
  readonly probeDatabase: string;
  readonly traffic: TrafficHooks | null;
  service(node: string): NodeService | null;
  secret(reference: string): Promise<string>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Error SW9999 for a name that the cluster does not have. */
  node(name: string): OmNode;
  /** Null: no node of the cluster file has that endpoint. */
  at(endpoint: string): OmNode | null;
}

/** What `readProcess` (processes.ts) tells of a component from its pid files and the processes of its host. */
export interface ProcessFacts {
  readonly process: OmProcess;
  readonly pid: number | null;
  readonly monPid: number | null;
  /** pid files (absolute paths) whose pid is dead or somebody else's by now: start.sh would take it for the component (facts 3.2). */
  readonly stale: readonly string[];
}
