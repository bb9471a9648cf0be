import type { Component } from "../logic/node.ts";

export type Role = Component["role"];
export const FIRST_PORT: Readonly<Record<Role, number>> = { nameserver: 7527, tablet: 10921, apiserver: 9080, taskmanager: 9902 };

const ZOOKEEPER = { zk_cluster: "127.0.0.1:2181", zk_root_path: "/openmldb" };
/** What the templates of a release set (facts 3.1). */
export function templateFlags(role: Role, endpoint: string): Readonly<Record<string, string>> {
  switch (role) {
    case "nameserver":
      return {
        endpoint,
        role: "nameserver",
        ...ZOOKEEPER,
        openmldb_log_dir: "./logs",
        auto_failover: "true",
        zk_session_timeout: "10000",
        tablet_heartbeat_timeout: "60000",
        system_table_replica_num: "2",
        enable_distsql: "true",
      };
    case "tablet":
      return {
        endpoint,
        role: "tablet",
        ...ZOOKEEPER,
        openmldb_log_dir: "./logs",
        zk_session_timeout: "10000",
        binlog_notify_on_put: "true",
        binlog_sync_to_disk_interval: "5000",
        db_root_path: "./db",
        recycle_bin_root_path: "./recycle",
        hdd_root_path: "./db_hdd",
        ssd_root_path: "./db_ssd",
        make_snapshot_time: "23",
      };
    case "apiserver":
      return { endpoint, role: "apiserver", ...ZOOKEEPER, openmldb_log_dir: "./logs", zk_session_timeout: "10000" };
    case "taskmanager": {
      const [host = "", port = ""] = endpoint.split(":");
      return {
        "server.host": host,
        "server.port": port,
        "zookeeper.cluster": ZOOKEEPER.zk_cluster,
        "zookeeper.root_path": ZOOKEEPER.zk_root_path,
        "zookeeper.session_timeout": "10000",
        "job.log.path": "./logs/",
        "spark.home": "",
        "spark.master": "local[*]",
      };
    }
  }
}
