import { bool, int, nothing, text } from "../../value.ts";
import { scalar, symbols, type FunctionTable, type ServerFunction, type Value } from "../../script/values.ts";
import { formatClusterNodes, parseClusterNodes, parseSettings } from "../cluster-files.ts";
import { flagAt, numberAt, textAt, textsAt } from "../functions/arguments.ts";
import { ServerError } from "../node.ts";
import { digestOf, needAdmin } from "../users.ts";
import type { Controller } from "./controller.ts";
import { chunksStatus, clusterNodes, clusterPerf, recoveryTaskStatus, unresolvedTransactions } from "./tables.ts";

const MIN_ELECTION_TICK = 800;

/** Functions of controllers (facts 2). Those about the cluster are the leader's; suspendRecovery, the restart interval and what else is memory of one process are each controller's own. */
export function controllerFunctions(controller: Controller): FunctionTable {
  const { process, recovery, map, members } = controller;
  const users = () => [...controller.metadata.users.values()];
  const leading =
    (work: ServerFunction): ServerFunction =>
    (session, args) => {
      controller.needLeadership();
      return work(session, args);
    };
  const admin =
    (name: string, work: ServerFunction): ServerFunction =>
    (session, args) => {
      needAdmin(users(), session, name);
      return work(session, args);
    };
  const leadingAdmin = (name: string, work: ServerFunction): ServerFunction => leading(admin(name, work));
  const known = (functions: FunctionTable, is: boolean): FunctionTable => (is ? functions : {});
  return {
    getClusterPerf: leading((_, args) => {
      if (args.length > 0 && !process.behaviour.listsControllers) throw new ServerError("The function [getClusterPerf] expects 0 argument(s).");
      return clusterPerf(controller, flagAt(args, 0));
    }),
    getActiveMaster: () => text(controller.leader()?.alias ?? ""),
    getControllerAlias: () => text(controller.leader()?.alias ?? process.alias),
    isControllerInitialized: leading(() => bool(controller.isInitialised)),
    getClusterChunksStatus: leadingAdmin("getClusterChunksStatus", () => chunksStatus(controller)),
    getRecoveryTaskStatus: leadingAdmin("getRecoveryTaskStatus", () => recoveryTaskStatus(controller)),
    suspendRecovery: admin("suspendRecovery", () => {
      recovery.suspend();
      process.log("INFO", "recovery is suspended on this controller");
      return nothing;
    }),
    resumeRecovery: admin("resumeRecovery", () => {
      recovery.resume();
      process.log("INFO", "recovery is resumed on this controller");
      return nothing;
    }),
    cancelRecoveryTask: leadingAdmin("cancelRecoveryTask", (_, args) => {
      const ids = new Set(textsAt(args, 0, "taskIds"));
      recovery.cancelWaiting(({ id, type }) => ids.has(id) && type === "ChunkRecovery");
      return nothing;
    }),
    cancelRebalanceTask: leadingAdmin("cancelRebalanceTask", (_, args) => {
      const ids = new Set(textsAt(args, 0, "taskIds"));
      recovery.cancelWaiting(({ id, type }) => ids.has(id) && type === "LoadRebalance");
      return nothing;
    }),
    getDfsRecoveryConcurrency: () => int(recovery.concurrency),
    resetDfsRecoveryConcurrency: admin("resetDfsRecoveryConcurrency", (_, args) => {
      recovery.setConcurrency(numberAt(args, 0, "concurrency"));
      return nothing;
    }),
    getDatanodeRestartInterval: () => int(controller.nodes.restartIntervalS),
    setDatanodeRestartInterval: admin("setDatanodeRestartInterval", (_, args) => {
      const seconds = numberAt(args, 0, "interval");
      if (!Number.isInteger(seconds) || seconds < 0) throw new ServerError("The argument interval must be a non-negative integer.");
      controller.nodes.restartIntervalS = seconds;
      return nothing;
    }),
    startDataNode: leadingAdmin("startDataNode", async (_, args) => {
      await controller.nodes.start(textsAt(args, 0, "nodes"));
      return nothing;
    }),
    stopDataNode: leadingAdmin("stopDataNode", async (_, args) => {
      await controller.nodes.stop(textsAt(args, 0, "nodes"));
      return nothing;
    }),
    ...known(
      {
        triggerNodeReport: leadingAdmin("triggerNodeReport", (_, args) => {
          const member = members.get(textAt(args, 0, "alias"));
          const row = member === null ? null : members.row(member.alias);
          if (member === null || row === null || !member.online) throw new ServerError("The node is not available.");
          void process.ask(row.endpoint, "report-again", {}).catch(() => {});
          return nothing;
        }),
        getUnresolvedTxn: leadingAdmin("getUnresolvedTxn", () => unresolvedTransactions(controller)),
      },
      process.behaviour.triggersReports,
    ),
    moveReplicas: leadingAdmin("moveReplicas", (_, args) => rebalance(controller, args, true)),
    copyReplicas: leadingAdmin("copyReplicas", (_, args) => rebalance(controller, args, false)),
    deleteReplicas: leadingAdmin("deleteReplicas", async (_, args) => {
      const [ids, alias] = [textsAt(args, 0, "chunkIds"), textAt(args, 1, "alias")];
      const row = members.row(alias);
      if (row === null) throw new ServerError(`The node ${alias} does not exist.`);
      for (const id of ids) {
        const chunk = map.meta(id);
        if (chunk === null || map.current(chunk).every((each) => each === alias))
          throw new ServerError(`The last replica of chunk ${id} cannot be deleted.`);
      }
      await process.ask(row.endpoint, "chunk/delete", { ids });
      for (const id of ids) map.dropReplica(id, alias);
      return nothing;
    }),
    getControllerElectionTick: () => int(process.number("raftElectionTick", MIN_ELECTION_TICK)),
    setRaftElectionTick: admin("setRaftElectionTick", (_, args) => {
      const tick = numberAt(args, 1, "tick");
      if (tick < MIN_ELECTION_TICK) throw new ServerError(`The election tick must be at least ${String(MIN_ELECTION_TICK)}.`);
      controller.raft.setElectionTick(tick);
      return nothing;
    }),
    ...ownedByRaft(controller, admin, leadingAdmin),
  };
}

function rebalance(controller: Controller, args: readonly Value[], deletesSource: boolean): Value {
  const [source, destination, ids] = [textAt(args, 0, "srcNode"), textAt(args, 1, "destNode"), textsAt(args, 2, "chunkIds")];
  for (const id of ids) {
    const chunk = controller.map.meta(id);
    if (chunk === null) throw new ServerError(`The chunk ${id} does not exist.`);
    controller.recovery.add(chunk, destination, { type: "LoadRebalance", why: "copy", source, deletesSource });
  }
  controller.recovery.pump();
  return nothing;
}

type Guard = (name: string, work: ServerFunction) => ServerFunction;
/** Users, cluster.cfg, cluster.nodes: what the Raft group owns (facts 1.5). */
function ownedByRaft(controller: Controller, admin: Guard, leadingAdmin: Guard): FunctionTable {
  const { raft, process, metadata } = controller;
  const settingsText = (): string =>
    Object.entries(controller.clusterSettings())
      .map(([key, value]) => `${key}=${value}`)
      .join("\n");
  const lines = (value: string): readonly string[] => value.split("\n").filter((line) => line !== "");
  const configPath = `${process.component.directory}/config/controller.cfg`;
  return {
    getClusterNodesCfg: leadingAdmin("getClusterNodesCfg", () => symbols(lines(formatClusterNodes(controller.rows())))),
    loadClusterNodesConfigs: leadingAdmin("loadClusterNodesConfigs", () => symbols(lines(settingsText()))),
    getClusterNodes: leadingAdmin("getClusterNodes", () => clusterNodes(controller)),
    saveClusterNodes: leadingAdmin("saveClusterNodes", async (_, args) => {
      const rows = parsed(() => parseClusterNodes(textsAt(args, 0, "nodes").join("\n")));
      await raft.propose({ do: "own-nodes", rows });
      return nothing;
    }),
    saveClusterNodesConfigs: leadingAdmin("saveClusterNodesConfigs", async (_, args) => {
      const settings = parsed(() => parseSettings(textsAt(args, 0, "configs").join("\n")));
      await raft.propose({ do: "own-settings", settings });
      return nothing;
    }),
    reloadClusterConfig: leadingAdmin("reloadClusterConfig", () => nothing),
    loadControllerConfigs: admin("loadControllerConfigs", () => symbols(lines(process.disk.read(configPath) ?? ""))),
    saveControllerConfigs: admin("saveControllerConfigs", (_, args) => {
      process.disk.write(configPath, `${textsAt(args, 0, "configs").join("\n")}\n`);
      return nothing;
    }),
    createUser: leadingAdmin("createUser", async (_, args) => {
      const name = textAt(args, 0, "userId");
      if (metadata.users.has(name)) throw new ServerError(`The user ${name} already exists.`);
      await raft.propose({ do: "set-user", user: { name, digest: digestOf(name, textAt(args, 1, "password")), isAdmin: flagAt(args, 3) } });
      return nothing;
    }),
    resetPwd: leadingAdmin("resetPwd", async (_, args) => {
      const name = textAt(args, 0, "userId");
      const isAdmin = name === "admin" || metadata.users.get(name)?.isAdmin === true;
      await raft.propose({ do: "set-user", user: { name, digest: digestOf(name, textAt(args, 1, "newPassword")), isAdmin } });
      return nothing;
    }),
    deleteUser: leadingAdmin("deleteUser", async (_, args) => {
      await raft.propose({ do: "drop-user", name: textAt(args, 0, "userId") });
      return nothing;
    }),
    getClusterDFSDatabases: () => {
      controller.needLeadership();
      return symbols([...metadata.databases.keys()].sort());
    },
    getClusterDFSTables: () => {
      controller.needLeadership();
      return symbols([...metadata.tables.values()].map(({ database, name }) => `${database}/${name}`).sort());
    },
    getRaftTerm: () => scalar("int", raft.term),
  };
}
function parsed<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new ServerError(error instanceof Error ? error.message : String(error));
  }
}
