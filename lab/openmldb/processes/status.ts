import { columns } from "../../kit/columns.ts";
import { LabClient } from "./ask.ts";
import { readLabFile, type LabFile, type LabNode } from "./lab-file.ts";
import { processOfNode } from "./faults.ts";
import { fourLetters } from "./zookeeper-question.ts";

export interface NodeStatus extends LabNode {
  /** Null: no process. */
  readonly pid: number | null;
  readonly monPid: number | null;
  /** What `/version` says; null: nothing answers, as with a standby taskmanager, or it has no such page. */
  readonly version: string | null;
}
export interface LabStatus {
  readonly lab: LabFile;
  readonly zookeeper: "answers" | "silent";
  /** Endpoint of the nameserver that leads; null: none. */
  readonly leader: string | null;
  readonly nodes: readonly NodeStatus[];
}

/** Error when the directory holds no lab. */
export async function status(directory: string): Promise<LabStatus> {
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  const page = (endpoint: string): Promise<string | null> => client.post(endpoint, "/version", "").catch(() => null);
  try {
    const [zookeeper, leader, ...nodes] = await Promise.all([
      fourLetters(lab.zookeeper.endpoint, "ruok").catch(() => ""),
      client.leader(),
      ...lab.nodes.map(async (node): Promise<NodeStatus> => {
        const [pid, monPid] = [processOfNode(node)?.pid ?? null, processOfNode(node, "mon")?.pid ?? null];
        return { ...node, pid, monPid, version: pid === null ? null : await page(node.endpoint) };
      }),
    ]);
    return { lab, zookeeper: zookeeper === "imok" ? "answers" : "silent", leader, nodes };
  } finally {
    client.close();
  }
}

export function statusLines({ lab, zookeeper, leader, nodes }: LabStatus): readonly string[] {
  const running = nodes.filter(({ pid }) => pid !== null).length;
  return [
    `lab openmldb in ${lab.directory}: ${String(running)} of ${String(nodes.length)} components run`,
    `  simulated: these are Stillwater's own programs, not OpenMLDB's`,
    lab.scale === 1
      ? "  waits and time-outs are the vendor's"
      : `  waits and time-outs are ${String(lab.scale)} times the vendor's (sessions at least 2 s, questions of start.sh 0.4 s apart)`,
    `  ZooKeeper ${lab.zookeeper.endpoint} ${zookeeper}, root path ${lab.zookeeper.rootPath}; nameserver that leads: ${leader ?? "none"}`,
    "",
    ...columns([
      ["  node", "role", "endpoint", "process", "version", "directory"],
      ...nodes.map(({ name, role, endpoint, pid, monPid, version, directory }) => [
        `  ${name}`,
        role,
        endpoint,
        pid === null
          ? monPid === null
            ? "down"
            : `down, mon ${String(monPid)}`
          : `${String(pid)}${monPid === null ? "" : `, mon ${String(monPid)}`}`,
        version ?? "-",
        directory,
      ]),
    ]),
    "",
    ...columns([
      ["  table", "partitions", "replicas"],
      ...lab.tables.map(({ db, name, partitions, replicas }) => [`  ${db}.${name}`, String(partitions), String(replicas)]),
    ]),
    "",
    ...lab.archives.map(({ version, inside, path }) => `  release ${version}  ${path}${inside === version ? "" : `  (its binary is ${inside})`}`),
  ];
}
