// What lies in conf/: the templates of a release, and what `deploy.sh` would make of them for one node.
import type { LabFile, LabNode, Role } from "./lab-file.ts";

type Flags = Readonly<Record<string, string>>;

/** Milliseconds, as the vendor's templates and code have them (facts 3.1); the lab's scale makes them shorter. */
const waits: Readonly<Record<Role, Readonly<Record<string, number>>>> = {
  nameserver: {
    zk_session_timeout: 10_000,
    zk_keep_alive_check_interval: 15_000,
    tablet_heartbeat_timeout: 60_000,
    tablet_offline_check_interval: 1000,
    get_task_status_interval: 2000,
    get_table_status_interval: 2000,
  },
  tablet: { zk_session_timeout: 10_000, zk_keep_alive_check_interval: 15_000, binlog_coffee_time: 1000, binlog_match_logoffset_interval: 1000 },
  apiserver: { zk_session_timeout: 10_000 },
  taskmanager: { "zookeeper.session_timeout": 10_000 },
};
/** Below it a busy machine loses sessions for no reason. */
const shortestSession = 2000;
const scaled = (name: string, ms: number, scale: number): number =>
  Math.max(Math.round(ms * scale), name.includes("session_timeout") ? shortestSession : 20);

/** The vendor's tick of two seconds, scaled: sessions get 2 to 20 of them. */
export const tickTime = (scale: number): number => Math.max(100, Math.round(2000 * scale));

const zookeeperOf = (cluster: string): Flags => ({ zk_cluster: cluster, zk_root_path: "/openmldb" });
function fixedFlags(role: Exclude<Role, "taskmanager">): Flags {
  switch (role) {
    case "nameserver":
      return { openmldb_log_dir: "./logs", auto_failover: "true", system_table_replica_num: "2", enable_distsql: "true" };
    case "tablet":
      return {
        openmldb_log_dir: "./logs",
        binlog_notify_on_put: "true",
        binlog_sync_to_disk_interval: "5000",
        db_root_path: "./db",
        recycle_bin_root_path: "./recycle",
        ssd_root_path: "./db_ssd",
        hdd_root_path: "./db_hdd",
        make_snapshot_time: "23",
        stream_bandwidth_limit: "20971520",
      };
    case "apiserver":
      return { openmldb_log_dir: "./logs" };
  }
}
const properties = (endpoint: string, zookeeper: string, sparkHome: string): Flags => {
  const colon = endpoint.lastIndexOf(":");
  return {
    "server.host": endpoint.slice(0, colon),
    "server.port": endpoint.slice(colon + 1),
    "zookeeper.cluster": zookeeper,
    "zookeeper.root_path": "/openmldb",
    "job.log.path": "./logs/",
    "spark.home": sparkHome,
    "spark.master": "local[*]",
    "offline.data.prefix": "file:///tmp/openmldb_offline_storage/",
  };
};

const flagLines = (flags: Flags): string[] => Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
const propertyLines = (all: Flags): string[] => Object.entries(all).map(([name, value]) => `${name}=${value}`);
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const waitFlags = (role: Role, scale: number): Flags =>
  Object.fromEntries(Object.entries(waits[role]).map(([name, ms]) => [name, String(scaled(name, ms, scale))]));

/** By file name. */
export function templates(version: string): Readonly<Record<string, string>> {
  const flags = (role: Exclude<Role, "taskmanager">, endpoint: string): string =>
    text(
      `# ${role}.flags (Stillwater lab)`,
      ...flagLines({ endpoint, role, ...zookeeperOf("127.0.0.1:2181"), ...fixedFlags(role), ...waitFlags(role, 1) }),
      ...(role === "nameserver" ? ["#--name_server_task_concurrency=2", "#--check_binlog_sync_progress_delta=100000", "#--max_op_num=10000"] : []),
      ...(role === "tablet" ? ["#--use_name=false", "#--max_memory_mb=0"] : []),
    );
  return {
    "tablet.flags.template": flags("tablet", "127.0.0.1:10921"),
    "nameserver.flags.template": flags("nameserver", "127.0.0.1:7527"),
    "apiserver.flags.template": flags("apiserver", "127.0.0.1:9080"),
    "taskmanager.properties.template": text("# Stillwater lab", ...propertyLines(properties("0.0.0.0:9902", "0.0.0.0:2181", ""))),
    hosts: text("[tablet]", "127.0.0.1:10921", "", "[nameserver]", "127.0.0.1:7527", "", "[apiserver]", "", "[taskmanager]", "", "[zookeeper]", ""),
    "openmldb-env.sh": environment({ OPENMLDB_VERSION: version, OPENMLDB_MODE: "cluster", OPENMLDB_ZK_ROOT_PATH: "/openmldb" }),
  };
}
const environment = (variables: Flags): string =>
  text("#!/bin/sh", "# Stillwater lab", ...Object.entries(variables).map(([name, value]) => `export ${name}=${value}`));

/** conf/COMPONENT.flags or conf/taskmanager.properties: name and content. `more`: flags beside what the templates set, or in their place. */
export function configurationOf(lab: LabFile, node: LabNode, more: Flags): { readonly name: string; readonly content: string } {
  const { endpoint: zookeeper } = lab.zookeeper;
  if (node.role === "taskmanager") {
    const all = { ...properties(node.endpoint, zookeeper, lab.sparkHome), ...waitFlags("taskmanager", lab.scale), ...more };
    const generated = "# This file is generated automatically from taskmanager.properties.template (Stillwater lab)";
    return { name: "taskmanager.properties", content: text(generated, ...propertyLines(all)) };
  }
  const flags = {
    endpoint: node.endpoint,
    role: node.role,
    ...zookeeperOf(zookeeper),
    ...fixedFlags(node.role),
    ...waitFlags(node.role, lab.scale),
    ...more,
  };
  const generated = `# This file is generated automatically from ${node.role}.flags.template (Stillwater lab, scale ${String(lab.scale)})`;
  return { name: `${node.component}.flags`, content: text(generated, ...flagLines(flags)) };
}

/** conf/hosts of the whole cluster: sections with `HOST:PORT DIRECTORY`. */
export function hostsFile({ nodes, zookeeper, directory }: LabFile): string {
  const section = (role: Role): string[] => [
    `[${role}]`,
    ...nodes.filter((node) => node.role === role).map((node) => `${node.endpoint} ${node.directory}`),
    "",
  ];
  return text(
    ...section("tablet"),
    ...section("nameserver"),
    ...section("apiserver"),
    ...section("taskmanager"),
    "[zookeeper]",
    `${zookeeper.endpoint}:2888:3888 ${directory}/zookeeper`,
  );
}
export function environmentFile(lab: LabFile, node: LabNode): string {
  return environment({
    OPENMLDB_VERSION: lab.release,
    OPENMLDB_MODE: "cluster",
    OPENMLDB_HOME: node.directory,
    OPENMLDB_USE_EXISTING_ZK_CLUSTER: "true",
    OPENMLDB_ZK_CLUSTER: lab.zookeeper.endpoint,
    OPENMLDB_ZK_ROOT_PATH: lab.zookeeper.rootPath,
    SPARK_HOME: lab.sparkHome,
  });
}
