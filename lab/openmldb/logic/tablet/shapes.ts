import type { Fields } from "../brpc.ts";
import type { PartitionRequest, TableMeta } from "../tablet-messages.ts";

export const PARTITION = { tid: "number", pid: "number" } satisfies Fields;
export const STORED = { storage_mode: "StorageMode" } satisfies Fields;
export const TASK = {
  "task_info.op_id": "number",
  "task_info.op_type": "OPType",
  "task_info.task_type": "TaskType",
  "task_info.status": "TaskStatus",
} satisfies Fields;
export const META_REQUIRED = {
  table_meta: "message",
  "table_meta.name": "string",
  "table_meta.tid": "number",
  "table_meta.pid": "number",
} satisfies Fields;
export const META_OPTIONAL = {
  "table_meta.mode": "TableMode",
  "table_meta.storage_mode": "StorageMode",
  "table_meta.term": "number",
  "table_meta.replicas": "list",
} satisfies Fields;

export interface StoredPartitionRequest extends PartitionRequest {
  readonly storage_mode?: TableMeta["storage_mode"];
}
