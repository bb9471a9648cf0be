// Codes of src/base/status.h that a tablet answers with (facts 2.7).
export interface Answer {
  readonly code: number;
  readonly msg: string;
}

export const OK: Answer = Object.freeze({ code: 0, msg: "ok" });
export const TABLE_DOES_NOT_EXIST: Answer = Object.freeze({ code: 100, msg: "table does not exist" });
export const TABLE_ALREADY_EXISTS: Answer = Object.freeze({ code: 101, msg: "table already exists" });
export const TABLE_IS_LEADER: Answer = Object.freeze({ code: 102, msg: "table is leader" });
export const TABLE_IS_FOLLOWER: Answer = Object.freeze({ code: 103, msg: "table is follower" });
export const TABLE_IS_LOADING: Answer = Object.freeze({ code: 104, msg: "table is loading" });
export const TABLE_IS_NOT_NORMAL: Answer = Object.freeze({ code: 105, msg: "table status is not kNormal" });
export const TABLE_IS_MAKING_SNAPSHOT: Answer = Object.freeze({ code: 106, msg: "table is making snapshot" });
export const SNAPSHOT_IS_NOT_PAUSED: Answer = Object.freeze({ code: 107, msg: "table status is not kSnapshotPaused" });
export const KEY_NOT_FOUND: Answer = Object.freeze({ code: 109, msg: "key not found" });
export const REPLICA_ALREADY_EXISTS: Answer = Object.freeze({ code: 119, msg: "replica endpoint already exists" });
export const APPEND_FAILED: Answer = Object.freeze({ code: 122, msg: "fail to append entries to replicator" });
export const SNAPSHOT_IS_SENDING: Answer = Object.freeze({ code: 128, msg: "snapshot is sending" });
export const TABLE_DIRECTORY_DOES_NOT_EXIST: Answer = Object.freeze({ code: 130, msg: "table db path does not exist" });
export const HAS_NO_FOLLOWER: Answer = Object.freeze({ code: 134, msg: "has no follower" });
export const EXCEEDS_MAX_MEMORY: Answer = Object.freeze({ code: 160, msg: "exceed max memory" });
export const IS_FOLLOWER_CLUSTER: Answer = Object.freeze({ code: 453, msg: "is follower cluster" });
export const ADD_TASK_FAILED: Answer = Object.freeze({ code: -1, msg: "add task failed" });
