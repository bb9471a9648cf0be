import { ServerError } from "../node.ts";
import type { Controller } from "./controller.ts";
import type { ChunkMeta } from "./metadata.ts";

export interface SeedRequest {
  readonly database: string;
  readonly table: string;
  readonly chunks: number;
}
type SeededReplica = Pick<ChunkMeta, "id" | "file" | "database" | "table" | "partition" | "version" | "cid">;
const BATCH = 5_000;
const TIMEOUT_MS = 120_000;

/** Chunks of one version, dealt to the data nodes one after the other. */
function dealt(
  controller: Controller,
  { database, table, chunks }: SeedRequest,
): { readonly metadata: readonly (readonly ChunkMeta[])[]; readonly rows: ReadonlyMap<string, readonly SeededReplica[]> } {
  const nodes = controller.members.dataNodes().filter(({ alias }) => controller.members.isReady(alias));
  const factor = controller.replicationFactor;
  if (nodes.length < factor) throw new ServerError("Not enough data nodes.");
  const cid = controller.metadata.cid + 1;
  const updated = controller.process.clock.now();
  const metadata: ChunkMeta[][] = [];
  const rows = new Map<string, SeededReplica[]>();
  for (let at = 0; at < chunks; at += 1) {
    const id = `00000000-0000-4000-8000-${at.toString(16).padStart(12, "0")}`;
    const chunk: ChunkMeta = {
      id,
      file: `/${database.replace("dfs://", "")}/${String(at)}/${table}`,
      database,
      table,
      partition: String(at),
      version: 1,
      cid,
      tid: controller.metadata.tid,
      bytes: 0,
      chain: [`${String(cid)}:0:1:1`],
      updated,
    };
    const batch = metadata.at(-1);
    if (batch === undefined || batch.length >= BATCH) metadata.push([chunk]);
    else batch.push(chunk);
    for (let replica = 0; replica < factor; replica += 1) {
      const alias = nodes[(at + replica) % nodes.length]?.alias ?? "";
      const own = rows.get(alias) ?? [];
      own.push({ id, file: chunk.file, database, table, partition: chunk.partition, version: 1, cid });
      rows.set(alias, own);
    }
  }
  return { metadata, rows };
}

/** Many chunks without rows at once, for what is measured on large clusters: two replicas each, one after the other. */
export async function seedChunks(controller: Controller, { database, table, chunks }: SeedRequest): Promise<number> {
  const { rows, metadata: batches } = dealt(controller, { database, table, chunks });
  await controller.raft.propose({
    do: "create-database",
    database: { path: database, levels: [{ type: "VALUE", valueType: "int", domain: [] }], engine: "TSDB", atomic: "TRANS", createdBy: "admin" },
  });
  await controller.raft.propose({
    do: "create-table",
    table: { database, name: table, columns: [{ name: "id", type: "int" }], partitionColumns: ["id"], sortColumns: ["id"], keepDuplicates: "ALL" },
  });
  for (const batch of batches)
    await controller.raft.propose({ do: "commit", tid: controller.metadata.tid, cid: controller.metadata.cid + 1, chunks: batch });
  const now = controller.process.clock.now();
  for (const [alias, own] of rows) {
    const row = controller.members.row(alias);
    if (row === null) continue;
    await controller.process.ask(row.endpoint, "seed", own, TIMEOUT_MS);
    for (const { id, version } of own) controller.map.set(id, alias, { version, corrupted: false, since: now });
  }
  return chunks;
}
