// The scripts of the probe (facts 5.1). Like scripts.ts: the lab understands them as scripts, not by their letters.
import { quoted } from "./scripts.ts";

/** Rows of the probe: what facts 5.1 names, the partition that the probe chose, and the record with its checksum. */
export const probeColumns = [
  { name: "seq", type: "long" },
  { name: "ts", type: "timestamp" },
  { name: "writer", type: "symbol" },
  { name: "attempt", type: "int" },
  { name: "lane", type: "int" },
  { name: "recordKey", type: "string" },
  { name: "recordValue", type: "string" },
] as const;
export type ProbeColumn = (typeof probeColumns)[number]["name"];

const loaded = (database: string, table: string): string => `loadTable(${quoted(database)}, ${quoted(table)})`;

/** Its domain has every lane from the beginning: nothing can be skipped for want of a partition. */
export const createProbeTable = (database: string, table: string, lanes: number): string =>
  [
    `db = database(directory=${quoted(database)}, partitionType=VALUE, partitionScheme=0..${String(lanes - 1)}, engine="TSDB")`,
    `rows = table(1:0, ${probeColumns.map(({ name }) => `\`${name}`).join("")}, [${probeColumns.map(({ type }) => type.toUpperCase()).join(", ")}])`,
    `made = createPartitionedTable(dbHandle=db, table=rows, tableName=${quoted(table)}, partitionColumns=\`lane, sortColumns=\`seq, keepDuplicates=ALL)`,
  ].join("\n");

/** A function of one argument, the table of rows: how the vendor's appender writes (facts 3.3). */
export const appendTo = (database: string, table: string): string => `tableInsert{${loaded(database, table)}}`;

export const columnsOf = (database: string, table: string): string => `schema(${loaded(database, table)}).colDefs`;

/** `lane`: null where the table has none. */
interface Rows {
  readonly database: string;
  readonly table: string;
  readonly writer: string | null;
  readonly lane: number | null;
}
function condition({ writer, lane }: Rows, more: readonly string[] = []): string {
  const parts = [...(lane === null ? [] : [`lane = ${String(lane)}`]), ...(writer === null ? [] : [`writer = ${quoted(writer)}`]), ...more];
  return parts.length === 0 ? "" : ` where ${parts.join(", ")}`;
}
/** One row: how many rows there are, and the largest number among them. */
export const extentOf = (rows: Rows): string => `select count(*) as n, max(seq) as hi from ${loaded(rows.database, rows.table)}${condition(rows)}`;
/** Numbers of both ends included. */
export const recordsBetween = (rows: Rows, from: number, to: number): string =>
  `select recordKey, recordValue from ${loaded(rows.database, rows.table)}${condition(rows, [`seq >= ${String(from)}`, `seq <= ${String(to)}`])}`;
export const countOfKey = (database: string, table: string, key: string): string =>
  `select count(*) as n from ${loaded(database, table)} where recordKey = ${quoted(key)}`;
export const deleteKey = (database: string, table: string, key: string): string =>
  `delete from ${loaded(database, table)} where recordKey = ${quoted(key)}`;
export const deleteWriter = (database: string, table: string, writer: string): string =>
  `delete from ${loaded(database, table)} where writer = ${quoted(writer)}`;

/** On the controller: the chunks below a path of the distributed file system, few of them. */
export const chunksBelow = (path: string): string =>
  `select chunkId, file, version, state, replicas, replicaCount from getClusterChunksStatus() where file like ${quoted(`${path}/%`)}`;

/** How the vendor's API finds the least loaded data node (facts 3.6). */
export const clusterLoad = "rpc(getControllerAlias(), getClusterPerf)";
/** The server's clock in UTC: now() alone is its local time. */
export const utcNow = "gmtime(now())";
