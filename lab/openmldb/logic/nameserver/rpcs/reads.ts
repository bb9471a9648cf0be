import type { Method } from "../../brpc.ts";
import type { Context } from "../context.ts";
import { HIDDEN_DATABASES, partitionOf, type TablePartition } from "../metadata.ts";
import type { Operation } from "../operation.ts";
import type { Operations } from "../operations.ts";
import { OK } from "../tables.ts";
import { leads, leadsByHand } from "./leads.ts";

const NO_TABLE = { code: 100, msg: "table does not exist" };

export function reads(context: Context, operations: Operations): Readonly<Record<string, Method>> {
  const { catalog, tablets, surroundings } = context;
  return {
    ShowTablet: leads(context, {}, {}, () => ({
      ...OK,
      tablets: [...tablets]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([endpoint, { state, since }]) => ({ endpoint, state, age: Math.floor(surroundings.clock.now() - since) })),
    })),
    ShowSdkEndpoint: leads(context, {}, {}, () => ({ ...OK })),
    ShowDatabase: leads(context, {}, {}, () => ({ ...OK, db: [...catalog.databases].filter((db) => !HIDDEN_DATABASES.has(db)).toSorted() })),
    UseDatabase: leads(context, { db: "string" }, {}, ({ db }: { readonly db: string }) =>
      catalog.databases.has(db) ? OK : { code: 802, msg: "database not found" },
    ),
    ShowTable: leads(
      context,
      {},
      { name: "string", db: "string", show_all: "boolean" },
      ({ name, db = "", show_all = false }: { readonly name?: string; readonly db?: string; readonly show_all?: boolean }) => ({
        ...OK,
        table_info: (show_all ? catalog.all() : catalog.of(db)).filter((table) => name === undefined || table.name === name),
      }),
    ),
    GetTablePartition: leads(
      context,
      { name: "string", pid: "number" },
      { db: "string" },
      ({ name, pid, db = "" }: { readonly name: string; readonly pid: number; readonly db?: string }) => {
        const table = catalog.find(db, name);
        return table === null ? NO_TABLE : { ...OK, table_partition: partitionOf(table, pid) };
      },
    ),
    ConfGet: leads(context, {}, {}, () => ({ ...OK, conf: { auto_failover: String(context.autoFailover) } })),
    ShowCatalog: leads(context, {}, {}, async () => {
      const catalogs = [];
      for (const [endpoint, { state }] of tablets)
        if (state === "kHealthy") {
          const answer = await context.client.ask<{ readonly code: number; readonly catalog?: { readonly version: number } }>(
            endpoint,
            "GetCatalog",
            {},
          );
          catalogs.push({ version: answer?.catalog?.version ?? 0, endpoint });
        }
      return { ...OK, catalog: catalogs };
    }),
    ShowOPStatus: leads(
      context,
      {},
      { db: "string", name: "string", pid: "number", op_id: "number" },
      ({ db, name, pid, op_id }: { readonly db?: string; readonly name?: string; readonly pid?: number; readonly op_id?: number }) => ({
        ...OK,
        op_status: operations
          .list()
          .filter(
            ({ info }) =>
              (op_id === undefined || info.op_id === op_id) &&
              (db === undefined || info.db === db) &&
              (name === undefined || info.name === name) &&
              (pid === undefined || info.pid === pid),
          )
          .map(row),
      }),
    ),
    SetTablePartition: leadsByHand(
      context,
      { name: "string", table_partition: "message", "table_partition.pid": "number" },
      { db: "string" },
      async ({ name, db = "", table_partition }: { readonly name: string; readonly db?: string; readonly table_partition: TablePartition }) => {
        return await context.lock.run(async () => {
          const table = catalog.find(db, name);
          if (table === null) return NO_TABLE;
          const partitions = table.table_partition.map((one) =>
            one.pid === table_partition.pid ? { ...table_partition, term_offset: table_partition.term_offset } : one,
          );
          if (!(await context.store.writeTable({ ...table, table_partition: partitions }))) return { code: 304, msg: "set zk failed" };
          table.table_partition = partitions;
          return OK;
        });
      },
    ),
  };
}

const row = ({ info, tasks }: Operation): object => ({
  op_id: info.op_id,
  op_type: info.work.op_type,
  name: info.name,
  db: info.db,
  pid: info.pid,
  status: info.task_status,
  for_replica_cluster: 0,
  task_type: info.task_status === "kInited" ? "-" : (tasks[0]?.work.type ?? "-"),
  start_time: info.start_time,
  end_time: info.end_time,
});
