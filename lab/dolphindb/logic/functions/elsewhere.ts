import type { FunctionTable, ServerFunction } from "../../script/values.ts";
import { ServerError } from "../node.ts";
import type { Behaviour } from "../release.ts";

/** Every node knows the names of all functions, so that they can be sent to where they run. */
export const controllerNames: readonly string[] = [
  "cancelRebalanceTask",
  "cancelRecoveryTask",
  "copyReplicas",
  "createUser",
  "deleteReplicas",
  "deleteUser",
  "getActiveMaster",
  "getClusterChunksStatus",
  "getClusterNodes",
  "getClusterNodesCfg",
  "getClusterPerf",
  "getControllerElectionTick",
  "getDatanodeRestartInterval",
  "getDfsRecoveryConcurrency",
  "getRecoveryTaskStatus",
  "isControllerInitialized",
  "loadClusterNodesConfigs",
  "loadControllerConfigs",
  "moveReplicas",
  "reloadClusterConfig",
  "resetDfsRecoveryConcurrency",
  "resetPwd",
  "resumeRecovery",
  "saveClusterNodes",
  "saveClusterNodesConfigs",
  "saveControllerConfigs",
  "setDatanodeRestartInterval",
  "setRaftElectionTick",
  "startDataNode",
  "stopDataNode",
  "suspendRecovery",
];
/** Since 2.00.8. */
const reportNames = ["triggerNodeReport", "getUnresolvedTxn"];
export const dataNames: readonly string[] = [
  "append!",
  "createPartitionedTable",
  "database",
  "dropDatabase",
  "dropTable",
  "existsDatabase",
  "existsTable",
  "flushOLAPCache",
  "flushPKEYCache",
  "flushTSDBCache",
  "getAllChunks",
  "getCacheEngineStat",
  "getChunksMeta",
  "getRecoveryWorkerNum",
  "getRedoLogGCStat",
  "getTables",
  "getTabletsMeta",
  "getTransactionStatus",
  "isChunkNodeInit",
  "isDataNodeInitialized",
  "loadTable",
  "schema",
  "tableInsert",
];

const only = (names: readonly string[], where: string): FunctionTable =>
  Object.fromEntries(
    names.map((name): [string, ServerFunction] => [
      name,
      () => {
        throw new ServerError(`The function [${name}] can only be executed on a ${where}.`);
      },
    ]),
  );
export const onControllers = (behaviour: Behaviour): FunctionTable =>
  only([...controllerNames, ...(behaviour.triggersReports ? reportNames : [])], "controller");
export const onDataNodes = (): FunctionTable => only(dataNames, "data node or compute node");
