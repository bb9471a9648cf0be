// What is known of settings. Names and types from the vendor's src/flags.cc and conf/taskmanager.properties (0.7 to 0.9); every C++ component takes every flag.

export type FlagType = "bool" | "int32" | "uint32" | "uint64" | "double" | "string";

const types: Readonly<Record<FlagType, string>> = {
  bool: `auto_failover binlog_enable_crc binlog_notify_on_put disable_wal enable_distsql enable_localtablet enable_status_service
    recycle_bin_enabled skip_grant_tables use_name verify_compression`,
  int32: `binlog_coffee_time binlog_delete_interval binlog_match_logoffset_interval binlog_name_length binlog_single_file_max_size
    binlog_sync_batch_size binlog_sync_to_disk_interval binlog_sync_wait_time disk_gc_interval gc_interval gc_pool_size gc_safe_offset
    get_concurrency_limit get_task_status_interval glog_level io_pool_size make_snapshot_check_interval make_snapshot_threshold_offset
    make_snapshot_time max_op_num name_server_task_pool_size name_server_task_wait_time port put_concurrency_limit request_max_retry
    request_sleep_time request_timeout request_timeout_ms retry_send_file_wait_time_ms send_file_max_try snapshot_pool_size
    stream_bandwidth_limit stream_close_wait_time_ms sync_job_timeout task_pool_size thread_pool_size zk_keep_alive_check_interval
    zk_session_timeout`,
  uint32: `absolute_default_skiplist_height absolute_ttl_max block_cache_mb block_cache_shardbits check_binlog_sync_progress_delta
    gc_deleted_pk_version_delta get_memory_stat_interval get_replica_status_interval get_table_diskused_interval get_table_status_interval
    go_back_max_try_cnt keep_log_file_num key_entry_max_height latest_default_skiplist_height latest_ttl_max load_index_max_wait_time
    load_table_batch load_table_queue_size load_table_thread_num make_snapshot_max_deleted_keys make_snapshot_offline_interval
    max_col_display_length max_log_file_size max_memory_mb max_traverse_cnt max_traverse_key_cnt name_server_op_execute_timeout
    name_server_task_concurrency name_server_task_concurrency_for_replica_cluster name_server_task_max_concurrency partition_num
    preview_default_limit preview_limit_max_num put_slow_log_threshold query_slow_log_threshold recycle_ttl replica_num scan_max_bytes_size
    scan_reserve_size skiplist_max_height stream_block_size sync_deploy_stats_timeout system_table_replica_num tablet_heartbeat_timeout
    tablet_offline_check_interval task_check_interval traverse_cnt_limit write_buffer_mb zk_log_level`,
  uint64: "gc_on_table_recover_count",
  double: "mem_release_rate",
  string: `bucket_size data_dir db_root_path endpoint file_compression glog_dir hdd_root_path log_level nameserver openmldb_log_dir password
    recycle_bin_hdd_root_path recycle_bin_root_path recycle_bin_ssd_root_path role snapshot_compression ssd_root_path tablet user
    zk_auth_schema zk_cert zk_cluster zk_log_file zk_root_path`,
};
const flags: ReadonlyMap<string, FlagType> = new Map(
  Object.entries(types).flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type as FlagType] as const)),
);
const properties: ReadonlySet<string> = new Set(
  `server.host server.port server.worker_threads server.io_threads server.channel_keep_alive_time prefetch.jobid.num job.log.path
  external.function.dir track.unfinished.jobs job.tracker.interval zookeeper.cluster zookeeper.root_path zookeeper.session_timeout
  zookeeper.connection_timeout zookeeper.max_retries zookeeper.base_sleep_time zookeeper.max_connect_waitTime spark.home spark.master
  spark.yarn.jars spark.default.conf spark.eventLog.dir spark.yarn.maxAppAttempts batchjob.jar.path namenode.uri offline.data.prefix
  hadoop.conf.dir hadoop.user.name enable.hive.support user password zookeeper.cert zookeeper.auth_schema`.split(/\s+/),
);

/** Values that never appear in a plan, journal, log or report. */
export const isSecretKey = (key: string): boolean => /cert|passwd|password|secret|token|credential/i.test(key);

/** What the cluster file names too, or where the data lies: changing it would take the cluster away from under its own description. */
const identity: ReadonlyMap<string, string> = new Map([
  ...["endpoint", "port", "use_name", "role", "nameserver", "tablet", "server.host", "server.port"].map(
    (key) => [key, "the cluster file names where and what it is: change both by hand"] as const,
  ),
  ...["zk_cluster", "zk_root_path", "zookeeper.cluster", "zookeeper.root_path"].map(
    (key) => [key, "all components must find each other there: they cannot be changed one after the other"] as const,
  ),
  ...["data_dir", "db_root_path", "ssd_root_path", "hdd_root_path"].map(
    (key) => [key, "its data lies there, and would have to be moved with it"] as const,
  ),
]);
/** Why a run may not change it; null: it may. */
export const mayNotSet = (key: string): string | null => identity.get(key) ?? null;

/** False: OpenMLDB ends at once when it finds a flag that it does not know. */
export const isKnown = (role: "properties" | "flags", key: string): boolean => (role === "flags" ? flags.has(key) : properties.has(key));

const limits: Partial<Record<FlagType, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};
/** Why the value is wrong for a flag that is known; null: nothing is known against it. */
export function objection(key: string, value: string): string | null {
  if (/[\n\r\0]/.test(value)) return "a value cannot contain a line break";
  const type = flags.get(key);
  if (type === undefined || type === "string") return null;
  if (type === "bool") return /^(1|0|t|f|true|false|y|n|yes|no)$/i.test(value) ? null : "true or false is wanted";
  if (type === "double") return value.trim() !== "" && Number.isFinite(Number(value)) ? null : "a number is wanted";
  if (!/^-?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(value)) return "a whole number is wanted";
  const [least, most] = limits[type] ?? [0n, 0n];
  const given = value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
  return given >= least && given <= most ? null : `it lies outside ${String(least)} to ${String(most)}`;
}
