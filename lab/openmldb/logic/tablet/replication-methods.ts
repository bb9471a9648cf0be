import { method, type Method } from "../brpc.ts";
import type {
  AppendEntriesReply,
  AppendEntriesRequest,
  ChangeRoleRequest,
  PartitionRequest,
  TaskRequest,
  TermPairReply,
} from "../tablet-messages.ts";
import {
  ADD_TASK_FAILED,
  APPEND_FAILED,
  HAS_NO_FOLLOWER,
  OK,
  REPLICA_ALREADY_EXISTS,
  TABLE_DOES_NOT_EXIST,
  TABLE_IS_FOLLOWER,
  TABLE_IS_LEADER,
  TABLE_IS_LOADING,
  TABLE_IS_NOT_NORMAL,
  type Answer,
} from "./codes.ts";
import type { TabletContext } from "./context.ts";
import type { Table } from "./table.ts";
import { NO_SNAPSHOT } from "./table-files.ts";
import { PARTITION, STORED, TASK, type StoredPartitionRequest } from "./shapes.ts";

export function replicationMethods(context: TabletContext): Readonly<Record<string, Method>> {
  return {
    AppendEntries: method({ ...PARTITION, term: "number" }, { preLogIndex: "number", entries: "list" }, (request: AppendEntriesRequest) =>
      appendEntries(context, request),
    ),
    ChangeRole: method({ ...PARTITION, mode: "TableMode" }, { term: "number", replicas: "list" }, (request: ChangeRoleRequest) =>
      changeRole(context, request),
    ),
    AddReplica: method({ ...PARTITION, endpoint: "string" }, TASK, (request: TaskRequest) =>
      followerTask(context, request, true, (table, endpoint) => (table.addNode(endpoint) ? OK : REPLICA_ALREADY_EXISTS)),
    ),
    DelReplica: method({ ...PARTITION, endpoint: "string" }, TASK, (request: TaskRequest) =>
      followerTask(context, request, false, (table, endpoint) => (table.deleteNode(endpoint) ? OK : { code: 0, msg: "replica does not exist" })),
    ),
    GetTableFollower: method(PARTITION, {}, ({ tid, pid }: PartitionRequest) => {
      const table = context.table(tid, pid);
      if (table === null) return TABLE_DOES_NOT_EXIST;
      if (!table.leads) return TABLE_IS_FOLLOWER;
      if (table.nodes.length === 0) return { ...HAS_NO_FOLLOWER, offset: table.offset };
      return { ...OK, offset: table.offset, follower_info: table.nodes.map((node) => ({ endpoint: node.endpoint, offset: node.lastSyncOffset })) };
    }),
    GetTermPair: method(PARTITION, STORED, ({ tid, pid, storage_mode }: StoredPartitionRequest): TermPairReply => {
      const table = context.table(tid, pid);
      if (table !== null) return { ...OK, has_table: true, is_leader: table.leads, term: table.term, offset: table.offset };
      // Not loaded: the snapshot alone speaks, its binlog does not.
      const directory = context.files.directory(tid, pid, storage_mode);
      const manifest = context.files.manifest(directory);
      const usable = manifest !== null && context.files.read(directory, `snapshot/${manifest.name}`) !== null ? manifest : NO_SNAPSHOT;
      return { code: 0, msg: "table does not exist", has_table: false, is_leader: false, term: usable.term, offset: usable.offset };
    }),
  };
}

function appendEntries(context: TabletContext, request: AppendEntriesRequest): AppendEntriesReply {
  const table = context.table(request.tid, request.pid);
  if (table === null) return TABLE_DOES_NOT_EXIST;
  if (!context.isFollowerCluster && table.leads) return TABLE_IS_LEADER;
  if (table.state === "kTableLoading") return TABLE_IS_LOADING;
  if (!context.isFollowerCluster && request.term < table.term) {
    const terms = `request term ${String(request.term)}, own term ${String(table.term)}`;
    context.surroundings.log("WARNING", `leader id not match: ${terms}. tid ${String(request.tid)} pid ${String(request.pid)}`);
    return APPEND_FAILED;
  }
  const entries = request.entries ?? [];
  // Only a first word without entries carries a term over; a batch with a higher one does not.
  if (entries.length === 0 && (request.preLogIndex ?? 0) === 0) table.follow(request.term);
  else table.apply(entries);
  return { ...OK, logOffset: table.offset, term: table.term };
}

async function changeRole(context: TabletContext, { tid, pid, mode, term, replicas }: ChangeRoleRequest): Promise<Answer> {
  await context.sleep(context.component.durations.task);
  const table = context.table(tid, pid);
  if (table === null) return TABLE_DOES_NOT_EXIST;
  if (table.state !== "kTableNormal") return TABLE_IS_NOT_NORMAL;
  const at = `tid ${String(tid)} pid ${String(pid)}`;
  if (mode === "kTableFollower") {
    if (!table.leads) return { code: 0, msg: "table is follower" };
    table.stopLeading();
    context.surroundings.log("INFO", `change to follower. ${at}`);
    return OK;
  }
  if (table.leads) return TABLE_IS_LEADER;
  table.lead(term ?? 0, replicas ?? []);
  context.surroundings.log("INFO", `change to leader. ${at} term ${String(term ?? 0)}`);
  return OK;
}

async function followerTask(
  context: TabletContext,
  { tid, pid, endpoint, task_info }: TaskRequest,
  many: boolean,
  act: (table: Table, endpoint: string) => Answer,
): Promise<Answer> {
  const end = context.tasks.begin(task_info, many);
  if (end === null) return ADD_TASK_FAILED;
  await context.sleep(context.component.durations.task);
  const table = context.table(tid, pid);
  if (table === null || !table.leads) {
    end("kFailed");
    return table === null ? TABLE_DOES_NOT_EXIST : TABLE_IS_FOLLOWER;
  }
  const answer = act(table, endpoint ?? "");
  end("kDone");
  return answer;
}
