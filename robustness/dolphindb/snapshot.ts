// The cluster as the validators want it: from what servers answer, from files, and from the process tables of the machines.
import { NoReply } from "../../lab/kit/network.ts";
import { ServerError } from "../../lab/dolphindb/logic/node.ts";
import { decode } from "../../lab/dolphindb/logic/messages.ts";
import { rowsOf, type MemoryCluster, type MemoryNode, type Row } from "../../lab/dolphindb/memory/cluster.ts";
import { SERVER } from "../../lab/dolphindb/memory/layout.ts";
import type { Machine } from "../../lab/dolphindb/memory/machine.ts";
import { releaseOfBinary } from "../../lab/dolphindb/memory/releases.ts";
import type { LabValue } from "../../lab/dolphindb/value.ts";
import type { ReplicaRows } from "../validators/dolphindb-rows.ts";
import type { ChunkSnapshot, ClusterSnapshot, HostSnapshot, NodeSnapshot } from "../validators/dolphindb-state.ts";

const OWN = "127.0.0.1:2";
const TIMEOUT_MS = 10_000;
/** Where half-made copies would lie. */
const PLACES = ["/var/lib/stillwater", "/opt/dolphindb", SERVER, `${SERVER}/clusterDemo`] as const;

export async function snapshotOf(cluster: MemoryCluster): Promise<ClusterSnapshot> {
  const nodes: NodeSnapshot[] = [];
  for (const node of cluster.nodes) nodes.push(await nodeSnapshot(cluster, node));
  const tasks = await cluster.recoveryTasks().catch(noRows);
  const unresolved = await cluster.atLeader("getUnresolvedTxn").then(rowsOf).catch(noRows);
  return {
    nodes,
    hosts: cluster.machines.map(hostSnapshot),
    chunks: (await cluster.chunks().catch(noRows)).map(chunkSnapshot),
    queuedTasks: tasks.filter(({ Status }) => Status === "Waiting" || Status === "In-Progress").length,
    unresolvedTransactions: unresolved.length,
  };
}
/** Of a release that does not have the function, or when nobody leads: the validator finds that by other signs. */
function noRows(error: unknown): readonly Row[] {
  if (error instanceof ServerError) return [];
  throw error;
}

async function nodeSnapshot(cluster: MemoryCluster, { alias, role, host, machine, log }: MemoryNode): Promise<NodeSnapshot> {
  const isOwn = (each: { readonly role: string; readonly alias: string | null }): boolean =>
    each.role === role && (role === "controller" || role === "agent" || each.alias === alias);
  const ends = machine.ends.filter(isOwn);
  const ask = async (name: string): Promise<LabValue | null> => {
    try {
      return await cluster.call(alias, name);
    } catch (error) {
      if (error instanceof ServerError) return null;
      throw error;
    }
  };
  const version = await ask("version");
  const interval = role === "controller" ? await ask("getDatanodeRestartInterval") : null;
  const began = machine.starts.findLast(isOwn)?.at ?? 0;
  const said = log.filter((line) => Number(line.slice(0, line.indexOf(" "))) >= began && /recovery is (suspended|resumed)/.test(line)).at(-1);
  return {
    alias,
    role,
    host,
    version: version?.form === "scalar" ? (String(version.value).split(" ")[0] ?? null) : null,
    starts: cluster.startsOf(alias).length,
    failedStarts: ends.filter(({ code }) => code !== null && code !== 0).length,
    kills: ends.filter(({ code }) => code === null).length,
    restartInterval: interval?.form === "scalar" ? Number(interval.value) : null,
    recoverySuspended: said?.includes("recovery is suspended") === true,
  };
}
function hostSnapshot({ name, disk, services }: Machine): HostSnapshot {
  const half = /(\.part|\.tmp|\.new|\.incoming)$/;
  return {
    name,
    installed: releaseOfBinary(disk.read(`${SERVER}/dolphindb`)),
    units: services.names.map((unit) => {
      const state = services.show(unit);
      const dropIns = disk.list(`/run/systemd/system/${unit}.d`).map((file) => `/run/systemd/system/${unit}.d/${file}`);
      return { name: unit, restart: state?.configured ?? "", dropIns };
    }),
    unfinished: PLACES.flatMap((place) => disk.list(place).flatMap((file) => (half.test(file) ? [`${place}/${file}`] : []))),
  };
}
export const chunkSnapshot = (row: Row): ChunkSnapshot => ({
  chunkId: String(row["chunkId"]),
  state: String(row["state"]),
  version: String(row["version"]),
  replicaCount: Number(row["replicaCount"]),
  replicas: String(row["replicas"]),
});

/** Every replica of the application's table, each read on its own node. */
export async function replicaRows(cluster: MemoryCluster, database: string): Promise<readonly ReplicaRows[]> {
  const prefix = `${database.replace("dfs://", "/")}/`;
  const replicas: ReplicaRows[] = [];
  for (const chunk of await cluster.chunks()) {
    const file = String(chunk["file"]);
    if (!file.startsWith(prefix)) continue;
    const [partition = ""] = file.slice(prefix.length).split("/");
    for (const part of String(chunk["replicas"]).split(",")) {
      const [node = "", version = "0"] = part.split(":");
      if (node === "") continue;
      replicas.push({
        partition,
        chunk: String(chunk["chunkId"]),
        node,
        keys: await keysOn(cluster, node, String(chunk["chunkId"]), Number(version)),
      });
    }
  }
  return replicas;
}
async function keysOn(cluster: MemoryCluster, alias: string, id: string, version: number): Promise<readonly string[]> {
  const { endpoint } = cluster.node(alias);
  const request = { method: "POST", path: "/lab/node/chunk/read", headers: {}, body: JSON.stringify({ id, version }) };
  try {
    const { status, body } = await cluster.network.call(OWN, endpoint, request, TIMEOUT_MS);
    if (status !== 200) return [];
    // Columns as the table has them: the key is the last one.
    return (decode(body) as readonly (readonly unknown[])[]).map((row) => String(row.at(-1)));
  } catch (error) {
    if (error instanceof NoReply) return [];
    throw error;
  }
}
