import { tableOf, type FunctionTable } from "../../script/values.ts";
import { nothing } from "../../value.ts";
import type { ClientFace } from "../client-face.ts";
import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { textAt } from "./arguments.ts";
import { operand } from "../../script/operations.ts";

/** What setDynamicConfig may change until the process ends (facts 1.5): dfsRecoveryWaitTime is not among them. */
const DYNAMIC: ReadonlySet<string> = new Set([
  "maxMemSize",
  "maxConnections",
  "dfsChunkNodeHeartBeatTimeout",
  "recoveryWorkers",
  "OLAPCacheEngineSize",
  "TSDBCacheEngineSize",
  "logLevel",
  "memLimitOfQueryResult",
  "memLimitOfTaskGroupResult",
  "memLimitOfTempResult",
]);

/** Sessions, what runs for them, and settings of the process. `needAdmin` throws for everybody else. */
export function sessionFunctions(
  process: NodeProcess,
  face: () => ClientFace,
  needAdmin: (session: Parameters<ClientFace["end"]>[0], name: string) => void,
): FunctionTable {
  const sessions = () => face().sessions;
  return {
    getSessionMemoryStat: () =>
      tableOf(sessions(), {
        userId: ["string", ({ session }) => session.user ?? "guest"],
        sessionId: ["long", ({ session }) => BigInt(session.id)],
        memSize: ["long", () => 1_024n],
        remoteIP: ["string", () => "127.0.0.1"],
        remotePort: ["int", () => 0],
        createTime: ["timestamp", ({ createdAt }) => BigInt(Math.floor(createdAt))],
        lastActiveTime: ["timestamp", ({ createdAt }) => BigInt(Math.floor(createdAt))],
      }),
    getConnections: () =>
      tableOf(sessions(), {
        server: ["string", () => process.component.endpoint],
        client: ["string", () => "127.0.0.1"],
        startTime: ["timestamp", ({ createdAt }) => BigInt(Math.floor(createdAt))],
      }),
    closeSessions: (session, args) => {
      needAdmin(session, "closeSessions");
      const ids = new Set(operand(args[0] ?? nothing).items.map(String));
      for (const one of sessions()) if (ids.has(one.session.id)) face().end(one.session);
      return nothing;
    },
    // The question itself is one.
    getConsoleJobs: (session) =>
      tableOf(face().work, {
        node: ["string", () => process.alias],
        userID: ["string", () => session.user ?? "guest"],
        rootJobId: ["string", ({ id }) => id],
        jobType: ["string", () => "unknown"],
        desc: ["string", ({ what }) => what],
        priority: ["char", () => 4],
        parallelism: ["int", () => 64],
        receiveTime: ["timestamp", ({ at }) => BigInt(Math.floor(at))],
        sessionId: ["long", () => BigInt(session.id)],
        remoteIP: ["string", () => "127.0.0.1"],
        remotePort: ["int", () => 0],
        totalTasks: ["int", () => 1],
        finishedTasks: ["int", () => 0],
        runningTask: ["int", () => 1],
        firstTaskStartTime: ["timestamp", ({ at }) => BigInt(Math.floor(at))],
        latestTaskStartTime: ["timestamp", ({ at }) => BigInt(Math.floor(at))],
        queue: ["string", () => "Worker"],
      }),
    getQueryStatus: () => tableOf([] as readonly { readonly id: number }[], { id: ["int", ({ id }) => id], query: ["string", () => ""] }),
    cancelConsoleJob: () => nothing,
    setDynamicConfig: (session, args) => {
      needAdmin(session, "setDynamicConfig");
      const name = textAt(args, 0, "configName");
      if (!DYNAMIC.has(name)) throw new ServerError(`The configuration parameter ${name} can't be changed online.`);
      process.change(name, String(operand(args[1] ?? nothing).items[0] ?? ""));
      return nothing;
    },
  };
}
