import { bool, nothing, text, type Atom } from "../../value.ts";
import { likePattern, operand } from "../../script/operations.ts";
import { tableOf, type FunctionTable, type Table, type Value } from "../../script/values.ts";
import { flagAt } from "../functions/arguments.ts";
import { ServerError } from "../node.ts";
import type { LocalChunk } from "./chunk-store.ts";
import type { DataNode } from "./data-node.ts";

const BYTES_A_ROW = 64;

/** Functions of data and compute nodes about themselves (facts 2). */
export function dataFunctions(node: DataNode): FunctionTable {
  const { link, store, coordinator } = node;
  const flush = (): Value => {
    store.flush();
    return nothing;
  };
  return {
    getControllerAlias: () => {
      const alias = link.leaderAlias;
      if (alias === null) throw new ServerError("<ControllerNotAvail>No controller of the cluster answers.");
      return text(alias);
    },
    isDataNodeInitialized: () => bool(node.isInitialised),
    isChunkNodeInit: () => bool(node.isInitialised),
    isNodeInitialized: () => bool(node.isInitialised),
    getAllChunks: () => chunksMeta(node, store.chunks),
    getChunksMeta: (_, args) => {
      const path = wordAt(args, 0);
      const most = countAt(args, 1, 1024);
      const found = store.chunks.filter(({ file }) => isLike(file, path));
      return chunksMeta(node, most < 0 ? found : found.slice(0, most));
    },
    getTabletsMeta: (_, args) => {
      const [path, table, usage] = [wordAt(args, 0), wordAt(args, 1), flagAt(args, 2)];
      const most = countAt(args, 3, 1024);
      const found = store.chunks.filter((chunk) => isLike(chunk.file, path) && isLike(chunk.table, table));
      return tabletsMeta(node, most < 0 ? found : found.slice(0, most), usage);
    },
    getTransactionStatus: () =>
      tableOf(coordinator.transactions, {
        tid: ["long", ({ tid }) => BigInt(tid)],
        startTime: ["timestamp", ({ startedAt }) => time(startedAt)],
        type: ["string", ({ type }) => type],
        status: ["string", ({ status }) => status],
        partitionCount: ["int", ({ partitions }) => partitions],
        endTime: ["timestamp", ({ endedAt }) => time(endedAt)],
        elapsedTime: ["long", ({ startedAt, endedAt }) => BigInt(Math.floor((endedAt ?? node.process.clock.now()) - startedAt))],
      }),
    flushOLAPCache: flush,
    flushTSDBCache: flush,
    flushPKEYCache: flush,
    getRedoLogGCStat: () =>
      tableOf([{ name: "TSDB", count: store.redoTransactions }], {
        physicalName: ["string", ({ name }) => name],
        txnCount: ["long", ({ count }) => BigInt(count)],
        numOfTxnPendingGC: ["long", ({ count }) => BigInt(count)],
        minTidPendingGC: ["long", () => null],
        numOfTxnPendingFlush: ["long", ({ count }) => BigInt(count)],
        minTidPendingFlush: ["long", () => null],
      }),
    getCacheEngineStat: () =>
      tableOf([{ name: "TSDB", count: store.redoTransactions }], {
        chunkId: ["string", ({ name }) => name],
        cachedRows: ["long", ({ count }) => BigInt(count)],
      }),
    getRecoveryWorkerNum: () => ({ form: "scalar", type: "int", value: node.process.number("recoveryWorkers", 1) }),
  };
}

const time = (at: number | null): Atom => (at === null ? null : BigInt(Math.floor(at)));
/** Null: everything. */
function wordAt(args: readonly Value[], at: number): string | null {
  const value = args[at];
  const item = value === undefined ? null : (operand(value).items[0] ?? null);
  return item === null || item === "" ? null : String(item);
}
function countAt(args: readonly Value[], at: number, byDefault: number): number {
  const value = args[at];
  const item = value === undefined ? null : (operand(value).items[0] ?? null);
  return item === null ? byDefault : Number(item);
}
const isLike = (value: string, pattern: string | null): boolean => pattern === null || likePattern(pattern).test(value);

const path = (node: DataNode, { id }: LocalChunk): string => `${node.process.home}/storage/CHUNKS/${id}`;
const chunksMeta = (node: DataNode, chunks: readonly LocalChunk[]): Table =>
  tableOf(chunks, {
    site: ["string", () => `${node.process.component.endpoint}:${node.process.alias}`],
    chunkId: ["string", ({ id }) => id],
    path: ["string", (chunk) => path(node, chunk)],
    dfsPath: ["string", ({ file }) => file],
    type: ["int", () => 1],
    flag: ["int", () => 0],
    size: ["long", ({ id }) => BigInt(node.store.rowCount(id) * BYTES_A_ROW)],
    version: ["int", ({ version }) => version],
    state: ["int", (chunk) => stateOf(node, chunk)],
    versionList: ["string", ({ cid, version }) => `cid : ${String(cid)},pt=>v${String(version)}; `],
    resolved: ["bool", () => true],
  });
/** Rows of an unfinished transaction are before its commit. */
function stateOf(node: DataNode, chunk: LocalChunk): number {
  if (chunk.state !== 0) return chunk.state;
  return node.store.pending.some(({ id }) => id === chunk.id) ? 1 : chunk.isCorrupted ? 3 : 0;
}
const tabletsMeta = (node: DataNode, chunks: readonly LocalChunk[], usage: boolean): Table =>
  tableOf(chunks, {
    chunkId: ["string", ({ id }) => id],
    path: ["string", (chunk) => path(node, chunk)],
    dfsPath: ["string", ({ file }) => file],
    tableName: ["string", ({ table }) => table],
    version: ["int", ({ version }) => version],
    rowNum: ["long", ({ id }) => BigInt(node.store.rowCount(id))],
    createCids: ["string", ({ cid }) => `[${String(cid)}]`],
    latestPhysicalDir: ["string", ({ table, cid }) => `${table}_${String(cid)}`],
    diskUsage: ["long", ({ id }) => (usage ? BigInt(node.store.rowCount(id) * BYTES_A_ROW) : -1n)],
  });
