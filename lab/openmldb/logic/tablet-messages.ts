// What nameserver, tablets and SDKs say to tablets beyond the documented rpcs (facts 2.6): POST /TabletServer/METHOD, JSON, `code` and `msg` in every answer.

export interface Entry {
  /** Offset, from 1, without holes. */
  readonly logIndex: number;
  readonly term: number;
  readonly key: string;
  /** Null: a deletion. */
  readonly value: string | null;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

/** Put and Delete. Code 103 on a follower's table, 453 under SetMode, 100 unknown table, 104 loading. Acknowledged after the local append. */
export interface PutRequest {
  readonly tid: number;
  readonly pid: number;
  readonly key: string;
  readonly value: string | null;
  readonly ts: number;
}
/** Scan: every row of a partition; no leader needed. */
export interface ScanRequest {
  readonly tid: number;
  readonly pid: number;
}
export interface ScanReply {
  readonly code: number;
  readonly msg?: string;
  readonly rows?: readonly { readonly key: string; readonly value: string; readonly offset: number; readonly ts: number }[];
}

/**
 * From a leader to a follower; with no entries and `probe` from FollowOfNoOne of the nameserver: the follower stores a higher term and answers its
 * offset. A term below its own is refused with 122. Entries at or below its own offset are skipped without a look ("continue", facts 4.2).
 */
export interface AppendEntriesRequest {
  readonly tid: number;
  readonly pid: number;
  readonly term: number;
  readonly preLogIndex: number;
  readonly preLogTerm: number;
  readonly entries: readonly Entry[];
}
export interface AppendEntriesReply {
  readonly code: number;
  readonly msg?: string;
  readonly logOffset?: number;
  readonly term?: number;
}

/** Long tasks (LoadTable, SendSnapshot, PauseSnapshot, AddReplica, DelReplica, RecoverSnapshot, DropTable): started under an op id and polled with GetTaskStatus every 2 s. */
export interface TaskInfo {
  readonly op_id: number;
  readonly op_type: string;
  readonly task_type: string;
  readonly status: "kInited" | "kDoing" | "kDone" | "kFailed";
}
export interface TaskRequest {
  readonly tid: number;
  readonly pid: number;
  readonly task_info?: TaskInfo;
  /** AddReplica, DelReplica, SendSnapshot: the other tablet. */
  readonly endpoint?: string;
}
export interface TableMeta {
  readonly name: string;
  readonly tid: number;
  readonly pid: number;
  readonly db?: string;
  readonly mode?: "kTableLeader" | "kTableFollower";
  readonly term?: number;
  readonly replicas?: readonly string[];
  readonly ttl?: number;
  readonly seg_cnt?: number;
  readonly storage_mode?: "kMemory" | "kSSD" | "kHDD";
  readonly key_column?: string;
}
/** CreateTable and LoadTable. */
export interface TableMetaRequest {
  readonly table_meta: TableMeta;
  readonly task_info?: TaskInfo;
}
export interface ChangeRoleRequest {
  readonly tid: number;
  readonly pid: number;
  readonly mode: "kTableLeader" | "kTableFollower";
  readonly term?: number;
  readonly replicas?: readonly string[];
}

/** GetTermPair. Of a table that is not loaded: what its manifest and binlog on disk say. */
export interface TermPairReply {
  readonly code: number;
  readonly msg?: string;
  readonly has_table: boolean;
  readonly is_leader: boolean;
  readonly term: number;
  readonly offset: number;
}
/** GetManifest: of the last snapshot; offset 0 and count 0 when there is none. */
export interface ManifestReply {
  readonly code: number;
  readonly msg?: string;
  readonly manifest: { readonly offset: number; readonly name: string; readonly count: number; readonly term: number };
}
/** DeleteBinlog: of a table that is not loaded, before it is loaded again. */
export interface PartitionRequest {
  readonly tid: number;
  readonly pid: number;
}
/** DeleteOPTask: the nameserver has noted how these operations ended; their tasks are forgotten. */
export interface DeleteOpTaskRequest {
  readonly op_id: readonly number[];
}
/** CancelOP: tasks of it that have not begun do not begin. */
export interface CancelOpRequest {
  readonly op_id: number;
}
export interface GetTaskStatusReply {
  readonly code: number;
  /** Absent: none. */
  readonly task?: readonly TaskInfo[];
}
export interface SetModeRequest {
  readonly follower: boolean;
}
export interface TableStatusRow {
  readonly tid: number;
  readonly pid: number;
  readonly offset: number;
  readonly mode: "kTableLeader" | "kTableFollower";
  readonly state: string;
  readonly record_cnt?: number;
  readonly record_byte_size?: number;
  readonly diskused?: number;
}
export interface GetTableStatusReply {
  readonly code: number;
  /** Absent: none. */
  readonly all_table_status?: readonly TableStatusRow[];
}
