import { method, type Method } from "../brpc.ts";
import type { TableMeta, TableMetaRequest, TaskRequest } from "../tablet-messages.ts";
import {
  ADD_TASK_FAILED,
  OK,
  TABLE_ALREADY_EXISTS,
  TABLE_DIRECTORY_DOES_NOT_EXIST,
  TABLE_DOES_NOT_EXIST,
  TABLE_IS_MAKING_SNAPSHOT,
  type Answer,
} from "./codes.ts";
import type { TabletContext } from "./context.ts";
import { META_OPTIONAL, META_REQUIRED, PARTITION, STORED, TASK, type StoredPartitionRequest } from "./shapes.ts";
import type { Table } from "./table.ts";
import { NO_SNAPSHOT } from "./table-files.ts";
import type { EndTask } from "./tasks.ts";

export function tableMethods(context: TabletContext): Readonly<Record<string, Method>> {
  return {
    CreateTable: method(META_REQUIRED, META_OPTIONAL, async ({ table_meta }: TableMetaRequest) => {
      await context.sleep(context.component.durations.task);
      if (context.table(table_meta.tid, table_meta.pid) !== null) return TABLE_ALREADY_EXISTS;
      const table = context.open(table_meta);
      context.files.writeMeta(table.directory, table_meta);
      table.serve();
      context.surroundings.log("INFO", `create table with tid ${String(table.tid)} pid ${String(table.pid)} name ${table_meta.name}`);
      return OK;
    }),
    LoadTable: method(META_REQUIRED, { ...META_OPTIONAL, ...TASK }, (request: TableMetaRequest) => loadTable(context, request)),
    DropTable: method(PARTITION, TASK, ({ tid, pid, task_info }: TaskRequest) => {
      const end = context.tasks.begin(task_info);
      if (end === null) return ADD_TASK_FAILED;
      const table = context.table(tid, pid);
      if (table === null || table.state === "kMakingSnapshot") {
        end("kFailed");
        return table === null ? TABLE_DOES_NOT_EXIST : TABLE_IS_MAKING_SNAPSHOT;
      }
      void context.work().then(() => {
        if (context.table(tid, pid) === table) context.drop(table);
        end("kDone");
      });
      return OK;
    }),
    DeleteBinlog: method(PARTITION, STORED, ({ tid, pid, storage_mode }: StoredPartitionRequest) => {
      context.files.removeBinlog(tid, pid, context.files.directory(tid, pid, storage_mode));
      return OK;
    }),
    GetTableStatus: method({}, { tid: "number", pid: "number" }, ({ tid, pid }: { readonly tid?: number; readonly pid?: number }) => ({
      code: 0,
      all_table_status: context
        .tables()
        .filter((table) => (tid === undefined || table.tid === tid) && (pid === undefined || table.pid === pid))
        .map((table) => statusOf(table)),
    })),
  };
}

const statusOf = (table: Table): object => ({
  tid: table.tid,
  pid: table.pid,
  offset: table.offset,
  mode: table.leads ? "kTableLeader" : "kTableFollower",
  state: table.state,
  is_expire: true,
  time_offset: 0,
  record_cnt: table.rows.count,
  idx_cnt: table.rows.count,
  name: table.meta.name,
  record_byte_size: table.rows.bytes,
  record_idx_byte_size: table.rows.keys * 16,
  record_pk_cnt: table.rows.keys,
  compress_type: "kNoCompress",
  skiplist_height: 1,
  diskused: table.binlog.bytes,
  storage_mode: table.meta.storage_mode ?? "kMemory",
});

/** Facts 6.3.6: nothing is loaded after a start until this; it takes its time, and a failed one removes the table. */
function loadTable(context: TabletContext, { table_meta: asked, task_info }: TableMetaRequest): Answer {
  const end = context.tasks.begin(task_info);
  if (end === null) return ADD_TASK_FAILED;
  const refuse = (answer: Answer): Answer => {
    end("kFailed");
    return answer;
  };
  const directory = context.files.directory(asked.tid, asked.pid, asked.storage_mode);
  if (!context.files.exists(directory)) return refuse(TABLE_DIRECTORY_DOES_NOT_EXIST);
  if (context.table(asked.tid, asked.pid) !== null) return refuse(TABLE_ALREADY_EXISTS);
  // What the request does not say is as it was; the followers are those of the request alone.
  const meta: TableMeta = { ...context.files.meta(directory), ...asked, replicas: asked.replicas ?? [] };
  context.files.writeMeta(directory, meta);
  void load(context, context.open(meta), end);
  return OK;
}

async function load(context: TabletContext, table: Table, end: EndTask): Promise<void> {
  const at = `tid ${String(table.tid)} pid ${String(table.pid)}`;
  const manifest = context.files.manifest(table.directory) ?? NO_SNAPSHOT;
  const snapshot = manifest.name === "" ? [] : context.files.snapshot(table.directory, manifest);
  table.binlog.recover();
  await context.work(manifest.count + table.binlog.entries.length);
  // Dropped meanwhile.
  if (context.table(table.tid, table.pid) !== table) {
    end("kFailed");
    return;
  }
  if (snapshot === null) {
    context.surroundings.log("WARNING", `load table failed: the snapshot ${manifest.name} cannot be read. ${at}`);
    context.drop(table);
    end("kFailed");
    return;
  }
  table.recover(snapshot, manifest.offset);
  table.serve();
  context.surroundings.log("INFO", `load table success. ${at} offset ${String(table.offset)}`);
  end("kDone");
}
