// What the servers answer, as json2pb writes it: unset fields and empty lists are left out, a list of pairs is a map, enums are names (facts 2.1).
import { z } from "zod";

const count = z.number().int().nonnegative();
const list = <T extends z.ZodType>(of: T) => z.array(of).default([]);
const storageMode = z.enum(["kUnknown", "kMemory", "kSSD", "kHDD"]).default("kMemory");

/** Every answer; TermPair and others leave out a code of 0. */
export const outcome = z.object({ code: z.number().int().default(0), msg: z.string().default("") });
export const nothing = z.object({});

export const tabletsReply = z.object({
  tablets: list(
    z.object({
      endpoint: z.string(),
      state: z.enum(["kHealthy", "kOffline"]),
      age: count.default(0),
      real_endpoint: z.string().optional(),
    }),
  ),
});
export const databasesReply = z.object({ db: list(z.string()) });

const partitionMeta = z.object({
  endpoint: z.string(),
  is_leader: z.boolean().default(false),
  is_alive: z.boolean().default(true),
  offset: count.default(0),
  record_cnt: count.default(0),
  record_byte_size: count.default(0),
});
const tablePartition = z.object({
  pid: count,
  partition_meta: list(partitionMeta),
  term_offset: list(z.object({ term: count, offset: count })),
});
export const tablesReply = z.object({
  table_info: list(
    z
      .object({
        name: z.string(),
        db: z.string().default(""),
        tid: count.default(0),
        replica_num: count.optional(),
        storage_mode: storageMode,
        table_partition: list(tablePartition),
      })
      .transform(({ replica_num, ...table }) => ({ ...table, replica_num: replica_num ?? table.table_partition[0]?.partition_meta.length ?? 0 })),
  ),
});
export const confReply = z.object({ conf: z.record(z.string(), z.string()).default({}) });
export const operationsReply = z.object({
  op_status: list(
    z.object({
      op_id: count,
      op_type: z.string().default(""),
      status: z.enum(["kInited", "kDoing", "kDone", "kFailed", "kCanceled"]),
      start_time: count.default(0),
      end_time: count.default(0),
      task_type: z.string().default("-"),
      name: z.string().default(""),
      db: z.string().default(""),
      /** 4294967295: none. */
      pid: count.default(4_294_967_295),
    }),
  ),
});
export const tableStatusReply = z.object({
  all_table_status: list(
    z.object({
      tid: count.default(0),
      pid: count.default(0),
      offset: count.default(0),
      mode: z.enum(["kTableLeader", "kTableFollower"]).default("kTableLeader"),
      state: z.enum(["kTableUndefined", "kTableNormal", "kTableLoading", "kMakingSnapshot", "kSnapshotPaused"]).default("kTableUndefined"),
      record_cnt: count.default(0),
      record_byte_size: count.optional(),
      record_idx_byte_size: count.optional(),
      name: z.string().default(""),
      storage_mode: storageMode,
    }),
  ),
});
export const followersReply = z.object({
  offset: count.default(0),
  follower_info: list(z.object({ endpoint: z.string(), offset: count.default(0) })),
});
export const termPairReply = z.object({
  term: count.default(0),
  offset: count.default(0),
  has_table: z.boolean().default(false),
  is_leader: z.boolean().default(false),
});
/** The taskmanager is written in Java and may name the fields either way. */
export const taskmanagerVersionReply = z.object({ taskmanager_version: z.string().optional(), taskmanagerVersion: z.string().optional() });

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const sqlReply = z.object({
  code: z.number().int(),
  msg: z.string().default(""),
  data: z.object({ data: list(z.array(cell)) }).optional(),
});
