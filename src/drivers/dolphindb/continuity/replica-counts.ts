// What each data node holds of the probe's chunks. DolphinDB chooses itself which replica answers a query, so replicas are compared by what their nodes
// say of them: version and rows (facts 5.1, as the vendor's own inspection does).
import type { ReplicaCount } from "../../../model/continuity.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { Rpc, Table, Value } from "../rpc.ts";
import { chunksBelow } from "../wire/probe-scripts.ts";

export interface CountedNode {
  readonly name: string;
  readonly alias: string;
}
export interface Counting {
  readonly rpc: Rpc;
  readonly controllers: readonly string[];
  readonly dataNodes: readonly CountedNode[];
  /** Below the root of the distributed file system: `/stillwater_probe_run1`. */
  readonly path: string;
  readonly table: string;
  /** The partition of a chunk by its file; null: not one of the probe's, or not known. */
  readonly partitionOf: (file: string) => string | null;
}
export interface Chunk {
  readonly chunkId: string;
  readonly file: string;
  readonly version: number | bigint;
  readonly state: string;
  readonly aliases: readonly string[];
}
interface Tablet {
  readonly node: string;
  readonly chunkId: string;
  readonly version: number | bigint;
  readonly rows: number;
}
/** Chunks whose replicas all have one version and are all there, and why others are not. */
export interface CountedReplicas {
  readonly chunks: readonly { readonly chunk: Chunk; readonly tablets: readonly Tablet[] }[];
  readonly unsettled: readonly string[];
}

const askMs = 10_000;

export async function countReplicas({ rpc, controllers, dataNodes, path, table, partitionOf }: Counting): Promise<CountedReplicas> {
  const leader = await rpc.leader();
  const factor = factorFrom(
    await rpc.call(controllers.includes(leader) ? leader : (controllers[0] ?? leader), "getConfig", ["dfsReplicationFactor"], askMs),
  );
  const chunks = chunksFrom(await rpc.script(leader, chunksBelow(path), askMs));
  const tablets = (await Promise.all(dataNodes.map((node) => tabletsOf(rpc, node, path, table)))).flat();
  const aliases = new Map(dataNodes.map(({ name, alias }) => [alias, name]));
  const unsettled: string[] = [];
  const counted = chunks.flatMap((chunk) => {
    // A node that was away for long still has what others hold by now: its old copy is none of the chunk's replicas any more.
    const known = new Set(chunk.aliases.map((alias) => aliases.get(alias)));
    const copies = tablets.filter(({ chunkId }) => chunkId === chunk.chunkId);
    const held = copies.filter(({ node }) => known.has(node));
    // Below the path there are also the database's own files, and chunks of the operator's other tables.
    if (copies.length === 0 && partitionOf(chunk.file) === null) return [];
    const missing = chunk.aliases.filter((alias) => !held.some(({ node }) => node === aliases.get(alias)));
    const old = held.filter(({ version }) => version !== chunk.version);
    if (chunk.state !== "COMPLETE") unsettled.push(`${chunk.file} is ${chunk.state}`);
    else if (chunk.aliases.length < factor) unsettled.push(`${chunk.file} has ${String(chunk.aliases.length)} of ${String(factor)} replicas`);
    else if (missing.length > 0) unsettled.push(`${missing.join(", ")} does not report its replica of ${chunk.file}`);
    else if (old.length > 0)
      unsettled.push(`${chunk.file} has version ${String(old[0]?.version)} on ${old[0]?.node ?? "?"}, ${String(chunk.version)} by the controller`);
    else return [{ chunk, tablets: held }];
    return [];
  });
  return { chunks: counted, unsettled };
}

/** Rows of a chunk's replicas against what was read through the authoritative path. `partitionOf`: null for a chunk of no partition of the probe. */
export function countsAgainst(
  { chunks }: CountedReplicas,
  expected: ReadonlyMap<string, number>,
  partitionOf: (file: string) => string | null,
): readonly ReplicaCount[] {
  const byPartition = Map.groupBy(
    chunks.flatMap((each) => {
      const partition = partitionOf(each.chunk.file);
      return partition === null ? [] : [{ ...each, partition }];
    }),
    ({ partition }) => partition,
  );
  return [...byPartition].flatMap(([partition, own]) => {
    const [only] = own;
    // Several chunks of one partition: which rows are in which of them is not known, so their replicas are compared with each other.
    if (own.length > 1 || only === undefined) {
      return own.flatMap(({ chunk, tablets }) => {
        const most = Math.max(...tablets.map(({ rows }) => rows));
        return tablets.map(({ node, rows }) => ({ replica: node, partition: `${partition} (chunk ${chunk.chunkId})`, rows, expected: most }));
      });
    }
    const most = Math.max(...only.tablets.map(({ rows }) => rows));
    return only.tablets.map(({ node, rows }) => ({ replica: node, partition, rows, expected: expected.get(partition) ?? most }));
  });
}

async function tabletsOf(rpc: Rpc, { name }: CountedNode, path: string, table: string): Promise<readonly Tablet[]> {
  const answer = await rpc.call(name, "getTabletsMeta", [`${path}/%`, table, false, -1], askMs);
  const rows = rowsOf(answer, `getTabletsMeta of ${name}`);
  return rows.map((row) => {
    const [chunkId, version, count] = [row("chunkId"), row("version"), row("rowNum")];
    if (typeof chunkId !== "string" || !isCount(version) || !isCount(count))
      throw new Unreachable(`getTabletsMeta of ${name} has a row that is not understood`);
    return { node: name, chunkId, version, rows: Number(count) };
  });
}
function chunksFrom(answer: Value): readonly Chunk[] {
  return rowsOf(answer, "getClusterChunksStatus").map((row) => {
    const [chunkId, file, version, state, replicas] = ["chunkId", "file", "version", "state", "replicas"].map(row);
    if (typeof chunkId !== "string" || typeof file !== "string" || !isCount(version) || typeof state !== "string")
      throw new Unreachable("getClusterChunksStatus has a row that is not understood");
    // `alias:version:...` each.
    const aliases = typeof replicas === "string" ? replicas.split(",").flatMap((each) => each.trim().split(":")[0] || []) : [];
    return { chunkId, file, version, state, aliases };
  });
}
function rowsOf(answer: Value, asked: string): readonly ((column: string) => Value)[] {
  if (answer === null || typeof answer !== "object" || !("is" in answer) || answer.is !== "table")
    throw new Unreachable(`${asked} did not answer with a table`);
  const { columns, data }: Table = answer;
  return (data[0] ?? []).map((_, index) => (column) => data[columns.indexOf(column)]?.[index] ?? null);
}
const isCount = (value: Value | undefined): value is number | bigint => typeof value === "number" || typeof value === "bigint";
const factorFrom = (value: Value): number => {
  const factor = Number(value ?? 2);
  return Number.isInteger(factor) && factor > 0 ? factor : 2;
};
