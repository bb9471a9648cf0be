import type { LabFile } from "./lab-file.ts";

/** The vendor's upgrade page by hand in this lab, and the same with Stillwater; one line each. */
export function walkLines(lab: LabFile, clusterFile: string): readonly string[] {
  const { zookeeper, nodes, archives, directory } = lab;
  const [ns] = nodes.filter(({ role }) => role === "nameserver");
  const [tablet] = nodes.filter(({ role }) => role === "tablet");
  const next = archives.find(({ version, inside }) => version > lab.release && inside === version);
  if (ns === undefined || tablet === undefined) return [];
  const client = `${ns.directory}/bin/openmldb --zk_cluster=${zookeeper.endpoint} --zk_root_path=${zookeeper.rootPath} --role=ns_client --interactive=false`;
  return [
    "The vendor's page by hand, in this lab:",
    `  ${client} --cmd=showns`,
    `  ${client} --cmd='confget auto_failover'`,
    `  ${client} --database=shop --cmd=showtable`,
    `  cd ${ns.directory} && bin/start.sh stop nameserver && cp -r bin bin.bak   # the standby first, the leader last`,
    ...(next === undefined
      ? []
      : [`  tar -xzf ${next.path} --strip-components=1 openmldb-${next.version}-linux/bin && bin/start.sh start nameserver`]),
    `  python3 tools/openmldb_ops.py --openmldb_bin_path=${ns.directory}/bin/openmldb --zk_cluster=${zookeeper.endpoint} --zk_root_path=${zookeeper.rootPath} \\`,
    `    --cmd=pre-upgrade --endpoints=${tablet.endpoint}   # of the vendor's distribution; not in the lab`,
    `  cd ${tablet.directory} && bin/start.sh stop tablet   # then backup, exchange, start; wait until its registration is gone`,
    "",
    "The same with Stillwater:",
    `  cd ${directory}`,
    `  stillwater --cluster ${clusterFile} inspect`,
    ...(next === undefined ? [] : [`  stillwater --cluster ${clusterFile} plan --to ${next.version} --artifact ${next.path}`]),
    `  stillwater lab fault kill ${tablet.name} --directory ${directory}`,
    `  stillwater lab down --directory ${directory}`,
  ];
}
