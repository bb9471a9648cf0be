// Every script that this driver sends, as text. The lab understands them as scripts, not by their letters.

/** A text as a literal of the script language. */
export const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;

/** In front of an effect: the request comes without a session. */
export const login = (user: string, password: string): string => `login(${quoted(user)}, ${quoted(password)}); `;

// Aggregates over chunks, on the controller that leads: a table of ten million rows is never pulled (facts 7). `replicas` is
// `alias:version:corrupted:inResolution:timestamp:volumeID,...`, in old releases `alias:version:corrupted,...` (facts 2).

/** The aliases alone, in the order of the replicas. */
const holders = `regexReplace(replicas, ":[^,]*", "")`;
/** `,VERSION:CORRUPTED` of each replica, one behind the other. */
const versions = `regexReplace(regexReplace("," + replicas, ",[^:,]+:", ","), ":(true|false)[^,]*", "")`;
const equalVersion = `"," + string(version) + ":0"`;
/** What `versions` is when every replica has the controller's version and none is corrupted. */
function equalVersions(replicaCounts: readonly number[]): string {
  const [first = 1, ...others] = replicaCounts;
  const times = (count: number): string => Array.from({ length: count }, () => equalVersion).join(" + ");
  return others.reduce((rest, count) => `iif(replicaCount == ${String(count)}, ${times(count)}, ${rest})`, times(first));
}

/** A row for each state, number of replicas and set of nodes: chunks, state, replicaCount, nodes. */
export const chunkGroups = `select count(*) as chunks from getClusterChunksStatus() group by state, replicaCount, ${holders} as nodes`;
const pattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** Chunks that have replicas beside those of these nodes, of which one at least is not what the controller has. `most`: replicas that a chunk may have. */
export function behindElsewhere(aliases: readonly string[], most: number): string {
  const rest = `regexReplace("," + replicas, ${quoted(`,(${aliases.map(pattern).join("|")}):[^,]*`)}, "")`;
  const others = `regexReplace(regexReplace(${rest}, ",[^:,]+:", ","), ":(true|false)[^,]*", "")`;
  const good = Array.from({ length: most }, (_, index) => `${others} != ${Array.from({ length: index + 1 }, () => equalVersion).join(" + ")}`);
  return `exec count(*) from getClusterChunksStatus() where state != "CONSTRUCTING", replicaCount > 0, ${[`${others} != ""`, ...good].join(", ")}`;
}
/** In a transaction the replicas of a chunk differ for a moment. `replicaCounts`: those that occur, without 0. */
const unequal = (replicaCounts: readonly number[]): string =>
  `state != "CONSTRUCTING", replicaCount > 0, ${versions} != ${equalVersions(replicaCounts)}`;
export const unequalChunks = (replicaCounts: readonly number[]): string =>
  `exec count(*) from getClusterChunksStatus() where ${unequal(replicaCounts)}`;
/** Not COMPLETE, and nothing has changed for an hour. `lastUpdated` is null for chunks of releases before 2.00.1. */
export const stuckChunks = `exec count(*) from getClusterChunksStatus() where state != "COMPLETE", isValid(lastUpdated), lastUpdated < now() - 3600000`;

const exampleColumns = "chunkId, file, state, version, replicaCount, replicas";
export const unequalExamples = (replicaCounts: readonly number[], most: number): string =>
  `select top ${String(most)} ${exampleColumns} from getClusterChunksStatus() where ${unequal(replicaCounts)}`;
export const incompleteExamples = (replicationFactor: number, most: number): string =>
  `select top ${String(most)} ${exampleColumns} from getClusterChunksStatus() where state == "RECOVERING" or replicaCount != ${String(replicationFactor)}`;

/**
 * One row: chunks and the sum of their versions. Every transaction makes a chunk, takes one away, or raises a version. `probes`: what the names of probes'
 * own databases begin with (`probe-table.ts`), whose chunks are left out; null: none are. A name that is only alike may be somebody's.
 */
export function writtenChunks(probes: string | null): string {
  const sums = "select count(*) as chunks, sum(version) as versions from getClusterChunksStatus()";
  if (probes === null) return sums;
  const own = `^${pattern(probes.replace(/^dfs:\/\//, "/"))}_(run[0-9]+|alone_[0-9a-f]+)/.*$`;
  return `${sums} where regexReplace(file, ${quoted(own)}, "") != ""`;
}

/** A row for each status and kind: tasks, Status, TaskType. `Abort` is how releases before 2.00.10 say Aborted. */
export const recoveryTasks = `select count(*) as tasks from getRecoveryTaskStatus() where Status in ["Waiting", "In-Progress", "Aborted", "Abort"] group by Status, TaskType`;
/** The newest last, as the controller keeps them. */
export const abortedTasks = (most: number): string =>
  `select top ${String(most)} * from getRecoveryTaskStatus() where Status in ["Aborted", "Abort"]`;
/** Of asynchronous replication, on the controller: of the master cluster, and of a slave (vendor's pages of these functions). */
export const queuedForSlaves = "exec count(*) from getMasterReplicationStatus() where isTruncated == false";
export const queuedFromMaster = `exec count(*) from getSlaveReplicationStatus() where state in ["WAITING", "EXECUTING"]`;
export const failedFromMaster = `exec count(*) from getSlaveReplicationStatus() where state == "FAILED"`;
export const unresolvedTransactions = "exec count(*) from getUnresolvedTxn()";
/** On a data node. 3: waiting for recovery; 4: in recovery. */
export const replicasInRecovery = "exec count(*) from getAllChunks() where state in [3, 4]";

/**
 * Collected and counted on the controller: one row with tablets, replicas, rowCount (over all replicas) and unequal. Replicas of one version must have as
 * many rows; where the versions differ a transaction is under way, or `unequalChunks` tells.
 */
export const replicaRows = `select count(*) as tablets, sum(replicas) as replicas, sum(total) as rowCount, sum(most != least) as unequal from (select count(*) as replicas, sum(rowNum) as total, max(rowNum) as most, min(rowNum) as least from pnodeRun(getTabletsMeta{"%", "%", false, -1}) group by chunkId, tableName, version)`;
