// Operations of this driver with their parameters: what plans name, what `operations/` does.

/** What was to be read of datanodeRestartInterval before it was changed: by controller. */
export type RestartIntervals = Readonly<Record<string, { readonly boot: string | null; readonly seconds: number }>>;

/** Names of nodes are those of the cluster file; `host` is the host's name there. */
export interface StepParams {
  /** suspendRecovery() on every controller (facts 0.3); held for a turn. It can be set and not read, and a restart forgets it */
  suspendRecovery: Record<string, never>;
  /** resumeRecovery() on every controller: the undo of suspendRecovery */
  resumeRecovery: Record<string, never>;
  /** datanodeRestartInterval 0 on every controller (facts 0.8); held for the run */
  stopRestarting: Record<string, never>;
  /** the undo of stopRestarting: a controller that restarted since gets what its configuration says */
  restoreRestarting: { readonly was: RestartIntervals };
  /** Restart=no for the systemd units of a host's controller and agent, at run time only; held for a turn */
  holdUnits: { readonly host: string; readonly nodes: readonly string[] };
  /** the undo of holdUnits */
  releaseUnits: { readonly host: string; readonly units: readonly string[] };
  /** package (and plugins) on the host, unpacked and verified; nothing is stopped for it */
  stage: { readonly host: string; readonly package: string; readonly sha256: string; readonly version: string };
  /** running jobs waited for (or only listed), caches flushed, redo logs recycled */
  drain: { readonly nodes: readonly string[]; readonly jobs: "wait" | "list" };
  /** data and compute nodes, gracefully, through the leading controller; process exit confirmed. `together`: the whole cluster goes down, so nothing counts as unavailable */
  stopDataNodes: { readonly nodes: readonly string[]; readonly together?: true };
  /** agents or controllers by SIGTERM or their service; process exit confirmed; never kill -9 */
  stopNodes: { readonly nodes: readonly string[]; readonly together?: true };
  /** everything of facts 1.6 that these nodes have, with checksums */
  backup: { readonly host: string; readonly nodes: readonly string[]; readonly directory: string };
  /** the installation's files replaced by those of the staged package, the operator's kept; what was there is kept in `previous` */
  replace: { readonly host: string; readonly server: string; readonly version: string; readonly sha256: string; readonly previous: string };
  /** agents or controllers by their script or service, until they answer */
  startNodes: { readonly nodes: readonly string[]; readonly together?: true };
  /** data and compute nodes through the leading controller and their agents, until they are initialised (not only green) */
  startDataNodes: { readonly nodes: readonly string[]; readonly together?: true };
  /** controllers in Raft, agents known to it, data nodes initialised; version of every node asked of itself. Null: whichever */
  ready: { readonly nodes: readonly string[]; readonly version: string | null };
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
