// Operations of this driver with their parameters: what plans name, what `operations/` does.

/** Names of nodes are those of the cluster file; `host` is the host's name there. */
export interface StepParams {
  /** recovery suspended on every controller (facts 0.3); held for a turn */
  suspendRecovery: Record<string, never>;
  /** datanodeRestartInterval 0 on every controller (facts 0.8); held for the run */
  stopRestarting: Record<string, never>;
  /** Restart=no for the units of a host, at run time only; held for a turn */
  holdUnits: { readonly host: string };
  /** package (and plugins) on the host, unpacked and verified; nothing is stopped for it */
  stage: { readonly host: string; readonly package: string; readonly sha256: string; readonly version: string };
  /** running jobs and transactions waited for, caches flushed, redo logs recycled */
  drain: { readonly host: string; readonly nodes: readonly string[] };
  /** data and compute nodes, gracefully, through the leading controller; process exit confirmed */
  stopDataNodes: { readonly host: string; readonly nodes: readonly string[] };
  /** agent or controller by SIGTERM or its service; process exit confirmed; never kill -9 */
  stopNode: { readonly node: string };
  /** everything of facts 1.6 that these nodes have, with checksums */
  backup: { readonly host: string; readonly nodes: readonly string[]; readonly directory: string };
  /** the installation's files replaced by those of the staged package, the operator's kept; what was there is kept in `previous` */
  replace: { readonly host: string; readonly server: string; readonly version: string; readonly sha256: string; readonly previous: string };
  startNode: { readonly node: string };
  startDataNodes: { readonly host: string; readonly nodes: readonly string[] };
  /** initialised, not only green; version and flavour of every node asked of itself */
  ready: { readonly host: string; readonly nodes: readonly string[]; readonly version: string | null };
  /** chunks COMPLETE and replicaCount and equal versions, nothing queued, over `polls` polls */
  chunksStable: { readonly polls: number; readonly everyMs: number };
  /** a change of settings in files of a host, or of the Raft-owned configuration, or online */
  writeSettings: { readonly host: string; readonly file: string; readonly changes: Readonly<Record<string, string | null>> };
  saveClusterSettings: { readonly changes: Readonly<Record<string, string | null>> };
  setDynamic: { readonly node: string; readonly key: string; readonly value: string };
  /** backup put back after the host was stopped: metadata of one controller or of data nodes */
  restoreBackup: { readonly host: string; readonly directory: string };
}
export type StepName = keyof StepParams;
