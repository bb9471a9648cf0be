// Tables that controllers answer (facts 2).
import { column, tableOf, type Column, type Table } from "../../script/values.ts";
import type { Atom } from "../../value.ts";
import { MODES } from "../functions/node-functions.ts";
import { NO_LOAD } from "../load.ts";
import type { NodeRow } from "../cluster-files.ts";
import type { Controller } from "./controller.ts";
import type { ChunkMeta } from "./metadata.ts";

interface PerfRow {
  readonly row: NodeRow;
  readonly online: boolean;
  readonly load: typeof NO_LOAD;
  readonly agent: string;
  readonly leads: boolean | null;
}

/** getClusterPerf. Controllers only when asked for them: their column isLeader is null for one that does not answer. */
export function clusterPerf(controller: Controller, includeMaster: boolean): Table {
  const { behaviour } = controller.process;
  const rows = controller
    .rows()
    .filter(({ role }) => includeMaster || role !== "controller")
    .map((row): PerfRow => {
      const agent = controller.members.agentOf(row.host);
      const site = agent === null || row.role === "controller" ? "" : `${agent.endpoint}:${agent.alias}`;
      if (row.role === "controller") {
        const online = controller.raft.isHeardFrom(row.alias);
        return { row, online, load: NO_LOAD, agent: site, leads: online ? row.alias === controller.process.alias : null };
      }
      const member = controller.members.get(row.alias);
      const online = member?.online === true;
      return { row, online, load: online ? (member.beat?.load ?? NO_LOAD) : NO_LOAD, agent: site, leads: false };
    });
  const zero = (): Atom => 0;
  const noLong = (): Atom => 0n;
  return tableOf(rows, {
    ...(controller.rows().some(({ computeGroup }) => computeGroup !== "")
      ? { computeGroup: ["string", ({ row }: PerfRow): Atom => row.computeGroup] as const }
      : {}),
    host: ["string", ({ row }) => row.host],
    port: ["int", ({ row }) => row.port],
    site: ["string", ({ row }) => `${row.endpoint}:${row.alias}`],
    mode: ["int", ({ row }) => MODES[row.role]],
    state: ["int", ({ online }) => (online ? 1 : 0)],
    agentSite: ["string", ({ agent }) => agent],
    maxConnections: ["int", ({ load }) => load.maxConnections],
    maxMemSize: ["double", ({ load }) => load.maxMemory / 1_073_741_824],
    workerNum: ["int", ({ load }) => load.workers],
    executorNum: ["int", ({ load }) => (behaviour.hasExecutors ? load.workers - 1 : 0)],
    connectionNum: ["int", ({ load }) => load.connections],
    name: ["string", ({ row }) => row.alias],
    memoryUsed: ["long", ({ load }) => BigInt(load.memoryUsed)],
    memoryAlloc: ["long", ({ load }) => BigInt(load.memoryUsed)],
    cpuUsage: ["double", zero],
    avgLoad: ["double", zero],
    maxRunningQueryTime: ["long", noLong],
    runningJobs: ["int", ({ load }) => load.runningJobs],
    queuedJobs: ["int", ({ load }) => load.queuedJobs],
    runningTasks: ["int", ({ load }) => load.runningTasks],
    queuedTasks: ["int", zero],
    jobLoad: ["int", ({ load }) => load.runningJobs + load.queuedJobs],
    diskCapacity: ["long", ({ load }) => BigInt(load.diskCapacity)],
    diskFreeSpace: ["long", ({ load }) => BigInt(load.diskFree)],
    diskFreeSpaceRatio: ["double", ({ load }) => load.diskFree / load.diskCapacity],
    diskWriteRate: ["long", noLong],
    diskReadRate: ["long", noLong],
    lastMinuteWriteVolume: ["long", noLong],
    lastMinuteReadVolume: ["long", noLong],
    networkSendRate: ["long", noLong],
    networkRecvRate: ["long", noLong],
    lastMinuteNetworkSend: ["long", noLong],
    lastMinuteNetworkRecv: ["long", noLong],
    publicName: ["string", ({ row }) => row.host],
    lastMsgLatency: ["long", noLong],
    cumMsgLatency: ["long", noLong],
    ...(behaviour.listsControllers ? { isLeader: ["bool", ({ leads }: PerfRow): Atom => leads] as const } : {}),
    ...(controller.rows().some(({ zone }) => zone !== "") ? { zone: ["string", ({ row }: PerfRow): Atom => row.zone] as const } : {}),
  });
}

/** getClusterChunksStatus: the columns one by one, because 100,000 chunks are usual. */
export function chunksStatus({ metadata, map }: Controller): Table {
  const chunks = [...metadata.chunks.values()];
  const of = (name: string, type: Column["type"], value: (chunk: ChunkMeta) => Atom): Column => column(name, type, chunks.map(value));
  return {
    form: "table",
    name: "",
    columns: [
      of("chunkId", "string", ({ id }) => id),
      of("file", "string", ({ file }) => file),
      of("size", "int", () => 0),
      of("version", "int", ({ version }) => version),
      of("vcLength", "int", ({ chain }) => chain.length),
      of("versionChain", "string", ({ chain }) => chain.map((one) => `${one} -> `).join("")),
      of("state", "string", (chunk) => map.state(chunk)),
      of("replicas", "string", ({ id }) =>
        [...map.replicas(id)]
          .map(
            ([alias, { version, corrupted, since }]) => `${alias}:${String(version)}:${corrupted ? "1" : "0"}:false:${String(Math.floor(since))}:0`,
          )
          .join(","),
      ),
      of("replicaCount", "int", ({ id }) => map.replicas(id).size),
      of("lastUpdated", "timestamp", ({ updated }) => BigInt(Math.floor(updated))),
      of("permission", "string", () => "READ_WRITE"),
    ],
  };
}

export function recoveryTaskStatus(controller: Controller): Table {
  const { behaviour } = controller.process;
  const { tasks } = controller.recovery;
  const time = (at: number | null): Atom => (at === null ? null : BigInt(Math.floor(at)));
  return tableOf(tasks, {
    TaskId: ["string", ({ id }) => id],
    TaskType: ["string", ({ type }) => type],
    ChunkId: ["string", ({ chunkId }) => chunkId],
    ChunkPath: ["string", ({ path }) => path],
    Source: ["string", ({ source }) => source],
    Dest: ["string", ({ destination }) => destination],
    Status: [
      "string",
      ({ status }) => (status === "Finished" ? behaviour.recoveryStatus.finished : status === "Aborted" ? behaviour.recoveryStatus.aborted : status),
    ],
    AttemptCount: ["int", ({ attempts }) => attempts],
    DeleteSource: ["bool", ({ deletesSource }) => deletesSource],
    StartTime: ["timestamp", ({ createdAt }) => time(createdAt)],
    LastDequeueTime: ["timestamp", ({ startedAt }) => time(startedAt)],
    LastStartTime: ["timestamp", ({ startedAt }) => time(startedAt)],
    FinishTime: ["timestamp", ({ finishedAt }) => time(finishedAt)],
    IsIncrementalRecovery: ["bool", ({ isIncremental }) => isIncremental],
    IsAsyncRecovery: ["bool", () => true],
    ChangeFromIncrementalToFull: ["bool", () => false],
    ChangeToSyncTime: ["timestamp", ({ finishedAt }) => time(finishedAt)],
    ...(behaviour.tellsFailureReason ? { FailureReason: ["string", ({ failure }: (typeof tasks)[number]): Atom => failure] as const } : {}),
  });
}

export const unresolvedTransactions = ({ transactions }: Controller): Table => {
  const rows = transactions.running.flatMap((one) => (one.orphanedAt === null ? [] : one.chunks.map(({ id }) => ({ ...one, id }))));
  return tableOf(rows, {
    tid: ["long", ({ tid }) => BigInt(tid)],
    cid: ["long", ({ cid }) => BigInt(cid)],
    chunkId: ["string", ({ id }) => id],
    initiatingNode: ["string", ({ initiator }) => initiator],
    firstResolutionAt: ["timestamp", ({ orphanedAt }) => BigInt(Math.floor(orphanedAt ?? 0))],
    lastResolutionAt: ["timestamp", ({ orphanedAt }) => BigInt(Math.floor(orphanedAt ?? 0))],
  });
};
export const clusterNodes = (controller: Controller): Table =>
  tableOf(controller.rows(), {
    localSite: ["string", ({ endpoint, alias }) => `${endpoint}:${alias}`],
    mode: ["string", ({ role }) => role],
    computeGroup: ["string", ({ computeGroup }) => computeGroup],
    zone: ["string", ({ zone }) => zone],
  });
