import { leaderOf, type TableInfo } from "./metadata.ts";
import { tabletOf, taskOf, type OpWork, type Task, type TaskWork } from "./operation.ts";

/** Why an operation cannot be made of tasks; people read it in the nameserver's log. */
export class NoTasks extends Error {}

/**
 * The tasks of an operation (facts 2.8), by the metadata as it is now: when it is asked for, and again when another nameserver takes over.
 * Throws NoTasks when there is no leader to run them, or a tablet that they need is not healthy.
 */
export function tasksOf(work: OpWork, table: TableInfo, pid: number, healthy: (tablet: string) => boolean, syncDelta: number): Task[] {
  const tasks = sequence(work, table, pid, healthy, syncDelta);
  for (const task of tasks) {
    const tablet = tabletOf(task);
    if (tablet !== null && !healthy(tablet)) throw new NoTasks(`tablet ${tablet} is not healthy`);
  }
  return tasks.map(taskOf);
}

function sequence(work: OpWork, table: TableInfo, pid: number, healthy: (tablet: string) => boolean, syncDelta: number): TaskWork[] {
  const { tid } = table;
  const leader = (): string => {
    const endpoint = leaderOf(table, pid);
    if (endpoint === null) throw new NoTasks(`table ${table.name} pid ${String(pid)} has no alive leader`);
    return endpoint;
  };
  const online = (tablet: string): void => {
    if (!healthy(tablet)) throw new NoTasks(`tablet ${tablet} is not online`);
  };
  const onLeader = (type: "kMakeSnapshot" | "kPauseSnapshot" | "kRecoverSnapshot"): TaskWork => ({ type, endpoint: leader(), tid, pid });
  const between = (type: "kSendSnapshot" | "kAddReplica" | "kDelReplica", to: string): TaskWork => ({ type, endpoint: leader(), tid, pid, to });
  const load = (endpoint: string, mode: "kTableLeader" | "kTableFollower"): TaskWork => ({
    type: "kLoadTable",
    endpoint,
    meta: {
      name: table.name,
      tid,
      pid,
      seg_cnt: table.seg_cnt,
      mode,
      storage_mode: table.storage_mode === "kUnknown" ? "kMemory" : table.storage_mode,
    },
  });
  const drop = (endpoint: string): TaskWork => ({ type: "kDropTable", endpoint, tid, pid });
  const synced = (replica: string, offset_delta: number): TaskWork => ({ type: "kCheckBinlogSyncProgress", replica, offset_delta });
  const status = (replica: string, is_leader: boolean, is_alive: boolean): TaskWork => ({
    type: "kUpdatePartitionStatus",
    replica,
    is_leader,
    is_alive,
  });

  switch (work.op_type) {
    case "kMakeSnapshotOP":
      return [onLeader("kMakeSnapshot")];
    case "kChangeLeaderOP":
      return [{ type: "kSelectLeader" }, { type: "kChangeLeader" }, { type: "kUpdateLeaderInfo" }];
    case "kAddReplicaOP": {
      const { endpoint } = work;
      online(endpoint);
      return [
        onLeader("kPauseSnapshot"),
        between("kSendSnapshot", endpoint),
        load(endpoint, "kTableFollower"),
        between("kAddReplica", endpoint),
        onLeader("kRecoverSnapshot"),
        { type: "kAddTableInfo", replica: endpoint },
        synced(endpoint, syncDelta),
        status(endpoint, false, true),
      ];
    }
    case "kDelReplicaOP": {
      const { endpoint } = work;
      if (leader() === endpoint) throw new NoTasks(`${endpoint} is the leader`);
      return [between("kDelReplica", endpoint), { type: "kDelTableInfo", replica: endpoint }, drop(endpoint)];
    }
    case "kOfflineReplicaOP": {
      const { endpoint } = work;
      if (leader() === endpoint) throw new NoTasks(`${endpoint} is the leader`);
      return [between("kDelReplica", endpoint), status(endpoint, false, false)];
    }
    case "kMigrateOP": {
      const { src_endpoint: from, des_endpoint: to } = work;
      return [
        onLeader("kPauseSnapshot"),
        between("kSendSnapshot", to),
        onLeader("kRecoverSnapshot"),
        load(to, "kTableFollower"),
        between("kAddReplica", to),
        { type: "kAddTableInfo", replica: to },
        synced(to, syncDelta),
        between("kDelReplica", from),
        { type: "kUpdateTableInfo", from, to },
        drop(from),
      ];
    }
    case "kReAddReplicaOP": {
      const { endpoint, offset_delta } = work;
      online(endpoint);
      return [
        onLeader("kPauseSnapshot"),
        between("kSendSnapshot", endpoint),
        load(endpoint, "kTableFollower"),
        between("kAddReplica", endpoint),
        onLeader("kRecoverSnapshot"),
        synced(endpoint, offset_delta),
        status(endpoint, false, true),
      ];
    }
    case "kReAddReplicaNoSendOP": {
      const { endpoint, offset_delta } = work;
      online(endpoint);
      return [
        onLeader("kPauseSnapshot"),
        load(endpoint, "kTableFollower"),
        between("kAddReplica", endpoint),
        onLeader("kRecoverSnapshot"),
        synced(endpoint, offset_delta),
        status(endpoint, false, true),
      ];
    }
    case "kReAddReplicaWithDropOP": {
      const { endpoint, offset_delta } = work;
      online(endpoint);
      return [
        onLeader("kPauseSnapshot"),
        drop(endpoint),
        between("kSendSnapshot", endpoint),
        load(endpoint, "kTableFollower"),
        between("kAddReplica", endpoint),
        onLeader("kRecoverSnapshot"),
        synced(endpoint, offset_delta),
        status(endpoint, false, true),
      ];
    }
    case "kReAddReplicaSimplifyOP": {
      const { endpoint, offset_delta } = work;
      online(endpoint);
      return [between("kAddReplica", endpoint), synced(endpoint, offset_delta), status(endpoint, false, true)];
    }
    case "kReLoadTableOP": {
      const { endpoint } = work;
      online(endpoint);
      return [load(endpoint, "kTableLeader"), status(endpoint, true, true)];
    }
    case "kUpdatePartitionStatusOP":
      return [status(work.endpoint, work.is_leader, work.is_alive)];
    case "kRecoverTableOP": {
      // Of a leader nobody replicates to it: the entry is deleted only for a follower.
      if (work.is_leader) return [{ type: "kRecoverTable" }];
      if (leader() === work.endpoint) throw new NoTasks(`${work.endpoint} is the leader`);
      return [between("kDelReplica", work.endpoint), { type: "kRecoverTable" }];
    }
  }
}
