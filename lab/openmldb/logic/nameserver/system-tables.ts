import type { Context } from "./context.ts";
import { leaderOf } from "./metadata.ts";
import { createDatabase, createTable, type TableRequest } from "./tables.ts";

const INTERNAL = "__INTERNAL_DB";
const SCHEMA = "INFORMATION_SCHEMA";
/** The hash of root's empty password. */
const EMPTY_PASSWORD = "1e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

interface SystemTable extends Pick<TableRequest, "db" | "name"> {
  readonly columns: readonly string[];
  /** One for each row, the first column is the key. */
  readonly rows?: readonly (readonly string[])[];
}
const SYSTEM_TABLES: readonly SystemTable[] = [
  {
    db: INTERNAL,
    name: "JOB_INFO",
    columns: ["id", "job_type", "state", "start_time", "end_time", "parameter", "cluster", "application_id", "error"],
  },
  { db: INTERNAL, name: "USER", columns: ["id", "Host", "User", "authentication_string"], rows: [["%|root", "%", "root", EMPTY_PASSWORD]] },
  {
    db: INTERNAL,
    name: "PRE_AGG_META_INFO",
    columns: ["aggr_table", "aggr_db", "base_db", "base_table", "aggr_func", "aggr_col", "partition_cols", "order_by_col", "bucket_size"],
  },
  {
    db: SCHEMA,
    name: "GLOBAL_VARIABLES",
    columns: ["Variable_name", "Variable_value"],
    rows: [
      ["execute_mode", "online"],
      ["enable_trace", "false"],
      ["sync_job", "false"],
      ["job_timeout", "20000"],
    ],
  },
  { db: SCHEMA, name: "DEPLOY_RESPONSE_TIME", columns: ["DEPLOY_NAME", "TIME", "COUNT", "TOTAL"] },
];

/** Hidden databases and system tables, made by the first nameserver that leads. A failure ends the process (exit 1), as too few tablets do (facts 3.3, upstream issue 3870). */
export async function makeSystemTables(context: Context): Promise<boolean> {
  const { surroundings, flags, tablets, catalog } = context;
  const database = async (db: string): Promise<void> => {
    if (!catalog.databases.has(db)) await createDatabase(context, db);
  };
  await database(INTERNAL);
  // Every tablet that this process knows counts, an offline one too.
  if (tablets.size < flags.systemTableReplicaNum) {
    surroundings.exit(1, `tablet num ${String(tablets.size)} is less then system table replica num ${String(flags.systemTableReplicaNum)}`);
    return false;
  }
  await database("__PRE_AGG_DB");
  await database(SCHEMA);
  if (flags.systemTableReplicaNum === 0) return true;
  for (const table of SYSTEM_TABLES) {
    if (catalog.find(table.db, table.name) !== null) continue;
    const { code, msg } = await createTable(context, {
      db: table.db,
      name: table.name,
      partition_num: 1,
      replica_num: flags.systemTableReplicaNum,
      column_desc: table.columns.map((name) => ({ name, data_type: "kString" })),
      ...(table.columns[0] === undefined ? {} : { key_column: table.columns[0] }),
    });
    if (code !== 0) {
      surroundings.exit(1, `create system table ${table.name} failed: ${msg}`);
      return false;
    }
    await insert(context, table);
  }
  return true;
}

async function insert(context: Context, { db, name, rows = [] }: SystemTable): Promise<void> {
  const table = context.catalog.find(db, name);
  const leader = table === null ? null : leaderOf(table, 0);
  if (table === null || leader === null) return;
  for (const row of rows) {
    const put = { tid: table.tid, pid: 0, key: row[0] ?? "", value: JSON.stringify(row), ts: context.surroundings.clock.now() };
    await context.client.does(leader, "Put", put);
  }
}
