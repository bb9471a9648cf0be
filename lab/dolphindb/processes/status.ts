import { columns } from "../../kit/columns.ts";
import { LabClient, type Answer } from "./ask.ts";
import { readLabFile, type LabFile, type LabNode } from "./lab-file.ts";
import { processOfNode } from "./server-process.ts";

export interface NodeStatus extends LabNode {
  /** Null: no process. */
  readonly pid: number | null;
  /** Token 0 of what version() says; null: nothing answers. */
  readonly version: string | null;
  /** As the leading controller sees it; null: it does not say. */
  readonly online: boolean | null;
}
export interface LabStatus {
  readonly lab: LabFile;
  /** Alias of the controller that leads; null: none. */
  readonly leader: string | null;
  /** By state; null: no controller leads. */
  readonly chunks: Readonly<Record<string, number>> | null;
  readonly nodes: readonly NodeStatus[];
}

/** Error when the directory holds no lab. */
export async function status(directory: string): Promise<LabStatus> {
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  try {
    const endpoint = await client.leader();
    const perf = endpoint === null ? null : await client.call(endpoint, "getClusterPerf", [true]);
    const rows = perf?.kind === "rows" ? perf.rows : endpoint === null ? null : await client.cluster();
    const nodes = await Promise.all(
      lab.nodes.map(async (node): Promise<NodeStatus> => {
        const pid = processOfNode(node)?.pid ?? null;
        const row = rows?.find((each) => each["name"] === node.name);
        return {
          ...node,
          pid,
          version: pid === null ? null : versionIn(await client.call(node.endpoint, "version")),
          online: row === undefined ? null : row["state"] === 1,
        };
      }),
    );
    const leader = lab.nodes.find((node) => node.endpoint === endpoint)?.name ?? null;
    return { lab, leader, nodes, chunks: endpoint === null ? null : chunksIn(await client.call(endpoint, "getClusterChunksStatus")) };
  } finally {
    client.close();
  }
}

const versionIn = (answer: Answer): string | null => (answer.kind === "value" ? (String(answer.value).split(" ")[0] ?? null) : null);

function chunksIn(answer: Answer): Readonly<Record<string, number>> | null {
  if (answer.kind !== "rows") return null;
  const states: Record<string, number> = {};
  for (const row of answer.rows) states[String(row["state"])] = (states[String(row["state"])] ?? 0) + 1;
  return states;
}

export function statusLines({ lab, leader, chunks, nodes }: LabStatus): readonly string[] {
  const running = nodes.filter(({ pid }) => pid !== null).length;
  const chunkWords = chunks === null ? "not known" : Object.entries(chunks).map(([state, count]) => `${String(count)} ${state}`);
  return [
    `lab dolphindb in ${lab.directory}: ${String(running)} of ${String(nodes.length)} servers run`,
    `  simulated: these are Stillwater's own programs, not DolphinDB's`,
    lab.scale === 1 ? "  waits and time-outs are the vendor's" : `  waits and time-outs are ${String(lab.scale)} times the vendor's`,
    `  controller that leads: ${leader ?? "none"}; replication factor ${String(lab.replicationFactor)}; chunks: ${typeof chunkWords === "string" ? chunkWords : chunkWords.join(", ") || "none"}`,
    "",
    ...columns([
      ["  node", "role", "host", "endpoint", "process", "version", "state"],
      ...nodes.map(({ name, role, host, endpoint, pid, version, online }) => [
        `  ${name}`,
        role,
        host,
        endpoint,
        pid === null ? "down" : String(pid),
        version ?? "-",
        online === null ? "-" : online ? "online" : "offline",
      ]),
    ]),
    "",
    ...lab.archives.map(({ version, inside, path }) => `  release ${version}  ${path}${inside === version ? "" : `  (its binary is ${inside})`}`),
  ];
}
