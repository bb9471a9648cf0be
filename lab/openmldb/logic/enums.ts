// Facts 2.7: answers name the values, requests may number them.
const TableMode = { kTableLeader: 1, kTableFollower: 2 };
const TableState = { kTableUndefined: 0, kTableNormal: 1, kTableLoading: 2, kMakingSnapshot: 3, kSnapshotPaused: 4 };
const StorageMode = { kUnknown: 0, kMemory: 1, kSSD: 2, kHDD: 3 };
const EndpointState = { kOffline: 1, kHealthy: 2 };
const TaskStatus = { kInited: 1, kDoing: 2, kDone: 3, kFailed: 4, kCanceled: 5 };
const OPType = {
  kMakeSnapshotOP: 1,
  kAddReplicaOP: 2,
  kDelReplicaOP: 3,
  kChangeLeaderOP: 4,
  kOfflineReplicaOP: 5,
  kReAddReplicaOP: 6,
  kReAddReplicaNoSendOP: 7,
  kReAddReplicaWithDropOP: 8,
  kReAddReplicaSimplifyOP: 9,
  kUpdateTableAliveOP: 10,
  kMigrateOP: 11,
  kReLoadTableOP: 12,
  kUpdatePartitionStatusOP: 13,
  kRecoverTableOP: 14,
  kCreateTableRemoteOP: 15,
  kDropTableRemoteOP: 16,
  kAddReplicaSimplyRemoteOP: 17,
  kDelReplicaRemoteOP: 18,
  kAddReplicaRemoteOP: 19,
  kAddIndexOP: 20,
  kDeployOP: 21,
};
const TaskType = {
  kMakeSnapshot: 1,
  kPauseSnapshot: 2,
  kRecoverSnapshot: 3,
  kSendSnapshot: 4,
  kLoadTable: 5,
  kAddReplica: 6,
  kAddTableInfo: 7,
  kDelReplica: 8,
  kDelTableInfo: 9,
  kChangeLeader: 10,
  kUpdatePartitionStatus: 11,
  kDropTable: 12,
  kUpdateTableAlive: 13,
  kUpdateTableInfo: 14,
  kSelectLeader: 15,
  kUpdateLeaderInfo: 16,
  kRecoverTable: 17,
  kCheckBinlogSyncProgress: 18,
};

export type EnumName = "TableMode" | "TableState" | "StorageMode" | "EndpointState" | "TaskStatus" | "OPType" | "TaskType";
export const ENUMS: Readonly<Record<EnumName, Readonly<Record<string, number>>>> = {
  TableMode,
  TableState,
  StorageMode,
  EndpointState,
  TaskStatus,
  OPType,
  TaskType,
};
