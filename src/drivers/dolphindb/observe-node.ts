// What one node's host tells, and what the node itself says when it is asked directly: the cluster's own functions leave controllers, agents and nodes of
// compute groups out (facts 0.7).
import { Refused, Unreachable } from "../../model/errors.ts";
import type { DdNode } from "./cluster.ts";
import type { DdNodeNow, DdState } from "./facts.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import { readProcess, type NodeProcess } from "./processes.ts";
import type { Value } from "./rpc.ts";
import { isUnknownFunction, Malformed, NoConnection, ServerRefused } from "./wire/errors.ts";
import { integerOf, textOf, truthOf } from "./wire/read-value.ts";

export interface NodeObservation {
  readonly node: DdNode;
  readonly installed: string | null;
  readonly process: NodeProcess | null;
  readonly answer: NodeAnswer;
  /** As the node itself has them; null: it does not answer. */
  readonly settings: Readonly<Record<string, string>> | null;
}
/** What a node said of itself. */
export interface NodeAnswer {
  readonly state: DdState;
  readonly running: string | null;
  readonly flavour: string | null;
  readonly restartIntervalS: number | null;
}

/** Milliseconds for one question: a node that hangs must not hold up the look at the others for long. */
const askTimeoutMs = 5_000;

/**
 * `version`: of its installation, which it shares with the other nodes of its host. Throws Unreachable when the host does not answer or the process there is not the one that answers, Malformed when something else than DolphinDB listens,
 * ServerRefused when user and password are wrong.
 */
export async function observeNode(cluster: OpenedCluster, node: DdNode, version: Promise<string | null>): Promise<NodeObservation> {
  const [installed, process, answer, settings] = await Promise.all([version, readProcess(node), askNode(cluster, node), readSettings(cluster, node)]);
  if (process !== null || answer === null) return { node, installed, process, answer: judged(process, answer), settings };
  // A second look: it may have been started, or stopped, in between.
  const [againProcess, againAnswer] = [await readProcess(node), await askNode(cluster, node)];
  if (againProcess === null && againAnswer !== null && againAnswer.state !== "unreachable")
    throw new Unreachable(`${node.name} answers on ${node.endpoint}, but no process of it works in ${node.clusterDirectory} on ${node.host.name}`, {
      object: node.name,
      remedy: "Check `host`, `server` and `clusterDirectory` of that node in the cluster file.",
    });
  return { node, installed, process: againProcess, answer: judged(againProcess, againAnswer), settings };
}

const silent = (state: DdState): NodeAnswer => ({ state, running: null, flavour: null, restartIntervalS: null });

function judged(process: NodeProcess | null, answer: NodeAnswer | null): NodeAnswer {
  if (process === null) return silent("down");
  // Nobody listens there: the port opens late in a start and closes early in a stop.
  return answer ?? silent("starting");
}

/** Null: nobody listens on its port. */
async function askNode(cluster: OpenedCluster, node: DdNode): Promise<NodeAnswer | null> {
  try {
    const said = textOf(node.name, "version()", await cluster.rpc.call(node.name, "version", [], askTimeoutMs));
    const { version, flavour } = versionWords(said);
    const [ready, restartIntervalS] = await Promise.all([isInitialised(cluster, node), restartInterval(cluster, node)]);
    return { state: ready ? "serving" : "starting", running: version, flavour, restartIntervalS };
  } catch (error) {
    const state = stateOfSilence(error);
    if (state === "closed") return null;
    return silent(state);
  }
}

/** `2.00.8.12 2023.01.10` · `3.00.0 2024.03.31 LINUX x86_64` (facts 1.7). */
export function versionWords(said: string): { readonly version: string | null; readonly flavour: string | null } {
  const [version = "", , ...flavour] = said.trim().split(/\s+/);
  return { version: /^\d+(\.\d+)+$/.test(version) ? version : null, flavour: flavour.length === 0 ? null : flavour.join(" ") };
}

async function isInitialised(cluster: OpenedCluster, { name, role }: DdNode): Promise<boolean> {
  switch (role) {
    case "datanode":
    case "computenode":
      return truthOf(name, "isDataNodeInitialized()", await cluster.rpc.call(name, "isDataNodeInitialized", [], askTimeoutMs));
    // isControllerInitialized() is for the leader alone (facts 2): that a follower takes part is seen by the leader's list.
    case "controller":
    case "agent":
      return true;
  }
}
async function restartInterval(cluster: OpenedCluster, { name, role }: DdNode): Promise<number | null> {
  if (role !== "controller") return null;
  try {
    return integerOf(name, "getDatanodeRestartInterval()", await cluster.rpc.call(name, "getDatanodeRestartInterval", [], askTimeoutMs));
  } catch (error) {
    // A release that cannot restart data nodes by itself.
    if (isUnknownFunction(error)) return null;
    throw error;
  }
}

/** What an error of a question means for the node's state. Throws it when it means nothing for it. */
function stateOfSilence(error: unknown): DdState | "closed" {
  if (error instanceof ServerRefused) {
    if (error.refId === "S00005") return "draining";
    if (error.tag !== null) return "starting";
    throw error;
  }
  if (error instanceof Refused && !(error instanceof NoConnection)) return "closed";
  if (error instanceof Unreachable && !(error instanceof Malformed)) return "unreachable";
  throw error;
}

/** What a plan and its checks rest on; anything else may change without making a plan stale. */
const structuralSettings: ReadonlySet<string> = new Set([
  "dfsHAMode",
  "dfsReplicationFactor",
  "dfsReplicaReliabilityLevel",
  "dfsRecoveryWaitTime",
  "dfsChunkNodeHeartBeatTimeout",
  "dfsMetaDir",
  "raftElectionTick",
  "lanCluster",
  "dataSync",
  "datanodeRestartLevel",
  "volumes",
  "volumeUsageThreshold",
  "chunkMetaDir",
  "redoLogDir",
  "TSDBRedoLogDir",
  "PKEYRedoLogDir",
  "persistenceDir",
  "persistenceOffsetDir",
  "streamingHADir",
  "streamingHALogDir",
  "streamingHAMode",
  "streamingRaftGroups",
  "OLAPCacheEngineSize",
  "TSDBCacheEngineSize",
  "maxMemSize",
  "preloadModules",
  "pluginDir",
  "clusterName",
]);

/** Null: it does not answer. */
async function readSettings(cluster: OpenedCluster, node: DdNode): Promise<Readonly<Record<string, string>> | null> {
  try {
    return settingsIn(await cluster.rpc.call(node.name, "getConfig", [], askTimeoutMs));
  } catch (error) {
    // Its state is judged by askNode, which meets the same error.
    if (error instanceof Unreachable) return null;
    throw error;
  }
}
/** Null: getConfig() is no dictionary. */
export function settingsIn(value: Value): Readonly<Record<string, string>> | null {
  if (value === null || typeof value !== "object" || !("is" in value) || value.is !== "dictionary") return null;
  const found: [string, string][] = [];
  for (const [key, each] of value.entries) {
    if (!structuralSettings.has(key) || each === null) continue;
    const parts = (Array.isArray(each) ? each : [each]).filter(
      (part): part is string | number | boolean | bigint => part !== null && typeof part !== "object",
    );
    found.push([key, parts.map(String).join(",")]);
  }
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of the node's row in the leader's list; a row that is absent is one of a release that does not list it. */
export const nowOf = (
  { node, process, answer }: NodeObservation,
  row: {
    readonly alive: boolean;
    readonly runningJobs: number | null;
    readonly connections: number | null;
    readonly diskFreeBytes: number | null;
  } | null,
  leader: string | null,
): DdNodeNow => ({
  // It says itself that it is ready, and the leader has no heartbeat of it: nobody is sent there yet, or any more.
  state: answer.state === "serving" && row?.alive === false ? "starting" : answer.state,
  running: answer.running,
  flavour: answer.flavour,
  pid: process?.pid ?? null,
  boot: process?.boot ?? null,
  leads: leader === node.name,
  restartIntervalS: answer.restartIntervalS,
  runningJobs: row?.runningJobs ?? null,
  connections: row?.connections ?? null,
  diskFreeBytes: row?.diskFreeBytes ?? null,
});
