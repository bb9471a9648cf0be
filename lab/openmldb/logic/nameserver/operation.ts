import type { TableMeta } from "../tablet-messages.ts";

export type OpStatus = "kInited" | "kDoing" | "kDone" | "kFailed" | "kCanceled";

export interface ReplicaAgain {
  readonly endpoint: string;
  /** Entries that the follower may be behind when it is called alive. */
  readonly offset_delta: number;
}
export interface ChangeLeader {
  readonly tid: number;
  /** Alive followers on healthy tablets, at the time of asking. */
  readonly follower: readonly string[];
  readonly candidate_leader: string | null;
  /** What SelectLeader found. */
  readonly selected: { readonly leader: string; readonly offset: number; readonly term: number } | null;
}
/** The operation's own data, by its type (facts 2.7). */
export type OpWork =
  | { readonly op_type: "kMakeSnapshotOP" }
  | { readonly op_type: "kAddReplicaOP" | "kDelReplicaOP" | "kOfflineReplicaOP" | "kReLoadTableOP"; readonly endpoint: string }
  | ({ readonly op_type: "kChangeLeaderOP" } & ChangeLeader)
  | ({ readonly op_type: "kReAddReplicaOP" | "kReAddReplicaNoSendOP" | "kReAddReplicaWithDropOP" | "kReAddReplicaSimplifyOP" } & ReplicaAgain)
  | { readonly op_type: "kMigrateOP"; readonly src_endpoint: string; readonly des_endpoint: string }
  | { readonly op_type: "kUpdatePartitionStatusOP"; readonly endpoint: string; readonly is_leader: boolean; readonly is_alive: boolean }
  | ({ readonly op_type: "kRecoverTableOP"; readonly is_leader: boolean; readonly concurrency: number } & ReplicaAgain);
export type OpType = OpWork["op_type"];

/** What stands in ZooKeeper under /op/op_data/ID. Times in seconds since 1970; 0: not yet. */
export interface OpInfo {
  readonly op_id: number;
  readonly name: string;
  readonly db: string;
  readonly pid: number;
  /** Null: nobody's child. */
  readonly parent_id: number | null;
  /** The queue. */
  readonly vec_idx: number;
  task_index: number;
  task_status: OpStatus;
  start_time: number;
  end_time: number;
  work: OpWork;
}

/** A task runs on the tablet at `endpoint`, which is polled for its end, ... */
export type TabletTask =
  | {
      readonly type: "kMakeSnapshot" | "kPauseSnapshot" | "kRecoverSnapshot" | "kDropTable";
      readonly endpoint: string;
      readonly tid: number;
      readonly pid: number;
    }
  | {
      readonly type: "kSendSnapshot" | "kAddReplica" | "kDelReplica";
      readonly endpoint: string;
      readonly tid: number;
      readonly pid: number;
      readonly to: string;
    }
  | { readonly type: "kLoadTable"; readonly endpoint: string; readonly meta: TableMeta };
/** ... or in the nameserver itself. */
export type OwnTask =
  | { readonly type: "kSelectLeader" | "kChangeLeader" | "kUpdateLeaderInfo" | "kRecoverTable" }
  | { readonly type: "kAddTableInfo" | "kDelTableInfo"; readonly replica: string }
  | { readonly type: "kUpdateTableInfo"; readonly from: string; readonly to: string }
  | { readonly type: "kUpdatePartitionStatus"; readonly replica: string; readonly is_leader: boolean; readonly is_alive: boolean }
  | { readonly type: "kCheckBinlogSyncProgress"; readonly replica: string; readonly offset_delta: number };
export type TaskWork = TabletTask | OwnTask;
export type TaskType = TaskWork["type"];

export interface Task {
  readonly work: TaskWork;
  status: OpStatus;
  /** Tablet tasks: the request was sent, whatever came of it. */
  sent: boolean;
  /** Polls since: a task that its tablet does not know after more than five has failed. */
  polls: number;
}
export const taskOf = (work: TaskWork): Task => ({ work, status: "kInited", sent: false, polls: 0 });
/** Null: a task of the nameserver itself. */
export const tabletOf = (work: TaskWork): string | null => ("endpoint" in work ? work.endpoint : null);

export interface Operation {
  readonly info: OpInfo;
  /** Those that are left; the first is the current one. */
  tasks: Task[];
}
