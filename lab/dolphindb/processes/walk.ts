import { clusterDirectoryOf, type LabFile } from "./lab-file.ts";

/** How a script is sent by hand: the JSON API wants nothing but curl. */
const ask = (endpoint: string, script: string): string =>
  `curl -s http://${endpoint}/ -d '${JSON.stringify({
    sessionID: "0",
    functionName: "executeCode",
    params: [{ name: "script", form: "scalar", type: "string", value: `login("admin", "123456"); ${script}`.replaceAll("%", "%25") }],
  })}'`;

/** The vendor's tutorial by hand in this lab, host by host, and the same with Stillwater; one line each. */
export function walkLines(lab: LabFile, clusterFile: string, leader: string | null): readonly string[] {
  const { nodes, archives, directory, release } = lab;
  const [first] = nodes;
  const controller = nodes.find(({ name }) => name === leader) ?? nodes.find(({ role }) => role === "controller");
  const data = nodes.find(({ role, host }) => role === "datanode" && host === first?.host);
  if (first === undefined || controller === undefined || data === undefined) return [];
  const next = archives.find(({ version, inside }) => version === inside && version > release && !version.includes("_"));
  const at = clusterDirectoryOf(first);
  return [
    "The vendor's tutorial by hand, in this lab (every host is this machine):",
    `  # no chunk may be other than COMPLETE (asked of the controller that leads now, ${controller.name})`,
    `  ${ask(controller.endpoint, 'select * from getClusterChunksStatus() where state != "COMPLETE"')}`,
    "  # where metadata lies",
    `  ${ask(data.endpoint, "pnodeRun(getConfig{`chunkMetaDir})")}`,
    `  cd ${at} && sh stopAllNode.sh        # all nodes of ${first.host}; it does not wait for them`,
    `  cp -r data/ctl1/raft /tmp/raft.bak; cp -r data/${data.name}/storage/CHUNK_METADATA /tmp/CHUNK_METADATA.bak`,
    ...(next === undefined ? [] : [`  cp ${next.path} ${at}/ && bash upgrade.sh   # y, 2, ${next.version}; it ends with 0 when it has failed, too`]),
    "  sh startController.sh; sh startAgent.sh",
    `  ${ask(controller.endpoint, `startDataNode(["${data.name}"])`)}`,
    `  ${ask(controller.endpoint, "pnodeRun(version)")}   # data nodes only: ask controllers and agents for version() themselves`,
    "",
    "The same with Stillwater:",
    `  cd ${directory}`,
    `  stillwater --cluster ${clusterFile} inspect`,
    `  stillwater --cluster ${clusterFile} check`,
    ...(next === undefined ? [] : [`  stillwater --cluster ${clusterFile} plan --to ${next.version} --package ${next.path}`]),
    `  stillwater lab fault kill ${data.name} --directory ${directory}`,
    `  stillwater lab down --directory ${directory}`,
  ];
}
