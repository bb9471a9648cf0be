// Rpcs about whole tablets, operations, settings, and tables.
import { method, type Method } from "../../brpc.ts";
import { isHealthy, type Context } from "../context.ts";
import { offlineEndpoint, recoverEndpoint } from "../endpoints.ts";
import type { NameserverFault } from "../faults.ts";
import type { OpStatus } from "../operation.ts";
import type { Operations } from "../operations.ts";
import { createDatabase, createTable, dropDatabase, dropTable, OK, type Refusal, type TableRequest } from "../tables.ts";
import { leads, leadsByHand } from "./leads.ts";

const INVALID: Refusal = { code: 307, msg: "invalid parameter" };
const NO_ENDPOINT: Refusal = { code: 302, msg: "endpoint does not exist" };

interface Endpoint {
  readonly endpoint: string;
  readonly concurrency?: number;
  readonly need_restore?: boolean;
}

export function cluster(
  context: Context,
  operations: Operations,
  keeper: { connect(): Promise<boolean>; disconnect(): void },
): Readonly<Record<string, Method>> {
  const { flags, lock, store, faults } = context;
  const concurrencyOf = ({ concurrency = flags.taskConcurrency }: Endpoint): number | null =>
    concurrency > flags.taskMaxConcurrency ? null : concurrency;
  return {
    OfflineEndpoint: leadsByHand(context, { endpoint: "string" }, { concurrency: "number" }, async (request: Endpoint) => {
      const concurrency = concurrencyOf(request);
      if (concurrency === null) return INVALID;
      if (!context.tablets.has(request.endpoint)) return NO_ENDPOINT;
      await lock.run(() => offlineEndpoint(context, operations, request.endpoint, concurrency));
      return OK;
    }),
    RecoverEndpoint: leadsByHand(context, { endpoint: "string" }, { concurrency: "number", need_restore: "boolean" }, async (request: Endpoint) => {
      const concurrency = concurrencyOf(request);
      if (concurrency === null) return INVALID;
      if (!context.tablets.has(request.endpoint)) return NO_ENDPOINT;
      if (!isHealthy(context, request.endpoint)) return { code: 303, msg: "tablet is not healthy" };
      await lock.run(() => recoverEndpoint(context, operations, request.endpoint, { restoring: request.need_restore === true, concurrency }));
      return OK;
    }),
    CancelOP: leadsByHand(context, { op_id: "number" }, {}, async ({ op_id }: { readonly op_id: number }) =>
      (await operations.cancel(op_id)) ? OK : { code: 312, msg: "op status is not kDoing or kInited" },
    ),
    DeleteOP: leads(
      context,
      {},
      { op_id: "number", status: "TaskStatus", db: "string" },
      async ({ op_id, status = "kInited", db }: { readonly op_id?: number; readonly status?: OpStatus; readonly db?: string }) => {
        if (op_id === undefined && (status === "kInited" || status === "kDoing")) return { code: 307, msg: "cannot delete the Inited OP" };
        const result = await lock.run(() =>
          operations.remove((info) =>
            op_id === undefined ? info.task_status === status && (db === undefined || info.db === db) : info.op_id === op_id,
          ),
        );
        if (result === "zk") return { code: 452, msg: "delete zk op_node failed" };
        return result === "missing" && op_id !== undefined ? { code: 136, msg: "op id does not exist" } : OK;
      },
    ),
    ConfSet: leads(
      context,
      { conf: "message", "conf.key": "string", "conf.value": "string" },
      {},
      ({ conf }: { readonly conf: { readonly key: string; readonly value: string } }) =>
        lock.run(async () => {
          const value = conf.value.toLowerCase();
          if (conf.key !== "auto_failover" || (value !== "true" && value !== "false")) return INVALID;
          if (!(await store.write("config/auto_failover", value))) return { code: 304, msg: "set zk failed" };
          context.autoFailover = value === "true";
          return OK;
        }),
    ),
    SetSdkEndpoint: leads(
      context,
      { server_name: "string", sdk_endpoint: "string" },
      {},
      async ({ server_name, sdk_endpoint }: { readonly server_name: string; readonly sdk_endpoint: string }) => {
        await store.session.ensure(store.path("map/sdkendpoints", server_name), sdk_endpoint);
        return OK;
      },
    ),
    CreateDatabase: leads(context, { db: "string" }, {}, ({ db }: { readonly db: string }) => createDatabase(context, db)),
    DropDatabase: leads(context, { db: "string" }, {}, ({ db }: { readonly db: string }) => dropDatabase(context, db)),
    CreateTable: leads(
      context,
      { table_info: "message", "table_info.name": "string" },
      {
        "table_info.db": "string",
        "table_info.partition_num": "number",
        "table_info.replica_num": "number",
        "table_info.storage_mode": "StorageMode",
        "table_info.table_partition": "list",
      },
      ({ table_info }: { readonly table_info: TableRequest }) => createTable(context, table_info),
    ),
    DropTable: leads(context, { name: "string" }, { db: "string" }, ({ name, db = "" }: { readonly name: string; readonly db?: string }) =>
      dropTable(context, db, name),
    ),
    ConnectZK: method({}, {}, async () => ((await keeper.connect()) ? OK : { code: 326, msg: "connect zk failed" })),
    DisConnectZK: method({}, {}, () => {
      keeper.disconnect();
      return OK;
    }),
    /** Only in the lab: what is to go wrong. */
    LabFault: method({}, { fault: "message" }, ({ fault }: { readonly fault: NameserverFault | null }) => {
      if (fault === null) faults.clear();
      else faults.add(fault);
      return OK;
    }),
  };
}
