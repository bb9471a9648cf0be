// What a lab has in its tables from the beginning, so that there are chunks with replicas to lose.
import type { LabClient } from "./ask.ts";
import { nodesOf, type LabFile } from "./lab-file.ts";

export interface LabTable {
  readonly database: string;
  readonly name: string;
  readonly partitions: number;
  readonly rows: number;
}
const table: LabTable = { database: "dfs://shop", name: "orders", partitions: 12, rows: 240 };

/** Error with the server's words when it cannot be made. */
export async function createTables(lab: LabFile, client: LabClient): Promise<readonly LabTable[]> {
  const { database, name, partitions, rows } = table;
  const [node] = nodesOf(lab, "datanode");
  if (node === undefined) return [];
  const create = [
    `db = database(directory="${database}", partitionType=VALUE, partitionScheme=0..${String(partitions - 1)}, engine="TSDB")`,
    "shape = table(1:0, `part`id`sum, [INT, LONG, DOUBLE])",
    `made = createPartitionedTable(dbHandle=db, table=shape, tableName="${name}", partitionColumns=\`part, sortColumns=\`id, keepDuplicates=ALL)`,
  ].join("\n");
  const made = await client.script(node.endpoint, create);
  if (made.kind === "error" || made.kind === "silent")
    throw new Error(`${database} cannot be made: ${made.kind === "error" ? made.message : "no answer"}`);
  const numbers = Array.from({ length: rows }, (_, index) => index);
  const inserted = await client.call(node.endpoint, `tableInsert{loadTable("${database}", "${name}")}`, [
    { part: ["int", numbers.map((n) => n % partitions)], id: ["long", numbers], sum: ["double", numbers.map((n) => n / 4)] },
  ]);
  if (inserted.kind !== "value" || Number(inserted.value) !== rows)
    throw new Error(
      `${database} took ${inserted.kind === "value" ? String(inserted.value) : inserted.kind === "error" ? inserted.message : "no"} of ${String(rows)} rows`,
    );
  return [table];
}
