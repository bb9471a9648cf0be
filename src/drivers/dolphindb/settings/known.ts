// What is known of settings: which are secret, which a run may not touch, which count at once.

/** Values that never appear in a plan, journal, log or report. */
export const isSecretKey = (key: string): boolean => /passw|secret|token|credential|privatekey|authkey/i.test(key);

const identity: ReadonlyMap<string, string> = new Map([
  ...["localSite", "mode", "controllerSite", "sites"].map(
    (key) => [key, "the cluster file and cluster.nodes name where and what it is: change them together, by hand"] as const,
  ),
  ...["dfsHAMode", "dfsReplicationFactor", "dfsReplicaReliabilityLevel"].map(
    (key) => [key, "what exists already was made with the old value: changing it is a task of its own"] as const,
  ),
  ...[
    "home",
    "volumes",
    "chunkMetaDir",
    "dfsMetaDir",
    "redoLogDir",
    "TSDBRedoLogDir",
    "PKEYRedoLogDir",
    "persistenceDir",
    "persistenceOffsetDir",
    "streamingHADir",
    "streamingHALogDir",
  ].map((key) => [key, "its data lies there, and would have to be moved with it"] as const),
  ["raftElectionTick", "it must be equal on all controllers at any time (facts 1.5): setRaftElectionTick(1, tick) on each, by hand"],
]);
/** Why a run may not change it; null: it may. */
export const mayNotSet = (key: string): string | null => identity.get(key) ?? null;

/** `setDynamicConfig`: until the next start (facts 1.5). `restartInterval`: setDatanodeRestartInterval, on controllers. */
const dynamic: ReadonlySet<string> = new Set([
  "maxMemSize",
  "maxConnections",
  "dfsChunkNodeHeartBeatTimeout",
  "recoveryWorkers",
  "OLAPCacheEngineSize",
  "TSDBCacheEngineSize",
  "logLevel",
  "memLimitOfQueryResult",
  "memLimitOfTaskGroupResult",
]);
export const appliesOnline = (key: string): boolean => dynamic.has(key) || key === "datanodeRestartInterval";

const numbers: ReadonlySet<string> = new Set([
  "maxMemSize",
  "maxConnections",
  "dfsChunkNodeHeartBeatTimeout",
  "recoveryWorkers",
  "OLAPCacheEngineSize",
  "TSDBCacheEngineSize",
  "datanodeRestartInterval",
  "dfsRecoveryWaitTime",
  "dfsRecoveryConcurrency",
  "workerNum",
  "localExecutors",
  "tcpUserTimeout",
  "dfsSyncRecoveryChunkRowSize",
  "memLimitOfQueryResult",
  "memLimitOfTaskGroupResult",
]);
const switches: ReadonlySet<string> = new Set(["dataSync", "lanCluster"]);
/** Why the value is wrong for a key that is known; null: nothing is known against it. */
export function objection(key: string, value: string): string | null {
  if (/[\n\r\0]/.test(value)) return "a value cannot contain a line break";
  if (numbers.has(key)) return /^\d+(\.\d+)?$/.test(value) ? null : "a number is wanted";
  if (switches.has(key)) return /^(0|1|true|false)$/i.test(value) ? null : "0 or 1 is wanted";
  return null;
}
/** A value that the server takes otherwise than it is written. */
export const caution = (key: string, value: string): string | null =>
  key === "dfsRecoveryWaitTime" && Number(value) > 0 && Number(value) < 60_000
    ? "counts as 60000: the server's least waiting time is one minute (facts 0.3)"
    : null;
