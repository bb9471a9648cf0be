import type { Component } from "../node.ts";

/** Defaults of the code; what the templates set is set by whoever makes conf/nameserver.flags (facts 3.1). Milliseconds where a time is meant. */
export interface NameserverFlags {
  readonly zkRootPath: string;
  readonly zkSessionTimeout: number;
  readonly zkKeepAliveCheckInterval: number;
  readonly autoFailover: boolean;
  readonly tabletHeartbeatTimeout: number;
  readonly tabletOfflineCheckInterval: number;
  readonly systemTableReplicaNum: number;
  readonly taskConcurrency: number;
  readonly taskMaxConcurrency: number;
  readonly getTaskStatusInterval: number;
  readonly getTableStatusInterval: number;
  /** Entries. */
  readonly checkBinlogSyncProgressDelta: number;
  readonly maxOpNum: number;
  readonly requestTimeout: number;
  readonly partitionNum: number;
  readonly replicaNum: number;
}

export function flagsOf({ flags }: Component): NameserverFlags {
  const number = (name: string, otherwise: number): number => {
    const value = flags[name];
    return value === undefined || value === "" ? otherwise : Number(value);
  };
  return {
    zkRootPath: flags["zk_root_path"] ?? "/openmldb",
    zkSessionTimeout: number("zk_session_timeout", 2_000),
    zkKeepAliveCheckInterval: number("zk_keep_alive_check_interval", 15_000),
    autoFailover: flags["auto_failover"] === "true",
    tabletHeartbeatTimeout: number("tablet_heartbeat_timeout", 300_000),
    tabletOfflineCheckInterval: number("tablet_offline_check_interval", 1_000),
    systemTableReplicaNum: number("system_table_replica_num", 1),
    taskConcurrency: number("name_server_task_concurrency", 2),
    taskMaxConcurrency: number("name_server_task_max_concurrency", 8),
    getTaskStatusInterval: number("get_task_status_interval", 2_000),
    getTableStatusInterval: number("get_table_status_interval", 2_000),
    checkBinlogSyncProgressDelta: number("check_binlog_sync_progress_delta", 100_000),
    maxOpNum: number("max_op_num", 10_000),
    requestTimeout: number("request_timeout_ms", 20_000),
    partitionNum: number("partition_num", 8),
    replicaNum: number("replica_num", 3),
  };
}
