// Operations of this driver with their parameters: what plans name, what `operations/` does.

/** What was to be read of datanodeRestartInterval before it was changed, by controller: what counted, and what controller.cfg said. */
export type RestartIntervals = Readonly<Record<string, { readonly boot: string | null; readonly seconds: number; readonly configured: number }>>;

/** A local file that `stage` brings to a host: what `local/` read of it. */
export type Package = {
  /** On the machine of Stillwater. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** `contentsDigest` of operations/contents.ts over every file inside; null: only the archive's own checksums are compared. */
  readonly contents: string | null;
};
/** Null unsets the key. Values of secret keys are references. */
export type SettingChanges = Readonly<Record<string, string | null>>;

/**
 * What an abort does with the metadata of nodes on which another release was started (facts 1.7, below level 5): `restore` puts the copy of this turn back, as
 * a whole; `resync` lets a controller take everything from the leader. `copies`: node to the name of its copy.
 */
export type MetadataBack = { readonly way: "restore" | "resync"; readonly copies: Readonly<Record<string, string>> };

/** Names of nodes are those of the cluster file; `host` is the host's name there. */
export interface StepParams {
  /**
   * suspendRecovery() on every controller (facts 0.3); held for a turn. It can be set and not read, and a restart forgets it. `nodes`: data nodes that go down
   * meanwhile. `again`: inside a turn that holds it already; that one is what an abort undoes
   */
  suspendRecovery: { readonly nodes: readonly string[]; readonly again?: true };
  /**
   * resumeRecovery() on every controller: the undo of suspendRecovery; it waits until these data nodes are up again. `wasSuspended`: by the operator, before
   * the run; then suspendRecovery is its undo
   */
  resumeRecovery: { readonly nodes: readonly string[]; readonly wasSuspended?: true };
  /** datanodeRestartInterval 0 on every controller (facts 0.8); held for the run */
  stopRestarting: Record<string, never>;
  /** the undo of stopRestarting: what counted before, or what its configuration says where that has changed since */
  restoreRestarting: { readonly was: RestartIntervals };
  /** Restart=no for the systemd units of a host's controller and agent, at run time only; held for a turn */
  holdUnits: { readonly host: string; readonly nodes: readonly string[] };
  /** the undo of holdUnits */
  releaseUnits: { readonly host: string; readonly units: readonly string[] };
  /** package (and plugins) on the host, unpacked beside every installation that nodes of the host have, every file verified; nothing is stopped for it */
  stage: { readonly host: string; readonly version: string; readonly package: Package; readonly plugins: Package | null };
  /** running jobs waited for (or only listed), caches flushed, redo logs recycled */
  drain: { readonly nodes: readonly string[]; readonly jobs: "wait" | "list" };
  /** data and compute nodes, gracefully, through the leading controller; process exit confirmed. `together`: the whole cluster goes down, so nothing counts as unavailable. `whole`: only while every chunk is whole; else they are healed first. `again`: they were stopped before and came back; whatever undoes the first stop starts them */
  stopDataNodes: { readonly nodes: readonly string[]; readonly together?: true; readonly whole?: true; readonly again?: true };
  /**
   * agents or controllers by SIGTERM or their service; process exit confirmed; never kill -9. `after`: data and compute nodes that must be down first; one
   * that came back by itself is stopped again
   */
  stopNodes: { readonly nodes: readonly string[]; readonly after: readonly string[]; readonly together?: true };
  /**
   * everything of facts 1.6 that these nodes have, with checksums, in a new directory BACKUPS/NAME-TIME (`backupName` of operations/inventory.ts).
   * `directories`: what `directorySettings` there says of each node's settings, asked while it ran. `leaveOut`: kinds of its list that the operator does without
   */
  backup: {
    readonly host: string;
    readonly nodes: readonly string[];
    readonly name: string;
    readonly directories: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly leaveOut: readonly string[];
  };
  /**
   * the files of one installation replaced by those of a release that lies beside it (`stage`, or null: what an earlier run has kept of that version); the
   * operator's own stay, and what was there (`from`, null: not known) is kept beside it
   */
  replace: {
    readonly host: string;
    readonly server: string;
    readonly from: string | null;
    readonly version: string;
    readonly package: Package | null;
    readonly plugins: Package | null;
  };
  /** agents or controllers by their script or service, until they answer */
  startNodes: { readonly nodes: readonly string[]; readonly metadata?: MetadataBack; readonly together?: true };
  /**
   * data and compute nodes through the leading controller and their agents, until they are initialised (not only green). With `metadata` and `together`, an
   * abort first proves that nothing was written since
   */
  startDataNodes: { readonly nodes: readonly string[]; readonly metadata?: MetadataBack; readonly together?: true };
  /** controllers in Raft, agents known to it, data nodes initialised; version of every node asked of itself. Null: whichever */
  ready: { readonly nodes: readonly string[]; readonly version: string | null };
  /**
   * chunks COMPLETE and replicaCount and equal versions, nothing queued, over `polls` polls. `resumes`: recovery may have been suspended since it was resumed
   * for this gate (the turn holds it suspended, and tells restarted controllers again), so it is resumed when nothing moves
   */
  chunksStable: { readonly polls: number; readonly everyMs: number; readonly resumes?: true };
  /** a change of a node's own file: `controller.cfg`, `agent.cfg` below `config` of its cluster directory; it counts from its next start */
  writeSettings: {
    readonly node: string;
    readonly file: string;
    readonly changes: SettingChanges;
    /** The way back: the copy whose values these keys get again; null: the way there. */
    readonly from: string | null;
  };
  /** cluster.cfg, which the Raft group owns: keys as they stand there, `KEY` or `ALIAS.KEY`; data and compute nodes have it from their next start */
  saveClusterSettings: { readonly changes: SettingChanges };
  /** until the node's next start: setDynamicConfig, or setDatanodeRestartInterval of a controller */
  setDynamic: { readonly node: string; readonly key: string; readonly value: string };
  /** after a start or an online change: what the node itself says (getConfig) */
  readSettings: { readonly node: string; readonly changes: SettingChanges };
  /**
   * metadata of one node put back from the newest copy of that name while it is down; what is there steps aside and is kept. `resync`: a controller whose
   * Raft files only step aside, so that it takes everything from the leader
   */
  restoreBackup: { readonly node: string; readonly name: string; readonly way: "restore" | "resync" };
  /** no chunk was written since: the controller's aggregate, asked after the last data node stopped, is still that one (see rollback.ts) */
  nothingWritten: { readonly since: string; /** Also what this run's own probe has had acknowledged; absent: without probes. */ readonly of?: "all" };
}
export type StepName = keyof StepParams;
